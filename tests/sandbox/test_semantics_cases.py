"""The worked cases of the computing rules, each answered through the real server."""

import json
from pathlib import Path
from typing import Any

import pytest
from cases import disagreement, main

FOLDER = Path(__file__).parent
FILES = sorted((FOLDER / "worked").glob("*.json"))
CASES: list[dict[str, Any]] = [
    case for file in FILES for case in json.loads(file.read_text("utf-8"))
]


def test_no_worked_case_is_lost() -> None:
    """The rules have 161, of rules that meet there are 16, and none stands twice."""
    assert len({case["id"] for case in CASES}) == len(CASES) == 161 + 16


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_the_answer_is_what_the_rules_say(case: dict[str, Any]) -> None:
    """Numbers, lists and records are those of the worked case."""
    assert disagreement(case) is None


def test_the_command_tells_what_disagrees(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Any file of that form can be run: what is wrong is printed, and what cannot be run too."""
    right = next(case for case in CASES if case["id"] == "I01")
    wrong = {**right, "id": "wrong", "expected": {"metrics": [{"2026-02-02": 4}]}}
    unknown = {**right, "id": "unknown", "tool": "no_such_tool"}
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([right, wrong, unknown]), encoding="utf-8")
    assert main(str(file)) == 1
    printed = capsys.readouterr().out
    assert "wrong (query): " in printed
    assert 'expected {"metrics": [{"2026-02-02": 4}]}' in printed
    assert "no_such_tool" in printed
    assert printed.endswith("1/3 cases agree\n")
