"""Deletion requests: previewed, submitted, withdrawn, executed."""

from datetime import timedelta
from typing import Any

import pytest
from report_bodies import body, metric
from sandbox_client import NOW, Client, results_of

BASE = "/api/app/projects/1/data-definitions/events/deletion-requests/"
DAYS = {"fromDate": "2026-02-02", "toDate": "2026-02-03"}
LIVE = {"property": "env", "operator": "equals", "value": "live"}


@pytest.fixture(autouse=True)
def stored(client: Client) -> None:
    """An event of each environment on each of four days, and another event."""
    client.load(
        [
            {
                "event": event,
                "distinct_id": "u",
                "time": f"2026-02-0{day}T23:59:00Z",
                "properties": {"env": env, "$insert_id": f"{event}{day}{env}"},
            }
            for event in ("A", "B")
            for day in (1, 2, 3, 4)
            for env in ("live", "test")
        ]
    )


def asked(client: Client, **fields: Any) -> Any:
    """Submit a request for the events A and return all requests."""
    return results_of(client.post(BASE, {"eventName": "A", **DAYS, **fields}))


def left(client: Client) -> list[str]:
    """Return the insert ids of the events A that an export still has."""
    lines = client.exported()
    return sorted(line["properties"]["$insert_id"] for line in lines if line["event"] == "A")


def test_a_request_is_executed_when_its_status_is_asked_for(client: Client) -> None:
    """Both days are included; queries and exports have lost the events."""
    submitted = asked(client)
    whole = {
        "id": 1,
        "displayName": "A",
        "eventName": "A",
        **DAYS,
        "filters": None,
        "status": "Submitted",
        "deletedEventsCount": 0,
        "created": "2026-03-01T00:00:00",
        "requestingUser": {"id": 1, "name": "Sandbox User", "email": "sandbox@example.com"},
    }
    assert submitted == [whole]
    assert len(left(client)) == 8
    done = client.get(BASE).json()["results"]
    assert done == [{**whole, "status": "Completed", "deletedEventsCount": 4}]
    assert left(client) == ["A1live", "A1test", "A4live", "A4test"]
    assert len([line for line in client.exported() if line["event"] == "B"]) == 8
    month = {"dateRangeType": "between", "unit": "day", "value": ["2026-02-01", "2026-02-28"]}
    report = body(metric("A"), metric("B"), time=[month], chart="bar")
    series = client.post("/api/query/insights", report).json()["series"]
    assert {name: node["all"] for name, node in series.items()} == {"A": 4, "B": 8}


@pytest.mark.parametrize(
    "filters",
    [LIVE, {"items": [LIVE]}, {"filters": [LIVE, {**LIVE, "operator": "is set"}]}],
    ids=["one condition", "items", "filters"],
)
def test_only_events_that_meet_all_conditions_go(client: Client, filters: dict[str, Any]) -> None:
    """The preview tells how many, and changes nothing."""
    scope = {"eventName": "A", **DAYS, "filters": filters}
    preview = client.post(f"{BASE}preview-filters/", scope).json()["results"]
    assert preview == [{**scope, "matchedEventsCount": 2}]
    assert len(left(client)) == 8
    asked(client, filters=filters)
    assert client.get(BASE).json()["results"][0]["deletedEventsCount"] == 2
    assert left(client) == ["A1live", "A1test", "A2test", "A3test", "A4live", "A4test"]


def test_a_request_is_withdrawn_before_it_is_executed(client: Client) -> None:
    """Afterwards it is too late."""
    asked(client)
    assert client.request("DELETE", BASE, json={"id": 1}).json()["results"] == []
    assert client.get(BASE).json()["results"] == []
    assert len(left(client)) == 8
    asked(client)
    client.get(BASE)
    answer = client.request("DELETE", BASE, json={"id": 2})
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "Deletion request 2 is Completed and cannot be cancelled",
    )
    assert client.request("DELETE", BASE, json={"id": 3}).status_code == 404


def test_what_arrives_later_stays(client: Client) -> None:
    """A request is about what was stored when it was executed."""
    asked(client)
    client.get(BASE)
    event = {"event": "A", "distinct_id": "u", "time": "2026-02-02T12:00:00Z"}
    client.load([{**event, "properties": {"$insert_id": "late"}}])
    client.get(BASE)
    assert "late" in left(client)


def test_ten_requests_a_month_are_taken(client: Client) -> None:
    """The eleventh is refused."""
    for _ in range(10):
        asked(client)
    answer = client.post(BASE, {"eventName": "A", **DAYS})
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "A project may submit at most 10 deletion requests a month",
    )


def test_half_a_year_back_is_taken(client: Client) -> None:
    """One day more is refused; a time of day is allowed."""
    first = NOW.date() - timedelta(days=180)
    asked(client, fromDate=f"{first} 00:00:00")
    early = {"eventName": "A", **DAYS, "fromDate": str(first - timedelta(days=1))}
    answer = client.post(BASE, early)
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "fromDate may lie at most 180 days back",
    )


@pytest.mark.parametrize("path", [BASE, f"{BASE}preview-filters/"])
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"eventName": ""}, "eventName is required"),
        ({"fromDate": "2026-02-04"}, "Invalid range: toDate 2026-02-03 lies before fromDate 2026"),
        ({"toDate": "9999-12-31"}, "Dates must lie in the years 2 to 9998."),
        ({"toDate": "2026-02-30"}, "toDate must be a day, YYYY-MM-DD, not '2026-02-30'"),
        ({"toDate": None}, "toDate must be a day, YYYY-MM-DD, not None"),
        ({"filters": {"selector": "x"}}, "property of a condition is required"),
        ({"filters": {**LIVE, "operator": "like"}}, "operator must be one of equals, "),
        ({"filters": {**LIVE, "property": "$time"}}, "$time is no property to filter by here"),
    ],
)
def test_a_malformed_request_is_refused(
    client: Client, path: str, fields: dict[str, Any], words: str
) -> None:
    """The preview checks the same."""
    answer = client.post(path, {"eventName": "A", **DAYS, **fields})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(words)


def test_an_operator_nearly_right_is_answered_with_the_right_one(client: Client) -> None:
    """There are too many of them to find it in the list."""
    condition = {**LIVE, "operator": "equal"}
    answer = client.post(
        f"{BASE}preview-filters/", {"eventName": "A", **DAYS, "filters": condition}
    )
    assert answer.json()["error"].endswith("not 'equal'. Did you mean 'equals'?")
