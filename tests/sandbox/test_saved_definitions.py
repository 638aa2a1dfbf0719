"""Saved metrics and behaviors: kept under numbers, and measured by reports that name them."""

from typing import Any

import httpx
import pytest
from report_bodies import body, events, formula, funnel, metric
from sandbox_client import Client

BASE = "/api/app/projects/1"
USER = {"id": 1, "name": "Sandbox User", "email": "sandbox@example.com"}
STEPS = funnel("A", "B")["behavior"]


def without_type(clause: dict[str, Any]) -> dict[str, Any]:
    """A metric as it is saved: behavior and measurement alone."""
    return {key: clause[key] for key in ("behavior", "measurement")}


def posted(client: Client, kind: str, **fields: Any) -> httpx.Response:
    """Save a metric or a behavior."""
    return client.post(f"{BASE}/{kind}", {"name": "N", **fields})


def saved(client: Client, kind: str, **fields: Any) -> dict[str, Any]:
    """The one that was saved."""
    answer = posted(client, kind, **fields)
    assert answer.status_code == 200, answer.text
    (entity,) = answer.json()["results"].values()
    return entity


def series(client: Client, *show: dict[str, Any], **parts: Any) -> Any:
    """The series of a report, each metric a total."""
    answer = client.post("/api/query/insights", body(*show, chart="bar", **parts))
    assert answer.status_code == 200, answer.text
    return answer.json()["series"]


def test_answers_are_keyed_by_number(client: Client) -> None:
    """Also that about a single one."""
    definition = without_type(metric("A"))
    entity = saved(client, "metrics", type="metric", definition=definition)
    assert client.get(f"{BASE}/metrics/1").json() == {"status": "ok", "results": {"1": entity}}
    assert client.get(f"{BASE}/metrics").json() == {"status": "ok", "results": {"1": entity}}
    assert entity == {
        "id": 1,
        "type": "metric",
        "name": "N",
        "description": "",
        "definition": definition,
        "contacts": [],
        "created": "2026-03-01T00:00:00",
        "created_by": USER,
        "modified": "2026-03-01T00:00:00",
        "owned_by": None,
        "verified": False,
        "last_verified": None,
        "last_verified_by": None,
        "is_visible": True,
        "is_locked": False,
        "can_view": True,
        "can_update_basic": True,
        "can_share": True,
    }


def test_owner_and_mark_are_set_by_a_change(client: Client) -> None:
    """Who marked it, and when, is remembered."""
    saved(client, "metrics", type="metric", definition=without_type(metric("A")))
    change = {"owned_by": {"id": 1}, "verified": True}
    answer = client.request("PATCH", f"{BASE}/metrics/1", json=change).json()["results"]["1"]
    told = {key: answer[key] for key in ("owned_by", "verified", "last_verified_by")}
    assert told == {"owned_by": USER, "verified": True, "last_verified_by": USER}
    assert answer["last_verified"] == "2026-03-01T00:00:00"


@pytest.mark.parametrize("kind", ["metrics", "behaviors"])
def test_several_are_changed_and_deleted_at_once_or_not_at_all(client: Client, kind: str) -> None:
    """An unknown number keeps all as they are."""
    fields: dict[str, Any] = {"type": "metric", "definition": without_type(metric("A"))}
    if kind == "behaviors":
        fields = {"type": "funnel", "definition": {"behavior": STEPS}}
    for _ in range(2):
        saved(client, kind, **fields)
    path = f"{BASE}/{kind}"
    wrong = {kind: [{"id": 1, "name": "X"}, {"id": 9}]}
    for method in ("PATCH", "DELETE"):
        assert client.request(method, path, json=wrong).status_code == 404
    right = {kind: [{"id": 1, "name": "X"}, {"id": 2, "verified": True}]}
    answer = client.request("PATCH", path, json=right).json()["results"]
    assert [(each["name"], each["verified"]) for each in answer.values()] == [
        ("X", False),
        ("N", True),
    ]
    assert client.request("DELETE", path, json=right).status_code == 204
    assert client.get(path).json()["results"] == {}
    assert client.get(f"{path}/1").status_code == 404


def test_a_report_measures_a_saved_metric(client: Client) -> None:
    """Under its name and by its definition, but for what the reference replaces."""
    client.load(events("A", "A") + events("A", who="u2"))
    saved(client, "metrics", name="As", type="metric", definition=without_type(metric("A")))
    reference = {"type": "metric", "id": 1}
    assert series(client, reference) == {"As": {"all": 3}}
    people = {"name": "People", "measurement": {"math": "unique"}}
    assert series(client, {**reference, "overrides": people}) == {"People": {"all": 2}}


def test_a_report_computes_a_saved_formula(client: Client) -> None:
    """It has metrics of its own, which may be saved ones; beside it others are shown."""
    client.load(events("A", "A", "B"))
    saved(client, "metrics", name="As", type="metric", definition=without_type(metric("A")))
    ratio = formula("A / B", {"type": "metric", "id": 1}, metric("B"))
    inner = {key: ratio[key] for key in ("definition", "referencedMetrics")}
    saved(client, "metrics", name="Ratio", type="formula", definition={"formula": inner})
    shown = series(client, {"type": "formula", "id": 2}, metric("B"))
    assert shown == {"Ratio": {"all": 2}, "B": {"all": 1}}


def test_reports_measure_saved_behaviors(client: Client) -> None:
    """A set of events in a metric, a funnel in a report of its own, and in a saved one."""
    client.load(events("A", "B") + events("A", who="u2"))
    both = {"type": "simple", "behaviors": [metric("A")["behavior"], metric("B")["behavior"]]}
    saved(client, "behaviors", name="Both", type="simple", definition={"behavior": both})
    saved(client, "behaviors", name="Way", type="funnel", definition={"behavior": STEPS})
    counted = {"behavior": {"type": "simple", "id": 1}, "measurement": {"math": "total"}}
    assert series(client, counted) == {"Both": {"all": 3}}
    way = {"behavior": {"type": "funnel", "id": 2}, "measurement": {"math": "unique"}}
    asked = body(way, chart="funnel-steps")
    answer = client.post("/api/query/insights", asked).json()["series"]
    assert (
        answer
        == client.post("/api/query/insights", body(funnel("A", "B"), chart="funnel-steps")).json()[
            "series"
        ]
    )
    client.save("bookmarks", {"id": 1, "type": "insights", "params": asked["bookmark"]})
    assert client.get("/api/query/insights", bookmark_id=1).json()["series"] == answer


@pytest.mark.parametrize(
    ("clause", "sentence"),
    [
        ({"type": "metric", "id": 4}, "Metric 4 not found"),
        ({"type": "formula", "id": 1}, "Metric 1 is one of type 'metric', not 'formula'."),
        ({"behavior": {"type": "simple", "id": 4}}, "Behavior 4 not found"),
        ({"type": "warehouse", "id": 2}, "The sandbox does not emulate warehouse metrics yet."),
    ],
)
def test_a_wrong_reference_is_refused(
    client: Client, clause: dict[str, Any], sentence: str
) -> None:
    """The number must be there, and be one of the type."""
    saved(client, "metrics", type="metric", definition=without_type(metric("A")))
    query = {"query": "select 1", "metricType": "numeric"}
    saved(client, "metrics", type="warehouse", definition=query, warehouse_source_id=3)
    answer = client.post("/api/query/insights", body(clause))
    assert (answer.status_code, answer.json()["error"]) == (400, sentence)


@pytest.mark.parametrize(
    ("kind", "fields", "sentence", "path"),
    [
        ("metrics", {"definition": {}}, "type is required", None),
        (
            "metrics",
            {"type": "metric", "definition": {"behavior": {"type": "event"}}},
            "'measurement' is a required property",
            [],
        ),
        (
            "metrics",
            {"type": "formula", "definition": {"formula": {"definition": "A"}}},
            "a formula needs metrics",
            ["formula"],
        ),
        (
            "metrics",
            {"type": "warehouse", "definition": {"query": "q", "metricType": "numeric"}},
            "warehouse_source_id is required",
            None,
        ),
        (
            "behaviors",
            {"type": "simple", "definition": {"behavior": STEPS}},
            "'funnel' is not 'simple'",
            ["behavior", "type"],
        ),
        (
            "behaviors",
            {"type": "funnel", "definition": {}},
            "'behavior' is a required property",
            [],
        ),
        (
            "behaviors",
            {"type": "funnel", "definition": {"behavior": STEPS}, "name": "x" * 256},
            "name may have at most 255 characters",
            None,
        ),
    ],
)
def test_a_malformed_definition_is_refused_with_its_place(
    client: Client, kind: str, fields: dict[str, Any], sentence: str, path: list[str] | None
) -> None:
    """Where in the definition it is wrong stands in the details, as Mixpanel has it."""
    answer = posted(client, kind, **fields)
    told = answer.json()
    assert (answer.status_code, told["error"]) == (400, sentence)
    assert told.get("details", {}).get("path") == path
    assert client.get(f"{BASE}/{kind}").json()["results"] == {}
