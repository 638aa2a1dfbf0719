"""Formulas, analyses, comparisons, maths, lists and frequencies of insights reports."""

from typing import Any

import pytest
from report_bodies import (
    between,
    body,
    condition,
    events,
    formula,
    frequency,
    funnel,
    group,
    metric,
)
from sandbox_client import Client


def answer(client: Client, request: dict[str, Any]) -> dict[str, Any]:
    """The answer to a report, its dates cut to the day."""
    found = client.post("/api/query/insights", request)
    assert found.status_code == 200, found.text
    return short(found.json())


def short(node: Any) -> Any:
    """The same with keys as short as a day."""
    if not isinstance(node, dict):
        return node
    return {(k[:10] if "T00:00" in k else k): short(v) for k, v in node.items()}


def series(client: Client, *show: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """The series of a report."""
    return answer(client, body(*show, **parts))["series"]


def test_a_formula_takes_a_missing_segment_for_zero(client: Client) -> None:
    """Segments come in the order of the first metric, then those that only the second has."""
    client.load(events("A", "A", city="Oslo") + events("A", city="Bonn"))
    client.load(events("B", city="Rome") + events("B", city="Oslo"))
    hidden = [metric("A", isHidden=True), metric("B", isHidden=True)]
    node = series(client, *hidden, formula("B - A"), group=[group("city")], chart="bar")["B - A"]
    assert list(node.items()) == [
        ("$overall", {"all": -1}),
        ("Oslo", {"all": -1}),
        ("Bonn", {"all": -1}),
        ("Rome", {"all": 1}),
    ]


def test_a_cut_of_segments_does_not_reach_into_formulas(client: Client) -> None:
    """The limit cuts what is shown; a segment that is small in one metric still counts there."""
    client.load(events("A", "A", city="Oslo") + events("A", city="Bonn"))
    client.load(events("B", city="Oslo") + events("B", "B", city="Bonn"))
    hidden = [metric("A", isHidden=True), metric("B", isHidden=True)]
    report = body(*hidden, formula("B"), group=[group("city")], chart="bar", limit=1)
    assert answer(client, report)["series"]["B"] == {"$overall": {"all": 3}, "Oslo": {"all": 1}}


def test_a_formula_with_metrics_of_its_own_leaves_the_others_shown(client: Client) -> None:
    """Letters name the referenced metrics; lines stand in the order of their clauses."""
    client.load(events("A", "B", "B", "C", "C", "C"))
    shown = series(
        client,
        formula("A / B", metric("C"), metric("B"), name="Ratio"),
        metric("A"),
        formula("A + 1"),
        chart="bar",
    )
    assert list(shown.items()) == [
        ("Ratio", {"all": 1.5}),
        ("A", {"all": 1}),
        ("A + 1", {"all": 2}),
    ]


def test_a_rolling_mean_looks_at_whole_weeks_before_the_range(client: Client) -> None:
    """Earlier weeks count wholly, the first week of the range from its first day only."""
    for day in ("2026-02-02", "2026-02-09", "2026-02-13", "2026-02-16", "2026-02-17"):
        client.load(events("A", day=day))
    weeks = [between("2026-02-12", "2026-02-22", "week")]
    display = {"analysis": "rolling", "rollingWindowSize": 2}
    assert series(client, metric("A"), time=weeks, display=display) == {
        "A": {"2026-02-09": 1, "2026-02-16": 1.5}
    }


def test_a_segment_from_before_the_range_has_its_rolling_mean(client: Client) -> None:
    """It comes last, after those that the range itself has."""
    client.load(events("A", day="2026-02-01", city="Bonn") + events("A", city="Rome"))
    display = {"analysis": "rolling", "rollingWindowSize": 2}
    node = series(client, metric("A"), group=[group("city")], display=display)["A"]
    assert list(node.items()) == [
        ("$overall", {"2026-02-02": 1, "2026-02-03": 0.5}),
        ("Rome", {"2026-02-02": 0.5, "2026-02-03": 0.5}),
        ("Bonn", {"2026-02-02": 0.5, "2026-02-03": 0}),
    ]


def test_an_analysis_is_made_of_the_finished_formula(client: Client) -> None:
    """The running sum adds up the quotients; it does not divide running sums."""
    client.load(events("A", "A", "B") + events("A", "B", day="2026-02-03"))
    hidden = [metric("A", isHidden=True), metric("B", isHidden=True)]
    display = {"analysis": "cumulative"}
    assert series(client, *hidden, formula("A / B"), display=display) == {
        "A / B": {"2026-02-02": 2, "2026-02-03": 3}
    }


def test_cohorts_take_part_in_formulas_and_rolling_means(client: Client) -> None:
    """The size of a cohort is a number like any other, also of the days before the range."""
    client.save_cohorts({"id": 9, "name": "Panel", "distinct_ids": ["u1", "u2"]})
    client.load(events("A", day="2026-01-30") + events("A", day="2026-01-30", who="u2"))
    client.load(events("A"))
    panel = {"behavior": {"type": "cohort", "id": 9}, "measurement": {"math": "unique"}}
    hidden = [metric("A", isHidden=True), panel | {"isHidden": True}]
    display = {"analysis": "rolling", "rollingWindowSize": 2}
    assert series(client, *hidden, formula("A / B"), display=display) == {
        "A / B": {"2026-02-02": 0.25, "2026-02-03": 0.25}
    }


def test_segments_of_active_users_are_those_of_the_whole_range(client: Client) -> None:
    """Who was active on the first day only still has a segment."""
    client.load(events("A", city="Oslo") + events("A", day="2026-02-03", who="u2", city="Rome"))
    node = series(client, metric("A", "dau"), group=[group("city")])["A"]
    assert node["Oslo"] == {"2026-02-02": 1, "2026-02-03": 0}


@pytest.mark.parametrize(
    ("comparison", "first"),
    [
        ({"type": "relative", "value": "month"}, "2026-02-28"),
        ({"type": "relative", "value": "year"}, "2025-03-30"),
        ({"type": "absolute-start", "value": "2026-01-05"}, "2026-01-05"),
        ({"type": "absolute-end", "value": "2026-01-05"}, "2026-01-04"),
    ],
)
def test_a_comparison_is_computed_over_another_period(
    client: Client, comparison: dict[str, str], first: str
) -> None:
    """Both ends move; a day that the month does not have becomes its last one."""
    client.load(events("A", day=first))
    display = {"timeComparison": comparison}
    report = body(metric("A"), time=[between("2026-03-30", "2026-03-31")], display=display)
    found = answer(client, report)
    assert found["series"] == {"A": {"2026-03-30": 0, "2026-03-31": 0}}
    assert next(iter(found["time_comparison"]["A"].items())) == (first, 1)


def test_funnels_are_compared_too(client: Client) -> None:
    """The compared period has blocks like the period itself."""
    client.load(events("A", "B", day="2026-01-26"))
    display = {"timeComparison": {"type": "relative", "value": "week"}}
    report = body(funnel("A", "B"), chart="funnel-steps", display=display)
    node = answer(client, report)["time_comparison"]["A -> B"]
    assert node["count"] == {"1. A": {"all": 1}, "2. B": {"all": 1}}


def test_a_histogram_spreads_people_over_buckets(client: Client) -> None:
    """Each person's number falls into an automatic bucket; `$overall` counts all persons."""
    for who, amounts in {"u1": [3, 4], "u2": [8], "u3": [30]}.items():
        for amount in amounts:
            client.load(events("A", who=who, amount=amount))
    shown = metric("A", "histogram", "amount", per_user="total")
    assert series(client, shown, chart="bar")["A"] == {
        "$overall": {"all": 3},
        "5 - 10": {"all": 2},
        "30 - 35": {"all": 1},
    }


def test_distinct_values_of_each_user_are_counted_first(client: Client) -> None:
    """Then the math is made of the numbers of the users who have any."""
    client.load(events("A", x="a") + events("A", x=["a", "b", "c"]) + events("A", who="u2", x=1))
    client.load(events("A", who="u3"))
    shown = metric("A", "average", "x", per_user="unique_values")
    assert series(client, shown, chart="bar") == {"A": {"all": 2}}


def test_nothing_has_an_empty_summary(client: Client) -> None:
    """A bucket without numbers has a summary of zeros."""
    client.load(events("A", x=2) + events("A", x=4) + events("A", day="2026-02-03", x="text"))
    empty = {"count": 0, "mean": 0, "var": 0, "sum_of_squares": 0}
    assert series(client, metric("A", "numeric_summary", "x"))["A"] == {
        "2026-02-02": {"count": 2, "mean": 3, "var": 1, "sum_of_squares": 20},
        "2026-02-03": empty,
    }


def test_a_list_of_events_is_their_union(client: Client) -> None:
    """An event that fits twice counts once; the metric bears the names of all."""
    client.save("custom_events", {"id": 7, "name": "Any", "alternatives": [{"event": "A"}]})
    client.load(events("A", "B", "C"))
    custom = {"type": "custom-event", "id": 7, "name": "$custom_event:7"}
    entries = [{"type": "event", "name": "A"}, {"type": "event", "name": "B"}, custom]
    listed = {"behavior": {"type": "simple", "behaviors": entries}, "measurement": {}}
    assert series(client, listed, chart="bar") == {"A or B or Any": {"all": 2}}


def test_a_custom_event_may_be_made_of_custom_events(client: Client) -> None:
    """Filters of the metric apply to all of them; a circle is a bad request."""
    inner = {"id": 1, "name": "Inner", "alternatives": [{"event": "A"}]}
    outer = {"id": 2, "name": "Outer", "alternatives": [{"event": "$custom_event:1"}]}
    circle = {"id": 3, "name": "Circle", "alternatives": [{"event": "$custom_event:3"}]}
    client.save("custom_events", inner, outer, circle)
    client.load(events("A", x=1) + events("A", x=2) + events("B", x=1))
    shown = metric("$custom_event:2")
    shown["behavior"]["filters"] = [condition("x", "is at most", 1)]
    assert series(client, shown, chart="bar") == {"Outer": {"all": 1}}
    refused = client.post("/api/query/insights", body(metric("$custom_event:3")))
    assert (refused.status_code, refused.json()["error"]) == (
        400,
        "Custom event 3 refers to itself.",
    )


def test_items_of_a_list_are_segments_once_each(client: Client) -> None:
    """What is no list, or empty, or lacks the key, is undefined."""
    carts = [[{"brand": "a"}, {"brand": "a"}, {"brand": "b"}], [{}], [], "a", None]
    for cart in carts:
        client.load(events("A", cart=cart))
    part = {"propertyName": "brand", "propertyType": "string"}
    by_brand = {"value": "cart", "joinPropertyType": "list", "listItemGroup": part}
    assert series(client, metric("A"), group=[by_brand], chart="bar")["A"] == {
        "$overall": {"all": 5},
        "undefined": {"all": 4},
        "a": {"all": 1},
        "b": {"all": 1},
    }


def test_a_frequency_may_have_days_of_its_own(client: Client) -> None:
    """The days end with the range; nobody is in no segment but undefined."""
    client.load(events("B", day="2026-01-30") + events("B", "A") + events("A", who=""))
    window = {"window": {"unit": "day", "value": 5}}
    by_count = frequency("B", dateRange=window) | {"customBucket": {"bucketSize": 1, "max": 9}}
    assert series(client, metric("A"), group=[by_count], chart="bar")["A"] == {
        "$overall": {"all": 2},
        "2 - 3": {"all": 1},
        "undefined": {"all": 1},
    }


def test_a_frequency_filter_sees_who_did_nothing(client: Client) -> None:
    """No event at all is zero, also for a filter of its own; nobody never passes."""
    client.load(events("A", "B") + events("A", who="u2") + events("A", who=""))
    none = frequency("B", filters=[condition("x", "is not set")]) | condition("B", "is at most", 0)
    assert series(client, metric("A"), filter=[none], chart="bar") == {"A": {"all": 1}}
