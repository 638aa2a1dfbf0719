"""The worked cases of the computing rules, each answered through the app."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from case_answers import differs, found, shaped, violation_key
from sandbox_client import Client, moment, open_empty

FOLDER = Path(__file__).parent
CASES: list[dict[str, Any]] = [
    case
    for file in sorted((FOLDER / "cases").glob("*.json"))
    for case in json.loads(file.read_text(encoding="utf-8"))
]
NOT_YET: list[str] = json.loads((FOLDER / "not_yet.json").read_text(encoding="utf-8"))


def cases(*, requested: bool, tools: tuple[str, ...] = ()) -> Any:
    """Return the cases that carry a request, or those of some tools, named by their id."""
    chosen = [
        c for c in CASES if ("request" in c) == requested and c["tool"] in (tools or c["tool"])
    ]
    return pytest.mark.parametrize("case", chosen, ids=[case["id"] for case in chosen])


def opened(case: Mapping[str, Any]) -> Client:
    """Open a sandbox with a case's clock, events, profiles and what is defined over them."""
    project = case["project"]
    client = Client(open_empty(moment(project["now"]), project["timezone"]))
    client.hide(project.get("hidden_events", []))
    setup = dict(case.get("setup", {}))
    client.join_tables(*setup.pop("lookup_tables", []))
    for kind, documents in setup.items():
        numbered = ({"id": number} | each for number, each in enumerate(documents, start=1))
        client.save(kind, *numbered)
    client.load(case["events"])
    for profile in case["profiles"]:
        client.set_profile(profile["distinct_id"], profile["properties"])
    return client


def test_every_case_is_either_run_or_listed_as_not_emulated_yet() -> None:
    """No worked case is lost: 161 in all, each in exactly one of the two lists."""
    ids = [case["id"] for case in CASES] + NOT_YET
    assert len(ids) == len(set(ids)) == 161


@cases(requested=True)
def test_a_query_answers_what_the_rules_say(case: dict[str, Any]) -> None:
    """The numbers of the answer are those of the worked case."""
    client, request = opened(case), case["request"]
    with client.sandbox:
        answer = client.request(
            request["method"],
            request["path"],
            params=request.get("query"),
            json=request.get("body"),
        )
    actual = shaped(case["tool"], answer)
    assert not differs(case["expected"], actual), actual
    assert not [path for path in case.get("absent", []) if found(path, actual)]


@cases(requested=False, tools=("import_events", "track"))
def test_ingestion_takes_what_the_rules_allow(case: dict[str, Any]) -> None:
    """Status, answer, failed records and what is stored are those of the worked case."""
    client = opened(case)
    with client.sandbox:
        actual = client.ingest(case["tool"], case["arguments"])
        if then := case.get("then"):
            answer = client.post("/api/query/insights", then["query"])
            actual["query"] = shaped("query", answer)
    assert not differs(case["expected"], actual), actual


@cases(requested=False, tools=("run_audit",))
def test_an_audit_finds_what_the_rules_say(case: dict[str, Any]) -> None:
    """The violations are those of the worked case, in any order."""
    client = opened(case)
    with client.sandbox:
        answer = client.get("/api/app/projects/1/data-definitions/audit/")
    expected = sorted(case["expected"]["violations"], key=violation_key)
    actual = shaped("run_audit", answer)
    assert not differs({"violations": expected}, actual), actual


@cases(requested=False, tools=("profile_updates",))
def test_profile_operators_leave_what_the_rules_say(case: dict[str, Any]) -> None:
    """The profiles after all updates are exactly those of the worked case."""
    client = opened(case)
    updates = [{"$token": "sandbox", **update} for update in case["arguments"]["updates"]]
    with client.sandbox:
        client.post("/engage", updates)
        assert client.profiles() == case["expected"]["profiles"]


@cases(requested=False, tools=("expression",))
def test_an_expression_has_the_value_the_rules_say(case: dict[str, Any]) -> None:
    """Every expression of the case, compiled to SQL, gives the expected value."""
    client = opened(case)
    with client.sandbox:
        actual = client.evaluate(case["arguments"])
    assert not differs(case["expected"]["values"], actual), actual


@cases(requested=False, tools=("custom_property_formula",))
def test_a_custom_property_has_the_value_the_rules_say(case: dict[str, Any]) -> None:
    """Every formula of the case, over the case's inputs, gives the expected value."""
    client, arguments = opened(case), case["arguments"]
    with client.sandbox:
        client.hold(arguments["inputs"])
        actual = [client.computed(text, arguments["inputs"]) for text in arguments["formulas"]]
    assert not differs(case["expected"]["values"], actual), actual
