"""Saved reports answer what their bookmark asks, on the paths that clients run them by."""

import json
from typing import Any

import pytest
from report_bodies import body, events, funnel, metric
from retention_asked import Asked
from sandbox_client import Client

FUNNEL = body(funnel("A", "B"), chart="funnel-steps")["bookmark"]
INSIGHTS = body(metric("A"), chart="bar")["bookmark"]


def save(client: Client) -> None:
    """Save a report of each kind."""
    reports = {"insights": INSIGHTS, "funnels": FUNNEL, "flows": {}}
    for number, (kind, params) in enumerate(reports.items(), start=1):
        report = {"id": number, "type": kind, "name": kind.title(), "params": json.dumps(params)}
        client.save("bookmarks", report)


def steps(client: Client, **query: Any) -> Any:
    """The answer for the saved funnel, its steps as counts."""
    days = {"from_date": "2026-02-02", "to_date": "2026-02-04"}
    answer = client.get("/api/query/funnels", funnel_id=2, **(days | query))
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    return {
        day: {
            name: [s["count"] for s in found] for name, found in node.items() if name != "analysis"
        }
        for day, node in data.items()
    }


def test_a_saved_insights_report_answers_like_its_bookmark(client: Client) -> None:
    """Params are an object or the JSON text of one."""
    client.load(events("A"))
    save(client)
    client.save("bookmarks", {"id": 9, "type": "insights", "params": INSIGHTS})
    sent = client.post("/api/query/insights", {"bookmark": INSIGHTS}).json()
    assert sent["series"] == {"A": {"all": 1}}
    for number in (1, 9):
        assert client.get("/api/query/insights", bookmark_id=number).json() == sent


@pytest.mark.parametrize(
    ("path", "query", "status", "sentence"),
    [
        ("insights", {}, 400, "Missing required parameter: bookmark_id"),
        ("insights", {"bookmark_id": "one"}, 400, "bookmark_id must be a number, not 'one'"),
        ("insights", {"bookmark_id": 8}, 404, "Report 8 not found"),
        ("insights", {"bookmark_id": 2}, 400, "Report 2 is one of type 'funnels', not 'insights'."),
        (
            "retention",
            {"bookmark_id": 1},
            400,
            "Report 1 is one of type 'insights', not 'retention'.",
        ),
        ("funnels", {"funnel_id": 2}, 400, "Missing required parameter: from_date"),
        ("funnels", {"funnel_id": 1}, 400, "Report 1 is one of type 'insights', not 'funnels'."),
    ],
)
def test_what_cannot_be_run_says_why(
    client: Client, path: str, query: dict[str, Any], status: int, sentence: str
) -> None:
    """An unknown number is 404, anything else wrong 400."""
    save(client)
    answer = client.get(f"/api/query/{path}", **query)
    assert (answer.status_code, answer.json()["error"]) == (status, sentence)


def test_a_saved_funnel_is_answered_once_per_day(client: Client) -> None:
    """Each day has its own funnel: whole seconds, and where most people are lost."""
    client.load(events("A", "B") + events("A", who="u2"))
    save(client)
    days = {"from_date": "2026-02-02", "to_date": "2026-02-02"}
    answer = client.get("/api/query/funnels", funnel_id=2, **days).json()
    first = {"count": 2, "step_conv_ratio": 1, "overall_conv_ratio": 1}
    then = {"count": 1, "step_conv_ratio": 0.5, "overall_conv_ratio": 0.5}
    assert answer == {
        "computed_at": "2026-03-01T00:00:00+00:00",
        "meta": {"dates": ["2026-02-02"]},
        "data": {
            "2026-02-02": {
                "steps": [
                    {
                        **first,
                        "avg_time": None,
                        "avg_time_from_start": None,
                        "goal": "A",
                        "event": "A",
                    },
                    {**then, "avg_time": 0, "avg_time_from_start": 0, "goal": "B", "event": "B"},
                ],
                "analysis": {"completion": 1, "starting_amount": 2, "steps": 2, "worst": 1},
            }
        },
    }


def test_a_saved_retention_report_is_answered_without_its_envelope(client: Client) -> None:
    """The cohorts stand at the root of the answer."""
    client.load(events("S") + events("O", day="2026-02-03"))
    asked = Asked(last="2026-02-02").body()
    report = {"id": 5, "type": "retention", "name": "R", "params": asked["bookmark"]}
    client.save("bookmarks", report)
    sent = client.post("/api/query/insights", asked).json()["series"]["S and then O"]
    assert sent["2026-02-02T00:00:00+00:00"] == {"first": 1, "counts": [0, 1], "rates": [0, 1]}
    assert client.get("/api/query/retention", bookmark_id=5).json() == sent


def test_a_person_enters_a_saved_funnel_every_day(client: Client) -> None:
    """Longer stretches count people once; a step may come after the last day."""
    client.load(events("A") + events("A", day="2026-02-03") + events("B", day="2026-02-05"))
    save(client)
    assert steps(client) == {
        "2026-02-02": {"steps": [1, 1]},
        "2026-02-03": {"steps": [1, 1]},
        "2026-02-04": {"steps": [0, 0]},
    }
    assert steps(client, interval=2) == {
        "2026-02-02": {"steps": [1, 1]},
        "2026-02-04": {"steps": [0, 0]},
    }
    assert steps(client, unit="week", length=2) == {"2026-02-02": {"steps": [1, 0]}}


def test_a_saved_funnel_takes_expressions(client: Client) -> None:
    """`where` picks events before any step is looked for, `on` the segments of attempts."""
    client.load(events("A", x=1) + events("A", who="u2", x=2) + events("B", who="u2", x=3))
    save(client)
    assert steps(client, unit="month", where='properties["x"] < 3') == {
        "2026-02-01": {"steps": [2, 0]}
    }
    assert steps(client, unit="month", on='properties["x"] * 10') == {
        "2026-02-01": {"$overall": [2, 1], "10": [1, 0], "20": [1, 1]}
    }


def test_saved_funnels_are_listed(client: Client) -> None:
    """The list has funnels only."""
    save(client)
    assert client.get("/api/query/funnels/list").json() == [{"funnel_id": 2, "name": "Funnels"}]
