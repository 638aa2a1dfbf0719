"""What the older endpoints answer beside the numbers of the worked cases, and what they refuse."""

from typing import Any

import pytest
from report_bodies import condition
from sandbox_client import Client

DAYS = {"from_date": "2026-02-02", "to_date": "2026-02-03"}
WEEK = {"from_date": "2026-02-02", "to_date": "2026-02-08"}
PRO = 'user["plan"] == "pro"'


def did(person: str, name: str, time: str, **properties: Any) -> dict[str, Any]:
    """Return an event; `time` is a day of February and an hour, such as `02 10:30`."""
    stamp = f"2026-02-{time.replace(' ', 'T')}:00Z"
    return {"event": name, "distinct_id": person, "time": stamp, "properties": properties}


def asked(client: Client, path: str, **query: Any) -> Any:
    """The answer to a good question."""
    answer = client.get(f"/api/query/{path}", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def values(client: Client, path: str, **query: Any) -> Any:
    """The counts of an answer by segment and date."""
    return asked(client, path, **query)["data"]["values"]


def test_several_events_are_counted_side_by_side(client: Client) -> None:
    """Every event has its own dates, even one that never happened or that others make up."""
    part = {"event": "A", "filters": [condition("x", "is at least", 2)]}
    client.save("custom_events", {"id": 7, "name": "Big", "alternatives": [part]})
    client.load([did("u", "A", "02 10:00", x=1), did("u", "A", "03 10:00", x=2)])
    events = '["A", "$custom_event:7", "Never"]'
    assert asked(client, "events", event=events, unit="week", **DAYS) == {
        "data": {
            "series": ["2026-02-02"],
            "values": {
                "A": {"2026-02-02": 2},
                "$custom_event:7": {"2026-02-02": 1},
                "Never": {"2026-02-02": 0},
            },
        },
        "legend_size": 3,
    }


@pytest.mark.parametrize("events", ["A", '{"A": 1}', "[1]"])
def test_events_are_a_json_array_of_names(client: Client, events: str) -> None:
    """Anything else is a bad request."""
    assert client.get("/api/query/events", event=events, **DAYS).status_code == 400


@pytest.mark.parametrize(
    ("more", "segments"),
    [
        ({}, {"a": 3, "b": 2, "undefined": 1}),
        ({"limit": 1}, {"a": 3}),
        ({"values": '["b", "c"]'}, {"b": 2}),
        ({"values": "[]"}, {}),
        ({"type": "unique"}, {"a": 1, "b": 1, "undefined": 1}),
    ],
    ids=["all", "most frequent", "some", "none", "people"],
)
def test_an_event_is_counted_by_the_values_of_a_property(
    client: Client, more: dict[str, Any], segments: dict[str, int]
) -> None:
    """Each item of a list counts; what has no value is undefined."""
    client.load(
        [
            did("u", "A", "02 10:00", tags=["a", "b"]),
            did("u", "A", "02 11:00", tags=["a", "a"]),
            did("u", "A", "02 12:00", tags="a"),
            did("u", "A", "02 13:00", tags="b"),
            did("v", "A", "02 13:00"),
        ]
    )
    found = values(client, "events/properties", event="A", name="tags", **DAYS, **more)
    assert {name: days["2026-02-02"] for name, days in found.items()} == segments


def test_numbers_are_counted_by_the_hour(client: Client) -> None:
    """Hours are written with a blank; people are counted where that is asked for."""
    client.load([did("u", "A", "02 10:10", n=3), did("u", "A", "02 10:50", n=4)])
    on = {"on": 'properties["n"]', "unit": "hour", "type": "unique"}
    found = values(client, "segmentation/numeric", event="A", **DAYS, **on)
    assert {name: days["2026-02-02 10:00:00"] for name, days in found.items()} == {
        "3 - 4": 1,
        "4 - 5": 1,
    }


def test_without_numbers_there_are_no_buckets(client: Client) -> None:
    """All dates are named nevertheless."""
    client.load([did("u", "A", "02 10:00", n="many")])
    assert asked(client, "segmentation/numeric", event="A", on='properties["n"]', **DAYS) == {
        "data": {"series": ["2026-02-02", "2026-02-03"], "values": {}},
        "legend_size": 0,
    }


def test_a_sum_is_of_any_expression_and_knows_profiles(client: Client) -> None:
    """The condition may ask for the person; days without events have 0."""
    client.set_profile("u", {"plan": "pro"})
    client.load([did(who, "A", "02 10:00", n=5) for who in ("u", "v")])
    query = {"event": "A", "on": 'properties["n"] * 2', "where": PRO}
    for figure in ("sum", "average"):
        assert asked(client, f"segmentation/{figure}", **query, **DAYS) == {
            "status": "ok",
            "computed_at": "2026-03-01T00:00:00+00:00",
            "results": {"2026-02-02": 10, "2026-02-03": 0},
        }


@pytest.mark.parametrize(
    ("unit", "slot", "places", "people"),
    [
        ("day", "hour", 24, [2, 1]),
        ("day", "day", 1, [2]),
        ("week", "hour", 168, [2, 1, 1]),
        ("week", "day", 7, [2, 1]),
        ("month", "day", 28, [2, 1]),
        ("month", "hour", 672, [2, 1, 1]),
    ],
)
def test_a_frequency_has_a_place_for_every_slot(
    client: Client, unit: str, slot: str, places: int, people: list[int]
) -> None:
    """Place i holds the people active in more than i of them; hidden events make nobody active."""
    client.hide(["H"])
    client.load(
        [
            *(did("u", "A", time) for time in ("02 10:00", "02 10:59", "02 11:00", "04 10:00")),
            did("v", "B", "02 10:00"),
            did("w", "H", "02 10:00"),
            did("", "A", "02 10:00"),
        ]
    )
    query = {"unit": unit, "addiction_unit": slot}
    data = asked(client, "retention/addiction", **WEEK, **query)["data"]
    first = "2026-02-01" if unit == "month" else "2026-02-02"
    assert data[first] == people + [0] * (places - len(people))
    assert len(data) == (7 if unit == "day" else 1)


def test_cohorts_of_several_days_are_those_of_the_days_together(client: Client) -> None:
    """With an interval of two days, so are the periods after the birth."""
    client.load(
        [
            did("u", "S", "02 10:00"),
            did("v", "S", "03 10:00"),
            did("v", "S", "04 10:00"),
            did("u", "O", "03 12:00"),
            did("v", "O", "05 12:00"),
        ]
    )
    query = {"born_event": "S", "event": "O", "interval": 2, "interval_count": 1}
    found = asked(client, "retention", from_date="2026-02-02", to_date="2026-02-04", **query)
    assert found == {
        "2026-02-02": {"first": 2, "counts": [1, 1]},
        "2026-02-04": {"first": 0, "counts": [0, 0]},
    }


@pytest.mark.parametrize(
    ("more", "cohorts"),
    [
        ({"event": "O"}, [(1, [0, 0]), (0, [0, 0])]),
        ({"event": "O", "unbounded_retention": "true"}, [(1, [1, 1]), (0, [0, 0])]),
        ({}, [(1, [0, 1]), (0, [0, 0])]),
        ({"retention_type": "compounded"}, [(1, [0, 1]), (1, [0, 0])]),
        ({"born_where": PRO}, [(0, [0, 0]), (0, [0, 0])]),
        ({"where": 'properties["x"] == 1'}, [(1, [0, 0]), (0, [0, 0])]),
    ],
    ids=["event", "on or after", "any event", "compounded", "nobody born", "no such return"],
)
def test_who_comes_back_depends_on_the_parameters(
    client: Client, more: dict[str, str], cohorts: list[tuple[int, list[int]]]
) -> None:
    """Any event is a return where none is named; a person is born once unless compounded."""
    client.load([did("u", "S", "02 10:00"), did("u", "S", "03 11:00"), did("u", "O", "06 12:00")])
    found = asked(client, "retention", born_event="S", **DAYS, **more)
    assert [(each["first"], each["counts"]) for each in found.values()] == cohorts


@pytest.mark.parametrize(
    ("path", "query", "sentence"),
    [
        ("retention", {}, "Missing required parameter: born_event"),
        (
            "retention",
            {"born_event": "S", "unit": "day", "interval": 2},
            "unit and interval both specified",
        ),
        (
            "retention",
            {"born_event": "S", "interval": 2, "retention_type": "compounded"},
            "The sandbox does not emulate compounded retention by intervals yet.",
        ),
        (
            "retention",
            {"born_event": "S", "on": "properties.x"},
            "The sandbox does not emulate this retention by segments yet.",
        ),
        (
            "retention/addiction",
            {"on": "properties.x"},
            "The sandbox does not emulate a frequency by segments yet.",
        ),
        (
            "retention/addiction",
            {"addiction_unit": "week"},
            "addiction_unit must be one of hour, day, not 'week'",
        ),
        ("segmentation/sum", {"event": "A"}, "Missing required parameter: on"),
        ("events/properties", {"event": "A"}, "Missing required parameter: name"),
    ],
)
def test_what_is_wrong_is_refused_by_name(
    client: Client, path: str, query: dict[str, Any], sentence: str
) -> None:
    """One sentence says what."""
    answer = client.get(f"/api/query/{path}", **query, **DAYS)
    assert (answer.status_code, answer.json()["error"]) == (400, sentence)
