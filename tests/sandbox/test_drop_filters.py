"""Drop filters: what they throw away on arrival, and what they do not."""

from typing import Any

import pytest
from sandbox_client import NOW, Client, results_of

BASE = "/api/app/projects/1/data-definitions/events/drop-filters/"
TEST = {"property": "env", "operator": "equals", "value": "test"}


def filtering(client: Client, event_name: str, filters: Any = None) -> list[dict[str, Any]]:
    """Create a drop filter and return all of them."""
    return results_of(client.post(BASE, {"event_name": event_name, "filters": filters}))


def arriving(client: Client, *events: tuple[str, dict[str, Any]]) -> list[tuple[str, Any]]:
    """Import events and return name and `env` of those that were stored."""
    records = [
        {
            "event": name,
            "properties": {
                "time": int(NOW.timestamp()) - 60,
                "distinct_id": "u",
                "$insert_id": f"i-{number}",
                **properties,
            },
        }
        for number, (name, properties) in enumerate(events)
    ]
    answer = client.post("/import", records).json()
    assert answer["num_records_imported"] == len(records), answer
    return [(line["event"], line["properties"].get("env")) for line in client.exported()]


def test_a_filter_is_told_whole_and_every_change_tells_all(client: Client) -> None:
    """Names are those of the event, and a filter begins active."""
    filtering(client, "Ping", [TEST])
    first = {
        "id": 1,
        "eventName": "Ping",
        "filters": [TEST],
        "active": True,
        "displayName": "Ping",
        "created": "2026-03-01T00:00:00",
    }
    second = {**first, "id": 2, "eventName": "Pong", "displayName": "Pong", "filters": []}
    assert filtering(client, "Pong") == [first, second]
    changed = client.request("PATCH", BASE, json={"id": 1, "active": False}).json()["results"]
    assert changed == [{**first, "active": False}, second]
    left = client.request("DELETE", BASE, json={"id": 1}).json()["results"]
    assert left == client.get(BASE).json()["results"] == [second]


def test_matching_events_count_as_imported_and_are_not_stored(client: Client) -> None:
    """All conditions must hold; a value is compared as text, an item of a list is enough."""
    filtering(client, "Ping", [TEST, {"property": "n", "operator": "equals", "value": [1, 2]}])
    kept = arriving(
        client,
        ("Ping", {"env": "Test", "n": 2.0}),
        ("Ping", {"env": ["live", "test"], "n": "1"}),
        ("Ping", {"env": "test", "n": 3}),
        ("Ping", {"env": "live", "n": 1}),
        ("Ping", {"n": 1}),
        ("Pong", {"env": "test", "n": 1}),
    )
    assert sorted(map(str, kept)) == [
        "('Ping', 'live')",
        "('Ping', 'test')",
        "('Ping', None)",
        "('Pong', 'test')",
    ]


def test_without_conditions_every_event_of_the_name_is_dropped(client: Client) -> None:
    """Until the filter is switched off; what was stored before stays."""
    client.load(
        [{"event": "Ping", "distinct_id": "u", "time": "2026-02-28T00:00:00Z", "properties": {}}]
    )
    filtering(client, "Ping", [])
    assert arriving(client, ("Ping", {"env": "lost"})) == [("Ping", None)]
    client.request("PATCH", BASE, json={"id": 1, "active": False})
    assert arriving(client, ("Ping", {"env": "kept"})) == [("Ping", None), ("Ping", "kept")]


def test_a_project_has_fifteen_filters_at_most(client: Client) -> None:
    """The limit is told, and enforced."""
    assert client.get(f"{BASE}limits/").json()["results"] == {"filterLimit": 15}
    for number in range(15):
        filtering(client, f"E{number}")
    answer = client.post(BASE, {"event_name": "E15", "filters": []})
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "A project may have at most 15 drop filters",
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"filters": []}, "event_name is required"),
        ({"event_name": " "}, "event_name is required"),
        ({"event_name": "E", "filters": "x"}, "filters must be a list of conditions"),
        ({"event_name": "E", "filters": ["x"]}, "a condition must be an object, not 'x'"),
        ({"event_name": "E", "filters": [{"value": 1}]}, "property of a condition is required"),
        ({"event_name": "E", "filters": [TEST] * 16}, "there may be at most 15 conditions"),
        ({"event_name": "E", "filters": [TEST | {"value": {}}]}, "{} is no text to compare with"),
        (
            {"event_name": "E", "filters": [TEST | {"operator": "contains"}]},
            "operator must be equals, not 'contains'",
        ),
    ],
)
def test_a_malformed_filter_is_refused(client: Client, body: dict[str, Any], words: str) -> None:
    """Nothing is stored of it."""
    answer = client.post(BASE, body)
    assert (answer.status_code, answer.json()["error"]) == (400, words)
    assert client.get(BASE).json()["results"] == []


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_filter_that_is_not_there_is_not_found(client: Client, method: str) -> None:
    """By its number, which is required."""
    assert client.request(method, BASE, json={"id": 9}).status_code == 404
    assert client.request(method, BASE, json={}).status_code == 400
