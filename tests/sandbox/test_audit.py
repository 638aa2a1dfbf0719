"""The audit of the last thirty days against the registered schemas."""

from typing import Any

import pytest
from sandbox_client import Client, results_of

BASE = "/api/app/projects/1"
AUDIT = f"{BASE}/data-definitions/audit/"


def register(client: Client, name: str, *required: str, **types: Any) -> None:
    """Register the schema of an event."""
    properties = {each: {"type": kind} for each, kind in types.items()}
    schema = {"properties": properties, "required": list(required)}
    answer = client.post(f"{BASE}/schemas/event/{name}", schema)
    assert answer.status_code == 200, answer.text


def happened(client: Client, event: str, day: str = "2026-02-20", **properties: Any) -> None:
    """Store one event."""
    moment = f"{day}T12:00:00Z"
    client.load([{"event": event, "distinct_id": "u", "time": moment, "properties": properties}])


def violations(client: Client, path: str = AUDIT) -> list[tuple[Any, ...]]:
    """Return kind, event, name and count of what an audit finds."""
    found, about = results_of(client.get(path))
    assert about == {"computed_at": "2026-03-01T00:00:00Z"}
    return [(v["violation"], v.get("event"), v["name"], v["count"]) for v in found]


def test_an_audit_needs_a_schema(client: Client) -> None:
    """Without any there is nothing to compare with."""
    happened(client, "Buy")
    answer = client.get(AUDIT)
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "There is no schema to compare the data with",
    )


def test_events_only_tells_which_events_no_schema_knows(client: Client) -> None:
    """Mixpanel's own events are expected, and properties are not looked at."""
    register(client, "Buy", "amount", amount="number")
    for event in ("Buy", "Ghost", "Ghost", "$experiment_started"):
        happened(client, event)
    path = f"{BASE}/data-definitions/audit-events-only/"
    assert violations(client, path) == [("Unexpected Event", None, "Ghost", 2)]


def test_thirty_days_are_looked_at(client: Client) -> None:
    """Today is one of them."""
    register(client, "Buy")
    happened(client, "Ghost", "2026-01-30")
    happened(client, "Ghost", "2026-01-31")
    assert violations(client) == [("Unexpected Event", None, "Ghost", 1)]


def test_a_schema_without_events_is_kept(client: Client) -> None:
    """What never came violates nothing."""
    register(client, "Buy", "amount", amount="number")
    assert violations(client) == []


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("string", ["a", ""], [1, True, ["a"], {"a": 1}]),
        ("number", [1, 1.5], ["1", False]),
        ("integer", [1, 2.0], [1.5, "1"]),
        ("boolean", [True], ["true", 1]),
        ("array", [[1], []], ["a", {"a": 1}]),
        ("object", [{"a": 1}], [[1], "a"]),
        (["string", "number"], ["a", 1], [True]),
        (["number", "integer"], [1.5], ["a"]),
        (["string", "null"], ["a"], [1]),
        ("null", ["a", 1, True], []),
    ],
)
def test_a_value_must_be_of_its_type(
    client: Client, kind: Any, good: list[Any], bad: list[Any]
) -> None:
    """Null always is."""
    register(client, "Buy", v=kind)
    for value in [*good, *bad, None]:
        happened(client, "Buy", v=value)
    happened(client, "Buy")
    expected = [("Unexpected Type for Property", "Buy", "v", len(bad))] if bad else []
    assert violations(client) == expected


def test_properties_are_unexpected_or_missing(client: Client) -> None:
    """Names of Mixpanel's own never count; a required one that is null is there."""
    register(client, "Buy", "amount", amount="number")
    happened(client, "Buy", amount=1, color="red", **{"$os": "iOS", "mp_lib": "web"})
    happened(client, "Buy", amount=None, color="red")
    happened(client, "Buy")
    assert violations(client) == [
        ("Unexpected Property", "Buy", "color", 2),
        ("Missing Property", "Buy", "amount", 1),
    ]
