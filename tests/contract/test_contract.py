"""Every documented example of every operation that is built, through the real server."""

import json
from pathlib import Path
from typing import Any

import pytest
from examples import assert_agrees, main

from mixpanel_mcp.published import names

pytestmark = pytest.mark.anyio

HERE = Path(__file__).parent
BEYOND = {
    "explain_session",
    "create_board",
    "draw_chart",
    "save_query",
    "search_entities",
    "upload_lookup_rows",
    "import_file",
    "read_result",
    "query_result",
    "export_result",
    "start_export",
    "get_export",
    "list_exports",
    "cancel_export",
    "preview_change",
    "list_changes",
    "undo_change",
    "query_targets",
}


CASES: list[dict[str, Any]] = [
    case
    for path in sorted((HERE / "cases").glob("*.json"))
    for case in json.loads(path.read_text("utf-8"))
]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])
async def test_case_sends_and_answers_what_is_documented(
    case: dict[str, Any], tmp_path: Path
) -> None:
    """The requests are those of the contract, and so are value, table or error, and all files."""
    await assert_agrees(case, tmp_path)


def test_the_command_tells_what_disagrees(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Any file of that form can be run: each disagreement is printed with its place."""
    right = next(case for case in CASES if case["tool"] == "funnels")
    wrong = json.loads(json.dumps(right)) | {"id": "wrong"}
    wrong["requests"][0]["query"]["project_id"] = "777"
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([right, wrong]), encoding="utf-8")
    assert main(str(file)) == 1
    assert capsys.readouterr().out == (
        "wrong (funnels)\n"
        "  AssertionError: [0].query.project_id: expected '777'\n  got '12345'\n\n"
        "1/2 cases agree\n"
    )


def test_all_operations_of_the_contract_are_built() -> None:
    """No operation is missing, and those beyond the contract are named above."""
    known = {each["name"] for each in json.loads((HERE / "operations.json").read_text("utf-8"))}
    typed = {name for name, toolset in names().items() if toolset == "queries"}
    assert known | typed | BEYOND == set(names())
