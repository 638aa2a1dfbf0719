"""The activity feed: whose events are listed, which of them, and how pages follow each other."""

from typing import Any

import pytest
from report_bodies import condition
from sandbox_client import Client

PATH = "/api/query/stream/bookmark"
FEBRUARY = {"type": "between", "from": "2026-02-01", "to": "2026-02-28"}


def did(person: str, name: str, time: str, **properties: Any) -> dict[str, Any]:
    """Return an event; `time` is a day of February and an hour, such as `02 10:30`."""
    stamp = f"2026-02-{time.replace(' ', 'T')}:00Z"
    return {"event": name, "distinct_id": person, "time": stamp, "properties": properties}


def page(client: Client, *people: str, days: Any = FEBRUARY, **body: Any) -> Any:
    """A page of what some people did."""
    asked = {"bookmark": {"dateRange": days, "entries": []}, "distinct_ids": people, "mode": "raw"}
    answer = client.post(PATH, asked | body)
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def names(client: Client, *people: str, **more: Any) -> list[str]:
    """The names of the events of a page."""
    return [each["event"] for each in page(client, *people, **more)["events"]]


def test_an_event_is_told_with_all_that_it_has(client: Client) -> None:
    """A device is its user, under the one id and the other; hidden events are told, too."""
    client.hide(["Seen"])
    event = did("", "Seen", "02 10:00", **{"$insert_id": "i1", "x": [1], "$device_id": "d"})
    client.load([event, did("", "In", "02 11:00", **{"$device_id": "d", "$user_id": "ann"})])
    for person in ("ann", "$device:d"):
        assert page(client, person)["events"][-1] == {
            "event": "Seen",
            "properties": {
                "time": 1770026400,
                "$distinct_id": "ann",
                "$insert_id": "i1",
                "$device_id": "d",
                "x": [1],
            },
        }


def test_pages_follow_each_other_without_loss(client: Client) -> None:
    """Events of one moment come in reverse of their arrival; the last page leads nowhere."""
    client.load([did("u", name, "02 10:00") for name in "ABCDE"])
    told: list[str] = []
    sentinel = None
    for _ in range(3):
        found = page(client, "u", limit=2, sentinel_event=sentinel)
        told += [each["event"] for each in found["events"]]
        sentinel = found["sentinel_event"]
    assert (told, sentinel) == (list("EDCBA"), None)


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, ["Buy", "Visit", "Visit"]),
        ({"include_events": ["Buy", "Other"]}, ["Buy"]),
        ({"include_events": ["$custom_event:7"]}, ["Visit"]),
        ({"exclude_events": ["Buy"]}, ["Visit", "Visit"]),
        ({"search": "VIS"}, ["Visit", "Visit"]),
        (
            {"search": "hom", "search_properties": [{"value": "page", "resourceType": "event"}]},
            ["Visit"],
        ),
        (
            {"search": "pro", "search_properties": [{"value": "plan", "resourceType": "user"}]},
            ["Buy"],
        ),
    ],
    ids=["all", "some", "custom", "others", "by name", "by property", "by profile"],
)
def test_events_are_chosen_by_name_or_by_what_is_in_them(
    client: Client, more: dict[str, Any], found: list[str]
) -> None:
    """A search looks at names, or at the properties that it is told."""
    part = {"event": "Visit", "filters": [condition("page", "is set")]}
    client.save("custom_events", {"id": 7, "name": "Seen", "alternatives": [part]})
    client.set_profile("v", {"plan": "Pro"})
    client.load(
        [
            did("u", "Visit", "02 10:00", page="Home"),
            did("u", "Visit", "02 11:00"),
            did("v", "Buy", "02 12:00"),
            did("w", "Visit", "02 13:00"),
        ]
    )
    assert names(client, "u", "v", **more) == found


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ({"type": "between", "from": "2026-02-02", "to": "2026-02-02"}, ["B"]),
        ({"type": "since", "from": "2026-02-02"}, ["C", "B"]),
        ({"type": "relative_after", "window": {"unit": "day", "value": 1}}, ["C"]),
        ({"type": "relative_after", "window": {"unit": "day", "value": 30}}, ["C", "B", "A"]),
    ],
)
def test_days_are_given_or_those_up_to_now(
    client: Client, days: dict[str, Any], found: list[str]
) -> None:
    """Both ends count."""
    client.load([did("u", "A", "01 10:00"), did("u", "B", "02 23:59"), did("u", "C", "28 10:00")])
    assert names(client, "u", days=days) == found


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"distinct_ids": []}, "distinct_ids must name somebody"),
        ({"limit": 15_001}, "limit must be a number from 1 to 15000, not 15001"),
        ({"paging_window": 31}, "paging_window must be a number from 1 to 30, not 31"),
        ({"sentinel_event": {"time": 1}}, "sentinel_event must be what the page before ended with"),
        ({"bookmark": {}}, "dateRange must be an object"),
    ],
)
def test_what_is_wrong_is_refused_by_name(
    client: Client, more: dict[str, Any], sentence: str
) -> None:
    """One sentence says what."""
    asked = {"bookmark": {"dateRange": FEBRUARY}, "distinct_ids": ["u"]}
    answer = client.post(PATH, asked | more)
    assert (answer.status_code, answer.json()["error"]) == (400, sentence)


def test_the_earlier_form_tells_everything_oldest_first(client: Client) -> None:
    """It takes JSON in a parameter, and without dates looks at the last 30 days."""
    client.load([did("u", "A", "01 10:00"), did("v", "B", "02 10:00"), did("w", "C", "02 11:00")])
    answer = client.get("/api/query/stream/query", distinct_ids='["v", "u"]')
    assert answer.json() == {
        "status": "ok",
        "results": {
            "events": [
                {"event": "A", "properties": {"time": 1769940000, "$distinct_id": "u"}},
                {"event": "B", "properties": {"time": 1770026400, "$distinct_id": "v"}},
            ]
        },
    }
    days = {"from_date": "2026-02-01", "to_date": "2026-02-01"}
    some = client.get("/api/query/stream/query", distinct_ids='["v", "u"]', **days)
    assert [each["event"] for each in some.json()["results"]["events"]] == ["A"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({}, "Missing required parameter: distinct_ids"),
        ({"distinct_ids": "[]"}, "distinct_ids must name somebody"),
        ({"distinct_ids": '"u"'}, 'distinct_ids must be a JSON array of texts, not "u"'),
        (
            {"distinct_ids": '["u"]', "from_date": "2026-02-02", "to_date": "2026-02-01"},
            "The end of the date range lies before its start.",
        ),
    ],
)
def test_the_earlier_form_refuses_what_it_cannot_read(
    client: Client, query: dict[str, str], sentence: str
) -> None:
    """Nobody, and days that run backwards."""
    answer = client.get("/api/query/stream/query", **query)
    assert (answer.status_code, answer.json()["error"]) == (400, sentence)
