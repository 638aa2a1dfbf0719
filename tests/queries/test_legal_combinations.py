"""Whatever the grammar allows compiles, the same each time; whatever it forbids never does."""

import json
from collections.abc import Callable
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import DAYS, NAMES, filters, pair

from mixpanel_mcp_core.queries.operators import OPERATORS
from mixpanel_mcp_core.queries.vocabulary import (
    ConversionWindowUnit,
    FlowMode,
    InsightsMode,
    MathType,
    PerUserAggregation,
    QueryTimeUnit,
    RetentionAlignment,
    RetentionMathType,
    RetentionMode,
    RetentionUnboundedMode,
    TimeUnit,
)

shared = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

COUNTING = ("unique", "dau", "wau", "mau", "cumulative_unique", "sessions")


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
    st.fixed_dictionaries({"last": st.integers(1, 3650)}), pair(DAYS, "from_date", "to_date")
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


@st.composite
def retentions(draw: st.DrawFn) -> dict[str, Any]:
    """A legal retention query."""
    event = NAMES | st.fixed_dictionaries(
        {"event": NAMES}, optional={"filters": st.lists(filters(), max_size=2)}
    )
    sizes = st.lists(st.integers(1, 60), max_size=4, unique=True).map(sorted)
    # Cohorts are not broken down beside properties.
    groups = draw(st.lists(GROUPS.filter(lambda group: "cohort" not in group), max_size=2))
    return {
        **draw(common()),
        "group_by": groups,
        "born_event": draw(event),
        "return_event": draw(event),
        "retention_unit": draw(st.sampled_from(get_args(TimeUnit))),
        "unit": draw(st.sampled_from(get_args(TimeUnit))),
        "alignment": draw(st.sampled_from(get_args(RetentionAlignment))),
        "bucket_sizes": draw(st.none() | sizes),
        "math": draw(st.sampled_from(get_args(RetentionMathType))),
        "mode": draw(st.sampled_from(get_args(RetentionMode))),
        "unbounded_mode": draw(st.none() | st.sampled_from(get_args(RetentionUnboundedMode))),
        "retention_cumulative": draw(st.booleans()),
    }


ON_COHORTS = ("in_cohort", "not_in_cohort")
NOT_IN_STEPS = ("starts_with", "ends_with", "in_the_next", "list_contains", *ON_COHORTS)
ON_PROPERTIES = [name for name in OPERATORS if name not in ON_COHORTS]
IN_STEPS = [name for name in OPERATORS if name not in NOT_IN_STEPS]


@st.composite
def flows(draw: st.DrawFn) -> dict[str, Any]:
    """A legal flow query."""
    hops = st.integers(1, 5)
    own = {"forward": hops, "reverse": hops, "label": NAMES, "filters": st.lists(filters(IN_STEPS))}
    step = st.fixed_dictionaries({"event": NAMES}, optional=own)
    unit = draw(st.sampled_from(["day", "week", "month", "session"]))
    cohorts = draw(st.lists(filters(ON_COHORTS), max_size=1))
    return {
        "event": draw(st.lists(NAMES | step, min_size=1, max_size=4)),
        "forward": draw(hops),
        "reverse": draw(st.integers(0, 5)),
        "conversion_window": 1 if unit == "session" else draw(st.integers(1, 12)),
        "conversion_window_unit": unit,
        "count_type": "session"
        if unit == "session"
        else draw(st.sampled_from(["unique", "total"])),
        "cardinality": draw(st.integers(1, 50)),
        "mode": draw(st.sampled_from(get_args(FlowMode))),
        "hidden_events": draw(st.none() | st.lists(NAMES, max_size=2)),
        "where": [*cohorts, *draw(st.lists(filters(ON_PROPERTIES), max_size=2))],
        "segments": draw(st.none() | st.lists(GROUPS, max_size=2)),
        "data_group_id": draw(st.none() | st.integers(1, 9)),
        **draw(PERIODS),
    }


LEGAL = st.one_of(
    insights().map(lambda query: ("query", query)),
    funnels().map(lambda query: ("query_funnel", query)),
    retentions().map(lambda query: ("query_retention", query)),
    flows().map(lambda query: ("query_flow", query)),
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


SEVERAL = st.lists(NAMES | st.just({"custom_event_id": 7}), min_size=2, max_size=3)
FUNNEL = st.fixed_dictionaries({"steps": st.lists(NAMES, min_size=2, max_size=3)})
RETENTION = st.fixed_dictionaries({"born_event": NAMES, "return_event": NAMES})
KINDS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "event": st.fixed_dictionaries({"event": NAMES}),
    "custom-event": st.just({"event": {"custom_event_id": 7}}),
    "simple": st.fixed_dictionaries(
        {"event": SEVERAL | st.fixed_dictionaries({"events": SEVERAL})}
    ),
    "cohort": st.fixed_dictionaries({"cohort": st.integers(1, 9)}),
    "funnel": st.fixed_dictionaries({"funnel": FUNNEL}, optional={"label": NAMES}),
    "retention": st.fixed_dictionaries({"retention": RETENTION}, optional={"label": NAMES}),
}


@given(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4), st.data(), st.booleans())
@shared
def test_every_kind_of_metric_has_its_clause_also_as_an_operand(
    compiled: Callable[..., Any], kinds: list[str], data: st.DataObject, as_operands: bool
) -> None:
    """One behavior of the right type for each metric, shown or under a formula of its own."""
    metrics = [data.draw(KINDS[kind]) for kind in kinds]
    formula = {"formula": "A + A", "metrics": metrics}
    params = compiled("query", {"events": formula if as_operands else metrics})
    shown = params["sections"]["show"]
    clauses = shown[0]["referencedMetrics"] if as_operands else shown
    assert [clause["behavior"]["type"] for clause in clauses] == kinds


@given(flows())
@shared
def test_every_anchor_filter_and_segment_of_a_flow_has_its_clause(
    compiled: Callable[..., Any], query: dict[str, Any]
) -> None:
    """Nothing is lost: one clause for each anchor, filter, cohort and breakdown, in order."""
    params = compiled("query_flow", query)
    anchors = [{"event": item} if isinstance(item, str) else item for item in query["event"]]
    steps = [(step["event"], len(step["property_filter_params_list"])) for step in params["steps"]]
    assert steps == [(step["event"], len(step.get("filters", ()))) for step in anchors]
    children = params.get("filter_by_event", {"children": []})["children"]
    assert len(children) + ("filter_by_cohort" in params) == len(query["where"])
    assert len(params.get("segments", ())) == len(query["segments"] or ())


# The rule against it looks at insights and funnels only.
NO_VALUE = {"where": {"property": "x", "operator": "equals", "value": []}}
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
    NO_VALUE,
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
    assume(tool != "query_flow" or spoil is not NO_VALUE)
    if tool == "query" and "math" in spoil:
        arguments = {**arguments, "events": ["A", *arguments["events"]]}
    assert refusals(tool, {**arguments, **spoil})


RETENTION_SPOILS: list[dict[str, Any]] = [
    {"born_event": ""},
    {"return_event": None},
    {"born_event": ["A", "B"]},
    {"return_event": {"behavior_id": 1, "type": "retention"}},
    {"retention_unit": "hour"},
    {"unit": "quarter"},
    {"alignment": "interval"},
    {"bucket_sizes": [3, 1]},
    {"bucket_sizes": [1, 1.5]},
    {"bucket_sizes": [0]},
    {"math": "conversion_rate"},
    {"unbounded_mode": "carry"},
    {"group_by": ["country", {"cohort": 1}]},
    {"group_by": ""},
    {"math_property": "amount"},
]


@given(retentions(), st.sampled_from(RETENTION_SPOILS))
@shared
def test_one_wrong_argument_spoils_any_retention(
    refusals: Callable[..., Any], query: dict[str, Any], spoil: dict[str, Any]
) -> None:
    """The same holds for the arguments that only retention has."""
    assert refusals("query_retention", {**query, **spoil})


FLOW_SPOILS: list[dict[str, Any]] = [
    {"event": []},
    {"event": ["A", ""]},
    {"event": {"event": "A", "steps": 3}},
    {"event": {"event": "A", "filters": [{"operator": "in_cohort", "cohort": 1}]}},
    {"event": "A", "forward": 0, "reverse": 0},
    {"forward": 1.5},
    {"reverse": 6, "event": "A"},
    {"cardinality": 0},
    {"conversion_window": 400, "conversion_window_unit": "day", "count_type": "total"},
    {"count_type": "session", "conversion_window_unit": "week"},
    {"conversion_window_unit": "session", "conversion_window": 2},
    {"hidden_events": [5]},
    {"where": [{"operator": "in_cohort", "cohort": 1}, {"operator": "in_cohort", "cohort": 2}]},
    {"where": {"frequency_of": "A", "value": 1}},
    {"segments": 5},
    {"limit": 10},
]


@given(flows(), st.sampled_from(FLOW_SPOILS))
@shared
def test_one_wrong_argument_spoils_any_flow(
    refusals: Callable[..., Any], query: dict[str, Any], spoil: dict[str, Any]
) -> None:
    """The same holds for the arguments that only flows have."""
    assert refusals("query_flow", {**query, **spoil})


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
