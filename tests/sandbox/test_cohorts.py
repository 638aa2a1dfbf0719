"""Cohorts in reports: as filters, as breakdowns, as metrics; and what they are made of."""

from typing import Any

import pytest
from cohort_definitions import (
    cohort_filter,
    cohort_group,
    definition,
    did,
    event_filter,
    has,
    within,
)
from sandbox_client import Client, results_of

PAYERS = {"id": 7, "name": "Payers", **definition(has("plan", "pro"))}
DAYS = {"dateRangeType": "between", "unit": "day", "value": ["2026-02-25", "2026-02-27"]}
COHORT = {"type": "cohort", "name": "", "resourceType": "cohorts", "filters": [], "id": 7}


def event(name: str, person: str, day: int = 25, **properties: Any) -> dict[str, Any]:
    """Return an event of a day of February."""
    time = f"2026-02-{day}T10:00:00Z"
    return {"event": name, "distinct_id": person, "time": time, "properties": properties}


def behavior(name: str, *filters: Any) -> dict[str, Any]:
    """Return an event as a metric or a step has it."""
    return {"type": "event", "name": name, "filters": list(filters)}


def report(*behaviors: Any, chart: str = "bar", math: str = "unique", **parts: Any) -> Any:
    """Return a request for a report of some metrics."""
    shown = [{"behavior": each, "measurement": {"math": math}} for each in behaviors]
    section = {"show": shown, "time": [DAYS], "filter": [], "group": [], **parts}
    return {"bookmark": {"sections": section, "displayOptions": {"chartType": chart}}}


def series(client: Client, request: Any) -> Any:
    """Return the series of a report."""
    answer = client.post("/api/query/insights", request)
    assert answer.status_code == 200, answer.text
    return answer.json()["series"]


@pytest.fixture
def shop(client: Client) -> Client:
    """Two payers and a free person who viewed, and one of the payers bought."""
    for person, plan in (("u1", "pro"), ("u2", "pro"), ("u3", "free")):
        client.set_profile(person, {"plan": plan})
    client.load(event("View", person) for person in ("u1", "u2", "u3", "u4", ""))
    client.load([event("Buy", "u1", 26), event("Buy", "u3", 26)])
    client.save_cohorts(PAYERS)
    return client


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        (cohort_filter(id=7), 2),
        (cohort_filter("does not contain", id=7), 3),
        (cohort_filter(raw_cohort=did("Buy")), 2),
        (cohort_filter(raw_cohort=definition(within(7, "not in"))), 2),
    ],
)
def test_a_filter_keeps_members_or_everybody_else(
    shop: Client, clause: dict[str, Any], expected: int
) -> None:
    """Nobody's events are outside every cohort, and counted by a filter of outsiders only."""
    node = series(shop, report(behavior("View"), math="total", filter=[clause]))
    assert node == {"View": {"all": expected}}
    inner = report(behavior("View", clause), math="total")
    assert series(shop, inner) == {"View": {"all": expected}}


def test_a_breakdown_shows_both_sides_or_one(shop: Client) -> None:
    """The whole stays whole where outsiders are not shown."""
    both = report(behavior("View"), math="total", group=[cohort_group("Payers", id=7)])
    assert series(shop, both)["View"] == {
        "$overall": {"all": 5},
        "Not In Payers": {"all": 3},
        "Payers": {"all": 2},
    }
    one = report(behavior("View"), group=[cohort_group("Payers", False, id=7)])
    assert series(shop, one)["View"] == {"$overall": {"all": 4}, "Payers": {"all": 2}}


def test_one_cohort_may_be_a_filter_and_a_breakdown(shop: Client) -> None:
    """Nobody is left outside it then."""
    groups, filters = [cohort_group("Payers", id=7)], [cohort_filter(id=7)]
    node = series(shop, report(behavior("View"), group=groups, filter=filters))["View"]
    assert node == {"$overall": {"all": 2}, "Payers": {"all": 2}}


def test_breakdowns_by_cohorts_nest_and_saved_names_stand_in(shop: Client) -> None:
    """A saved cohort without a name in the request is called by its own."""
    groups = [cohort_group("", id=7), cohort_group("Buyers", False, raw_cohort=did("Buy"))]
    node = series(shop, report(behavior("View"), group=groups))["View"]
    assert node == {
        "$overall": {"all": 4},
        "Not In Payers": {"$overall": {"all": 2}, "Buyers": {"all": 1}},
        "Payers": {"$overall": {"all": 2}, "Buyers": {"all": 1}},
    }


def funnel(client: Client, **parts: Any) -> Any:
    """Return the counts of the funnel from View to Buy, by segment where there are some."""
    steps = {"type": "funnel", "behaviors": [behavior("View"), behavior("Buy")]}
    request = report(steps, chart="funnel-steps", math="conversion_rate_unique", **parts)
    (node,) = series(client, request).values()
    blocks = {"": node} if "count" in node else node
    return {name: [c["all"] for c in each["count"].values()] for name, each in blocks.items()}


def test_funnels_are_filtered_and_broken_down_by_cohorts(shop: Client) -> None:
    """A cohort looks at the person, whatever the step."""
    assert funnel(shop, filter=[cohort_filter(id=7)]) == {"": [2, 1]}
    assert funnel(shop, group=[cohort_group("Payers", id=7)]) == {
        "$overall": [4, 2],
        "Payers": [2, 1],
        "Not In Payers": [2, 1],
    }


def test_a_cohort_metric_counts_people_of_today_with_profiles(shop: Client) -> None:
    """It is named like the cohort, has no history of profiles, and is one number in totals."""
    node = series(shop, report(COHORT, chart="line"))["Payers"]
    assert [date[:10] for date in node] == ["2026-02-25", "2026-02-26", "2026-02-27"]
    assert list(node.values()) == [2, 2, 2]
    assert series(shop, report(COHORT)) == {"Payers": {"all": 2}}


def test_a_cohort_metric_follows_what_people_did(shop: Client) -> None:
    """Windows end with each bucket, and who came later was not there before."""
    shop.save_cohorts(
        {"id": 8, "name": "Idle", **did("Buy", "==", 0, window={"unit": "day", "value": 1})},
    )
    shop.load([event("View", "u9", 27)])
    node = series(shop, report({**COHORT, "id": 8}, chart="line"))["Idle"]
    assert list(node.values()) == [4, 2, 5]


def test_a_cohort_metric_is_filtered_and_broken_down_by_people(shop: Client) -> None:
    """Profiles and cohorts are known of a person; events are not."""
    shop.save_cohorts({"id": 8, "name": "Viewers", **did("View")})
    viewers = {**COHORT, "id": 8}
    plan = {"value": "plan", "resourceType": "people", "propertyType": "string"}
    buyers = cohort_filter(raw_cohort=did("Buy"))
    assert series(shop, report(viewers, group=[plan], filter=[buyers]))["Viewers"] == {
        "$overall": {"all": 2},
        "free": {"all": 1},
        "pro": {"all": 1},
    }
    city = event_filter("city", "equals", ["Oslo"])
    answer = shop.post("/api/query/insights", report(viewers, filter=[city]))
    assert answer.json()["error"] == "A cohort metric has no event property 'city'."


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        (has("plan", "PRO"), ["a"]),
        (has("plan", "pro", "!="), ["b", "c", "d"]),
        (has("plan", "re", "in"), ["b"]),
        (has("plan", "re", "not in"), ["a", "c", "d"]),
        (has("age", 20, ">"), ["b"]),
        (has("age", 20, "<"), ["a"]),
        (has("plan", operator="defined"), ["a", "b"]),
        (has("plan", operator="not defined"), ["c", "d"]),
        (has("tags", ["x", "z"]), ["b"]),
        (has("vip", True), ["a"]),
    ],
)
def test_profile_conditions_are_those_of_filters(
    client: Client, leaf: dict[str, Any], expected: list[str]
) -> None:
    """Who has no profile has no property."""
    client.set_profile("a", {"plan": "pro", "age": 9, "vip": True})
    client.set_profile("b", {"plan": "free", "age": 30, "tags": ["z"]})
    client.set_profile("c", {"plan": None, "age": "30"})
    client.load([event("View", "d")])
    assert members(client, definition(leaf)) == expected


def members(client: Client, raw: dict[str, Any]) -> list[str]:
    """Return the members of a definition."""
    found = results_of(client.post("/api/query/engage/", {"filter_by_cohort": {"raw_cohort": raw}}))
    return [profile["$distinct_id"] for profile in found]


def test_filters_of_a_behavior_choose_its_events(client: Client) -> None:
    """They may be joined by or, and may look at profiles and cohorts."""
    client.save_cohorts(PAYERS)
    client.set_profile("u1", {"plan": "pro"})
    client.load([event("Buy", "u1", city="Rome"), event("Buy", "u2", amount=9)])
    client.load([event("Buy", "u3", city="Oslo", amount=1)])
    leaves = [
        event_filter("city", "equals", ["Oslo"]),
        event_filter("amount", "is greater than", 5, "number"),
    ]
    either = {"operator": "or", "children": leaves}
    assert members(client, did("Buy", selector=either)) == ["u2", "u3"]
    payers = {"operator": "and", "children": [cohort_filter(id=7)]}
    assert members(client, did("Buy", selector=payers)) == ["u1"]


def test_an_uploaded_cohort_is_its_list(shop: Client) -> None:
    """Ids of people nobody heard of count for nothing."""
    shop.save_cohorts({"id": 9, "name": "Panel", "distinct_ids": ["u3", "u4", "it's", "ghost"]})
    assert members(shop, definition(within(9))) == ["u3", "u4"]
    assert members(shop, definition(within(9), within(7), operator="or")) == [
        "u1",
        "u2",
        "u3",
        "u4",
    ]


def test_cohorts_nest_ten_deep(shop: Client) -> None:
    """Eleven are refused."""
    for number in range(101, 111):
        inner = within(number - 1) if number > 101 else has("plan", "pro")
        shop.save_cohorts({"id": number, "name": "nested", **definition(inner)})
    assert members(shop, definition(within(110))) == ["u1", "u2"]
    shop.save_cohorts({"id": 111, "name": "outer", **definition(within(110))})
    assert refused(shop, within(111)) == "Cohorts may be nested at most 10 deep."


def refused(client: Client, leaf: dict[str, Any]) -> str:
    """Return the sentence by which a definition is refused."""
    request = report(behavior("View"), filter=[cohort_filter(raw_cohort=definition(leaf))])
    answer = client.post("/api/query/insights", request)
    assert answer.status_code == 400, answer.text
    return answer.json()["error"]


def test_a_cohort_that_refers_to_itself_is_refused(shop: Client) -> None:
    """Directly, over another one, or by a filter of its behaviors."""
    filters = {"operator": "and", "children": [cohort_filter(id=23)]}
    shop.save_cohorts(
        {"id": 20, "name": "me", **definition(within(20))},
        {"id": 21, "name": "a", **definition(within(22))},
        {"id": 22, "name": "b", **definition(within(21))},
        {"id": 23, "name": "filter", **did("Buy", selector=filters)},
    )
    for number in (20, 21, 23):
        assert refused(shop, within(number)) == f"Cohort {number} refers to itself."


@pytest.mark.parametrize(
    ("leaf", "sentence"),
    [
        (within(99), "Cohort 99 not found"),
        (within(30), "Cohort 30 has no definition."),
        ({"property": "event"}, "A selector's property must be behaviors, cohort or user"),
        ({"children": []}, "A selector with children needs one at least"),
        (within(7, "=="), "A selector of a cohort needs its number and the operator in or not in."),
        (has("plan", "x", "~"), "A selector of a profile needs a property and one of =="),
        (has("age", "x", ">"), "'x' is not a number"),
        (has("sku → brand", "x"), "The sandbox does not emulate columns of lookup tables in"),
        (did("Buy")["selector"], "The cohort has no behavior 'b'."),
    ],
)
def test_a_wrong_definition_is_refused(shop: Client, leaf: dict[str, Any], sentence: str) -> None:
    """The sentence says what is missing."""
    shop.save_cohorts({"id": 30, "name": "Empty"})
    assert refused(shop, leaf).startswith(sentence)


@pytest.mark.parametrize(
    "broken",
    [
        {"window": {"unit": "hour", "value": 3}},
        {"window": {"unit": "day", "value": 0}},
        {"from_date": "2026-02-01"},
        {"from_date": "2026-02-02", "to_date": "2026-02-01"},
        {"from_date": "2026-02-02", "to_date": "9999-12-31"},
        {"count": {"type": "relative"}},
        {"count": {"aggregationOperator": "mode", "property": "x"}},
        {"count": {"aggregationOperator": "total"}},
        {"selector": {"operator": "xor", "children": [event_filter("x", "is set", None)]}},
    ],
)
def test_a_wrong_behavior_is_refused(client: Client, broken: dict[str, Any]) -> None:
    """Windows, aggregations and filters are checked before anything is computed."""
    body = {"filter_by_cohort": {"raw_cohort": did("Buy", **broken)}}
    assert client.post("/api/query/engage/", body).status_code == 400
