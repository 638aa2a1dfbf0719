"""What insights, funnels and segmentation answer beside their numbers, and what they refuse."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_bodies import (
    DAYS,
    body,
    condition,
    events,
    formula,
    frequency,
    funnel,
    group,
    metric,
)
from retention_asked import Asked
from sandbox_client import Client


def test_a_report_names_its_range_and_its_columns(client: Client) -> None:
    """The envelope is Mixpanel's; every bucket is there although nothing happened."""
    answer = client.post("/api/query/insights", body(metric("A"), group=[group("city")]))
    assert answer.json() == {
        "computed_at": "2026-03-01T00:00:00+00:00",
        "date_range": {"from_date": "2026-02-02", "to_date": "2026-02-03"},
        "headers": ["$metric", "city"],
        "series": {
            "A": {"$overall": {"2026-02-02T00:00:00+00:00": 0, "2026-02-03T00:00:00+00:00": 0}}
        },
        "meta": {"sampling_factor": 1.0, "is_cached": False},
    }


def test_two_metrics_of_one_name_are_told_apart_by_letters(client: Client) -> None:
    """Series are an object, so that equal names would hide each other."""
    report = body(metric("A"), metric("A", "unique"), chart="bar")
    client.load(events("A", "A"))
    series = client.post("/api/query/insights", report).json()["series"]
    assert series == {"A. A": {"all": 2}, "B. A": {"all": 1}}


def test_the_highest_segments_stay_when_the_limit_cuts(client: Client) -> None:
    """Segments are ranked over the range; ties go by name; the whole stays whole."""
    for city, count in (("Rome", 1), ("Oslo", 3), ("Bonn", 1)):
        client.load(events(*["A"] * count, city=city))
    report = body(metric("A"), group=[group("city")], chart="bar", limit=2)
    node = client.post("/api/query/insights", report).json()["series"]["A"]
    assert list(node.items()) == [
        ("$overall", {"all": 5}),
        ("Oslo", {"all": 3}),
        ("Bonn", {"all": 1}),
    ]


def test_a_profile_property_segments_by_its_current_value(client: Client) -> None:
    """`resourceType` people reads the profile of the event's person."""
    client.load(events("A"))
    client.set_profile("u1", {"plan": "pro"})
    report = body(metric("A"), group=[group("plan", source="people")], chart="bar")
    node = client.post("/api/query/insights", report).json()["series"]["A"]
    assert node == {"$overall": {"all": 1}, "pro": {"all": 1}}


def test_property_names_are_exact_however_odd(client: Client) -> None:
    """Case, dots, quotes and signs belong to the name."""
    names = ["Plan", "plan", "a.b", "it's", 'x"y', "$z", "größe", "a b"]
    client.load(events("A", **{name: f"v{place}" for place, name in enumerate(names)}))
    for place, name in enumerate(names):
        report = body(metric("A"), group=[group(name)], chart="bar")
        node = client.post("/api/query/insights", report).json()["series"]["A"]
        assert list(node) == ["$overall", f"v{place}"]


def test_datetime_segments_are_days(client: Client) -> None:
    """A text or a number that can be read as a moment falls into its day."""
    client.load(events("A", seen="2026-01-05T23:00:00") + events("A", seen=1767600000))
    client.load(events("A", seen="soon"))
    report = body(metric("A"), group=[group("seen", "datetime")], chart="bar")
    node = client.post("/api/query/insights", report).json()["series"]["A"]
    assert node == {
        "$overall": {"all": 3},
        "2026-01-05T00:00:00+00:00": {"all": 2},
        "undefined": {"all": 1},
    }


@pytest.mark.parametrize(
    ("request_body", "thing"),
    [
        (body(metric("A", "multi_attribution")), "the math 'multi_attribution'"),
        (body(metric("A"), globalDataGroupId="3"), "group analytics"),
        (
            body(funnel("A", "B"), chart="funnel-steps", display={"analysis": "rolling"}),
            "the analysis 'rolling' in this kind of report",
        ),
    ],
)
def test_what_is_not_emulated_is_refused_by_name(
    client: Client, request_body: dict[str, Any], thing: str
) -> None:
    """A missing feature answers 400, never a wrong number."""
    answer = client.post("/api/query/insights", request_body)
    assert answer.status_code == 400
    assert answer.json()["error"] == f"The sandbox does not emulate {thing} yet."


REVERSED = {**DAYS, "value": ["2026-02-03", "2026-02-02"]}
LONG = {**DAYS, "unit": "hour", "value": ["2026-01-01", "2026-02-03"]}


@pytest.mark.parametrize(
    "request_body",
    [
        {},
        {"bookmark": {"sections": {"show": "A"}}},
        body(),
        body(metric("")),
        body(metric("A", "nonsense")),
        body(metric("A", "average")),
        body(metric("A"), time=[]),
        body(metric("A"), time=[REVERSED]),
        body(metric("A"), time=[LONG]),
        body(metric("A"), time=[{**DAYS, "unit": "fortnight"}]),
        body(metric("A"), time=[{**DAYS, "value": ["monday", "tuesday"]}]),
        body(metric("A"), filter=[{"value": "x", "filterOperator": "resembles"}]),
        body(metric("A"), filter=[{"value": "x", "filterOperator": "is at least"}]),
        body(metric("A"), limit=0),
        body(metric("A"), formula("A +")),
        body(metric("A"), formula("A + B")),
        body(metric("A", "first_value", "x"), formula("A")),
        body(metric("A"), display={"analysis": "sideways"}),
        body(metric("A"), display={"analysis": "rolling", "rollingWindowSize": 0}),
        body(metric("A", "most_frequent", "x"), display={"analysis": "cumulative"}),
        body(metric("A"), display={"timeComparison": {"type": "relative", "value": "hour"}}),
        body(metric("A", "histogram", "x")),
        body(metric("$custom_event:1")),
        body(metric("$custom_event:one")),
    ],
)
def test_a_malformed_report_is_a_bad_request(client: Client, request_body: dict[str, Any]) -> None:
    """Whatever is wrong in a bookmark is the caller's: 400 with a sentence, never 500."""
    answer = client.post("/api/query/insights", request_body)
    assert (answer.status_code, answer.json()["status"]) == (400, "error")


JUNK = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        2.5,
        1e300,
        10**30,
        "",
        "a",
        "\0",
        [],
        {},
        [1],
        [{}],
        {"a": 1},
        "$custom_event:9",
    ]
)
FREQUENT = frequency("A") | condition("A Frequency", "is at least", 1)
LIST = {"value": "x", "listQuantifier": "any", "listItemFilters": [condition("y", "is set")]}
GROUPS = [group("x", "number"), {**frequency("A"), "customBucket": {"bucketSize": 1}}]
REPORTS = [
    body(metric("A", "histogram", "x", per_user="total"), group=GROUPS, filter=[FREQUENT, LIST]),
    body(
        metric("A"),
        formula("A / B", metric("A"), metric("B", "average", "x")),
        display={"analysis": "rolling", "rollingWindowSize": 2, "timeComparison": {}},
    ),
    body(funnel("A", "B", aggregateBy=[{"value": "x"}]), group=GROUPS, filter=[LIST]),
    Asked(
        "A", sizes=(1, 2), groups=tuple(GROUPS), where=(LIST,), math="total", measured="x"
    ).body(),
]


def spoilt(node: Any, junk: Any, draw: Any) -> Any:
    """A copy of a document with junk in the place of some part of it."""
    parts: list[Any] = list(node) if isinstance(node, dict) else list(range(len(node)))
    part = draw(st.sampled_from(parts))
    deeper = isinstance(node[part], dict | list) and node[part] and draw(st.booleans())
    copy = node.copy()
    copy[part] = spoilt(node[part], junk, draw) if deeper else junk
    return copy


@settings(
    deadline=None,
    max_examples=140,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(report=st.sampled_from(REPORTS), junk=JUNK, data=st.data())
def test_junk_in_a_report_is_the_callers_fault(
    client: Client, report: dict[str, Any], junk: Any, data: st.DataObject
) -> None:
    """Whatever stands where in a bookmark, the answer is a report or 400, never 500."""
    bookmark = spoilt(report["bookmark"], junk, data.draw)
    answer = client.post("/api/query/insights", report | {"bookmark": bookmark})
    assert answer.status_code in (200, 400), answer.text


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("general", [3, 0]), ("unique", [1, 0]), ("average", [3, 0])],
)
def test_segmentation_counts_events_people_or_their_ratio(
    client: Client, kind: str, expected: list[int]
) -> None:
    """Without `on` the only segment is the event, with every date filled."""
    client.load(events("A", "A", "A"))
    dates = {"from_date": "2026-02-02", "to_date": "2026-02-03"}
    answer = client.get("/api/query/segmentation", event="A", type=kind, **dates).json()
    series = ["2026-02-02", "2026-02-03"]
    assert answer == {
        "data": {"series": series, "values": {"A": dict(zip(series, expected, strict=True))}},
        "legend_size": 1,
    }


def test_a_segmentation_counts_a_custom_event(client: Client) -> None:
    """What it is made of counts, as in any other query."""
    part = {"event": "A", "filters": [condition("x", "is at least", 2)]}
    client.save("custom_events", {"id": 7, "name": "Big", "alternatives": [part]})
    client.load(events("A", x=1) + events("A", x=2))
    days = {"from_date": "2026-02-02", "to_date": "2026-02-02"}
    answer = client.get("/api/query/segmentation", event="$custom_event:7", **days).json()
    assert answer["data"]["values"] == {"$custom_event:7": {"2026-02-02": 1}}


def test_an_unknown_event_has_no_properties(client: Client) -> None:
    """Property names of an event that never happened are a bad request."""
    client.load(events("A", city="Oslo"))
    path = "/api/query/events/properties/top"
    assert client.get(path, event="A").json() == {"city": {"count": 1}}
    assert client.get(path, event="B").status_code == 400


def test_values_come_as_texts_by_frequency(client: Client) -> None:
    """Items of lists are counted one by one; nulls are left out."""
    for value in (["b", "a"], "a", 3.0, True, None):
        client.load(events("A", x=value))
    values = client.get("/api/query/events/properties/values", event="A", name="x").json()
    assert values == ["a", "3", "b", "true"]
