"""Whatever the grammar allows compiles, the same each time; whatever it forbids never does."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mixpanel_mcp_core.queries.operators import OPERATORS
from mixpanel_mcp_core.queries.vocabulary import (
    ConversionWindowUnit,
    DateUnit,
    InsightsMode,
    MathType,
    PerUserAggregation,
    QueryTimeUnit,
)

shared = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

COUNTING = ("unique", "dau", "wau", "mau", "cumulative_unique", "sessions")
NAMES = st.sampled_from(["Login", "Purchase", "$email", "é x", "a.b"])
DAYS = st.dates(date(2024, 1, 1), date(2025, 12, 31)).map(date.isoformat)
NUMBERS = st.integers(-100, 100) | st.floats(-1, 1)


def _pair(values: st.SearchStrategy[Any], low: str, high: str) -> st.SearchStrategy[Any]:
    both = st.tuples(values, values).map(sorted)
    return both.map(lambda pair: {low: pair[0], high: pair[1]})


OPERANDS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "choice": st.fixed_dictionaries({"value": NAMES | st.lists(NAMES, min_size=1, max_size=3)}),
    "text": st.fixed_dictionaries({"value": NAMES}),
    "number": st.fixed_dictionaries({"value": NUMBERS}),
    "range": _pair(NUMBERS, "min_val", "max_val"),
    "nothing": st.just({}),
    "day": st.fixed_dictionaries({"value": DAYS}),
    "days": _pair(DAYS, "from_date", "to_date"),
    "recent": st.fixed_dictionaries(
        {"quantity": st.integers(1, 90), "date_unit": st.sampled_from(get_args(DateUnit))}
    ),
    "items": st.fixed_dictionaries(
        {"equals": st.dictionaries(NAMES, NAMES, min_size=1, max_size=2)},
        optional={"quantifier": st.sampled_from(["any", "all"])},
    ),
}


@st.composite
def filters(draw: st.DrawFn) -> dict[str, Any]:
    """A filter with any operator and the operand that it takes."""
    operator = draw(st.sampled_from(list(OPERATORS)))
    kind = OPERATORS[operator].operand
    if kind == "cohort":
        return {"operator": operator, "cohort": draw(st.integers(1, 9))}
    return {"property": draw(NAMES), "operator": operator, **draw(OPERANDS[kind])}


@st.composite
def measures(draw: st.DrawFn) -> dict[str, Any]:
    """An aggregation with what it needs and nothing that it refuses."""
    math = draw(st.sampled_from(get_args(MathType)))
    if math in COUNTING:
        return {"math": math}
    measure = {"math": math, "property": draw(NAMES)}
    if math == "percentile":
        measure["percentile_value"] = draw(st.integers(1, 99))
    if math == "histogram" or draw(st.booleans()):
        measure["per_user"] = draw(st.sampled_from(get_args(PerUserAggregation)))
    return measure


@st.composite
def metrics(draw: st.DrawFn) -> dict[str, Any]:
    """An event with an aggregation and filters."""
    return {
        "event": draw(NAMES),
        "filters": draw(st.lists(filters(), max_size=2)),
        "filters_combinator": draw(st.sampled_from(["all", "any"])),
        **draw(measures()),
    }


GROUPS = st.one_of(
    NAMES,
    st.fixed_dictionaries({"property": NAMES}, optional={"property_type": st.just("boolean")}),
    st.just({"property": "n", "property_type": "number"}),
    st.fixed_dictionaries({"property": NAMES, "sub": NAMES}),
    st.fixed_dictionaries({"cohort": st.integers(1, 9), "include_negated": st.booleans()}),
    st.fixed_dictionaries({"frequency_of": NAMES, "bucket_size": st.integers(1, 5)}),
)
PERIODS = st.one_of(
    st.fixed_dictionaries({"last": st.integers(1, 3650)}), _pair(DAYS, "from_date", "to_date")
)


@st.composite
def common(draw: st.DrawFn) -> dict[str, Any]:
    """The arguments that insights and funnels share."""
    return {
        **draw(PERIODS),
        "unit": draw(st.sampled_from(get_args(QueryTimeUnit))),
        "group_by": draw(st.lists(GROUPS, max_size=3)),
        "where": draw(st.lists(filters(), max_size=3)),
        "data_group_id": draw(st.none() | st.integers(1, 9)),
    }


@st.composite
def insights(draw: st.DrawFn) -> dict[str, Any]:
    """A legal insights query."""
    events = draw(st.lists(metrics() | NAMES, min_size=2, max_size=4))
    return {
        "events": events,
        "formula": draw(st.none() | st.sampled_from(["A / B", "(A + B) * 100"])),
        "rolling": draw(st.none() | st.integers(1, 365)),
        "mode": draw(st.sampled_from(get_args(InsightsMode))),
        **draw(common()),
    }


@st.composite
def funnels(draw: st.DrawFn) -> dict[str, Any]:
    """A legal funnel query."""
    step = st.fixed_dictionaries({"event": NAMES}, optional={"filters": st.lists(filters())})
    unit = draw(st.sampled_from(get_args(ConversionWindowUnit)))
    window = {"session": 1, "second": 2}.get(unit) or draw(st.integers(1, 12))
    return {
        "steps": draw(st.lists(NAMES | step, min_size=2, max_size=4)),
        "conversion_window": window,
        "conversion_window_unit": unit,
        "exclusions": draw(st.lists(NAMES, max_size=2)),
        "holding_constant": draw(st.lists(NAMES, max_size=3)),
        **draw(common()),
    }


LEGAL = st.one_of(
    insights().map(lambda query: ("query", query)),
    funnels().map(lambda query: ("query_funnel", query)),
)


@given(LEGAL)
@shared
def test_every_legal_query_compiles_the_same_each_time(
    compiled: Callable[..., Any], query: tuple[str, Any]
) -> None:
    """Compiling is a pure function: equal params, untouched arguments, plain JSON."""
    tool, arguments = query
    before = json.dumps(arguments)
    params = compiled(tool, arguments)
    assert json.dumps(params, allow_nan=False) == json.dumps(compiled(tool, arguments))
    assert json.dumps(arguments) == before


@given(insights())
@shared
def test_every_metric_filter_and_breakdown_has_its_clause(
    compiled: Callable[..., Any], query: dict[str, Any]
) -> None:
    """Nothing is lost: one clause for each event, formula, filter and breakdown, in order."""
    sections = compiled("query", query)["sections"]
    names = [item if isinstance(item, str) else item["event"] for item in query["events"]]
    clauses = [c["behavior"]["name"] for c in sections["show"] if c["type"] == "metric"]
    assert clauses == names
    assert len(sections["show"]) - len(names) == (query["formula"] is not None)
    assert len(sections["filter"]) == len(query["where"])
    assert len(sections["group"]) == len(query["group_by"])


SPOILS: list[dict[str, Any]] = [
    {"last": 0, "from_date": None, "to_date": None},
    {"last": 5000, "from_date": None, "to_date": None},
    {"from_date": "2025-02-30", "last": None},
    {"from_date": None, "to_date": "2025-01-01"},
    {"unit": "decade"},
    {"math": "sum_of_all", "math_property": "x"},
    {"data_group_id": 0},
    {"data_group_id": True},
    {"where": "country"},
    {"where": {"property": "x", "operator": "equals", "value": []}},
    {"where": {"property": "x", "operator": "resembles"}},
    {"where": {"property": {"custom_property_id": 0}, "operator": "is_set"}},
    {"group_by": {"property": " "}},
    {"group_by": {"property": "x", "bucket_size": 5}},
    {"group_by": {"cohort": {"all_of": []}}},
    {"time_comparison": {"type": "relative"}},
    {"mode": "pie"},
    {"colour": "red"},
]


@given(LEGAL, st.sampled_from(SPOILS))
@shared
def test_one_wrong_argument_spoils_any_query(
    refusals: Callable[..., Any], query: tuple[str, Any], spoil: dict[str, Any]
) -> None:
    """However good the rest is, a wrong argument is refused and nothing is compiled."""
    tool, arguments = query
    if tool == "query" and "math" in spoil:
        arguments = {**arguments, "events": ["A", *arguments["events"]]}
    assert refusals(tool, {**arguments, **spoil})


@pytest.mark.parametrize("math", get_args(MathType))
@pytest.mark.parametrize("has_property", [False, True])
@pytest.mark.parametrize("per_user", [None, "total"])
def test_a_plain_name_and_a_metric_are_judged_alike(
    math: str, has_property: bool, per_user: str | None, refusals: Callable[..., Any]
) -> None:
    """An aggregation is refused or accepted alike, whether the query or the event names it."""
    name = "amount" if has_property else None
    measure = {"math": math, "per_user": per_user, "percentile_value": 95}
    plain = refusals("query", {"events": "A", "math_property": name, **measure})
    metric = refusals("query", {"events": {"event": "A", "property": name, **measure}})
    assert bool(plain) == bool(metric)
