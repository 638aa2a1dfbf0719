"""Every rule on flows: when it is broken, where, and the sentence that says what would be right."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter

from mixpanel_mcp_core.errors import BookmarkValidationError
from mixpanel_mcp_core.queries import FlowQuery, compile_flow, flow_bookmark_problems
from mixpanel_mcp_core.queries.operators import OPERATORS

Refusals = Callable[[str, Any], list[dict[str, Any]]]

ON_SESSION = {"count_type": "session", "conversion_window_unit": "session", "conversion_window": 1}
COHORT = {"operator": "in_cohort", "cohort": 1}
CUSTOM = {"property": {"custom_property_id": 5}, "operator": "is_set"}


def _step(**keys: Any) -> dict[str, Any]:
    return {"event": {"event": "A", **keys}}


SENTENCES: list[tuple[dict[str, Any], str, str]] = [
    (
        {"event": []},
        "FL1_EMPTY_STEPS",
        'A flow needs an event to start from, e.g. "Login".',
    ),
    (
        {"event": "\u200b"},
        "FL2_INVISIBLE_STEP_EVENT",
        "Event '\\u200b' must contain a visible character.",
    ),
    (_step(forward=6), "FL3_FORWARD_RANGE", "event[0]: forward must be 0 to 5 events, got 6."),
    ({"event": "A", "reverse": -1}, "FL4_REVERSE_RANGE", "reverse must be 0 to 5 events, got -1."),
    (
        {"event": "A", "forward": 0},
        "FL5_NO_DIRECTION",
        "A flow looks forward or back: forward or reverse must be at least 1.",
    ),
    (
        {"event": "A", "cardinality": 51},
        "FL6_CARDINALITY_RANGE",
        "cardinality must be 1 to 50 events, got 51.",
    ),
    (
        {"event": "A", "conversion_window": 0},
        "FL7_CONVERSION_WINDOW_POSITIVE",
        "conversion_window must be positive, got 0.",
    ),
    (
        {"event": "A", "conversion_window": 13, "conversion_window_unit": "month"},
        "FL7_CONVERSION_WINDOW_MAX",
        "conversion_window is at most 12 for unit 'month', got 13.",
    ),
    (
        {"event": "A", "count_type": "session"},
        "FL9_SESSION_REQUIRES_SESSION_WINDOW",
        'count_type "session" needs conversion_window_unit "session".',
    ),
    (
        {"event": "A", "conversion_window_unit": "session"},
        "FL10_SESSION_WINDOW_REQUIRES_ONE",
        'With conversion_window_unit "session", conversion_window is 1.',
    ),
    (
        {"event": "A", "count_type": "xyz"},
        "FL_INVALID_COUNT_TYPE",
        "count_type 'xyz' is not valid. Valid are 3: 'session', 'total', 'unique'.",
    ),
    (
        {"event": "A", "mode": "sanky"},
        "FL_INVALID_MODE",
        "mode 'sanky' is not valid. Did you mean 'sankey'?",
    ),
    (
        {"event": "A", "conversion_window_unit": "days"},
        "FL_INVALID_WINDOW_UNIT",
        "conversion_window_unit 'days' is not valid. Did you mean 'day'?",
    ),
    (
        _step(filters_combinator="or"),
        "FL_INVALID_FILTERS_COMBINATOR",
        "filters_combinator 'or' is not valid. Valid are 2: 'all', 'any'.",
    ),
    (
        _step(reverse=0.5),
        "FL_TYPE_REVERSE",
        "reverse must be a whole number of events such as 3, got 0.5.",
    ),
    (
        _step(forward="all"),
        "FL_TYPE_FORWARD",
        "forward must be a whole number of events such as 3, got 'all'.",
    ),
    (
        {"event": "A", "hidden_events": [5]},
        "FL_INVALID_HIDDEN_EVENT_TYPE",
        'Expected the name of an event, e.g. "Page View", got 5.',
    ),
    (
        _step(filters=[{"property": "x\u0001", "operator": "is_set"}]),
        "FL_FILTER_CONTROL_CHAR",
        "Property 'x\\x01' must not contain control characters.",
    ),
    (
        _step(session_event="start"),
        "FS1_SESSION_EVENT_MISMATCH",
        "event[0]: session_event 'start' needs event '$session_start', got 'A'.",
    ),
    (
        _step(filters=[{"property": "x", "operator": "starts_with", "value": "a"}]),
        "SG1_UNKNOWN_STRING_OPERATOR",
        "A step cannot be filtered with 'starts_with'. "
        "Valid are 6: 'contains', 'equals', 'is_not_set', 'is_set', 'not_contains', ....",
    ),
    (
        _step(
            filters=[
                {"property": "x", "operator": "in_the_next", "quantity": 1, "date_unit": "day"}
            ]
        ),
        "SG3_UNKNOWN_DATETIME_OPERATOR",
        "A step cannot be filtered with 'in_the_next'. Did you mean 'in_the_last'"
        " or 'not_in_the_last'?",
    ),
    (
        _step(filters=[COHORT]),
        "SG4_UNSUPPORTED_PROPERTY_TYPE",
        "A step cannot be filtered with 'in_cohort'; put it into where.",
    ),
    (
        _step(filters=[CUSTOM]),
        "VALIDATION_ERROR",
        "The filters of a flow's step take plain property names only.",
    ),
    (
        _step(filters=[{"property": "x", "operator": "at_least", "value": "1e999"}]),
        "B20B_FILTER_VALUE_NOT_FINITE",
        "A filter value must be finite, got inf.",
    ),
    (
        {"event": "A", "where": {"property": "x", "operator": "at_least", "value": "1e999"}},
        "B20B_FILTER_VALUE_NOT_FINITE",
        "A number must be finite, got inf.",
    ),
    (
        {"event": "A", "where": CUSTOM},
        "BB3_FLOW_PROPERTY_FILTER_TYPE",
        "The filters of a flow take plain property names only, no custom properties.",
    ),
    (
        {"event": "A", "where": [COHORT, COHORT]},
        "BB5_FLOW_MULTIPLE_COHORT_FILTERS",
        "A flow takes one cohort filter, got 2.",
    ),
    (
        {"event": "A", "where": {"frequency_of": "B", "value": 1}},
        "frequency",
        "A flow cannot be filtered by frequency; filter by a property, or by in_cohort.",
    ),
]


@pytest.mark.parametrize(
    ("query", "code", "sentence"), SENTENCES, ids=[code for _, code, _ in SENTENCES]
)
def test_a_broken_rule_says_what_would_be_right(
    query: dict[str, Any], code: str, sentence: str, refusals: Refusals
) -> None:
    """Each rule has its code and a sentence that names the value given and what is allowed."""
    (problem,) = refusals("query_flow", query)
    assert (problem["code"], problem["message"]) == (code, sentence)


# Columns: where of a flow; filters of a step.
POSITIONS = {
    **dict.fromkeys(OPERATORS, ("", "")),
    **dict.fromkeys(("starts_with", "ends_with"), ("", "SG1_UNKNOWN_STRING_OPERATOR")),
    "in_the_next": ("", "SG3_UNKNOWN_DATETIME_OPERATOR"),
    **dict.fromkeys(
        ("list_contains", "in_cohort", "not_in_cohort"), ("", "SG4_UNSUPPORTED_PROPERTY_TYPE")
    ),
}
OPERANDS: dict[str, dict[str, Any]] = {
    "choice": {"value": "a"},
    "text": {"value": "a"},
    "number": {"value": 1},
    "range": {"min_val": 1, "max_val": 2},
    "nothing": {},
    "day": {"value": "2025-01-05"},
    "days": {"from_date": "2025-01-01", "to_date": "2025-01-09"},
    "recent": {"quantity": 1, "date_unit": "day"},
    "items": {"equals": {"Brand": "a"}},
}


@pytest.mark.parametrize("operator", OPERATORS)
def test_where_takes_every_operator_and_a_step_those_with_a_symbol(
    operator: str, refusals: Refusals
) -> None:
    """The whole table: which filter may stand on a flow, and which on one of its steps."""
    kind = OPERATORS[operator].operand
    rest = {"cohort": 1} if kind == "cohort" else {"property": "x", **OPERANDS[kind]}
    condition = {"operator": operator, **rest}
    queries = [{"event": "A", "where": condition}, _step(filters=[condition])]
    problems = [refusals("query_flow", query) for query in queries]
    codes = tuple("".join(problem["code"] for problem in found) for found in problems)
    assert codes == POSITIONS[operator]


WINDOWS = {"day": (1, 366, 367), "week": (1, 52, 53), "month": (1, 12, 13)}


@pytest.mark.parametrize("count_type", ["unique", "total", "session"])
@pytest.mark.parametrize("unit", ["day", "week", "month", "session"])
def test_count_unit_and_window_go_together(count_type: str, unit: str, refusals: Refusals) -> None:
    """The whole table: sessions are counted in one session, all else in any window that fits."""

    def rules(window: int) -> str:
        query = {"conversion_window_unit": unit, "conversion_window": window}
        problems = refusals("query_flow", {"event": "A", "count_type": count_type, **query})
        return " ".join(problem["code"].split("_")[0] for problem in problems)

    if unit == "session":
        assert [rules(window) for window in (1, 2, 0)] == ["", "FL10", "FL7 FL10"]
    else:
        own = "FL9" if count_type == "session" else ""
        judged = [rules(window) for window in WINDOWS[unit]]
        assert judged == [own, own, f"FL7 {own}".strip()]


def test_problems_of_form_come_alone_and_in_order(refusals: Refusals) -> None:
    """Directions and combinators of all steps, then names in filters, then hidden events."""
    named = [{"property": "x\u0001", "operator": "is_set"}]
    query = {
        "event": [
            {"event": "A", "filters": named, "forward": True},
            {"event": "B", "filters_combinator": "xor"},
        ],
        "reverse": 0.5,
        "hidden_events": [None],
        "cardinality": 0,
    }
    assert [(each["code"], each["path"]) for each in refusals("query_flow", query)] == [
        ("FL_TYPE_REVERSE", "reverse"),
        ("FL_TYPE_FORWARD", "steps[0].forward"),
        ("FL_TYPE_REVERSE", "steps[0].reverse"),
        ("FL_TYPE_REVERSE", "steps[1].reverse"),
        ("FL_INVALID_FILTERS_COMBINATOR", "steps[1].filters_combinator"),
        ("FL_FILTER_CONTROL_CHAR", "steps[0].filters[0]"),
        ("FL_INVALID_HIDDEN_EVENT_TYPE", "hidden_events[0]"),
    ]


def test_all_problems_of_arguments_come_together_and_in_order(refusals: Refusals) -> None:
    """Group, steps, numbers, words, sessions, dates, custom properties."""
    unknown = {"property": {"custom_property_id": 0}, "operator": "is_set"}
    query = {
        "event": ["\u200b", {"event": "B", "filters": [unknown]}],
        "forward": 0,
        "cardinality": 0,
        "conversion_window": 400,
        "count_type": "session",
        "mode": "x",
        "last": 0,
        "to_date": "2025-02-30",
        "where": [unknown, unknown],
        "data_group_id": -1,
    }
    assert [(each["code"], each["path"]) for each in refusals("query_flow", query)] == [
        ("DG1_INVALID_DATA_GROUP_ID", "data_group_id"),
        ("FL2_INVISIBLE_STEP_EVENT", "steps[0]"),
        ("FL5_NO_DIRECTION", "forward"),
        ("FL6_CARDINALITY_RANGE", "cardinality"),
        ("FL7_CONVERSION_WINDOW_MAX", "conversion_window"),
        ("FL_INVALID_MODE", "mode"),
        ("FL9_SESSION_REQUIRES_SESSION_WINDOW", "count_type"),
        ("V7_LAST_POSITIVE", "last"),
        ("V8_DATE_INVALID", "to_date"),
        ("V9_TO_REQUIRES_FROM", "to_date"),
        ("CP1_INVALID_ID", "where[0]"),
        ("CP1_INVALID_ID", "where[1]"),
        ("CP1_INVALID_ID", "steps[1].filters[0]"),
    ]


def test_a_flow_that_starts_in_the_future_has_no_days() -> None:
    """Without an end the last day is today, which must not be before the first."""
    query = TypeAdapter(FlowQuery).validate_python({"event": "A", "from_date": "2025-03-02"})
    with pytest.raises(BookmarkValidationError) as raised:
        compile_flow(query, today=date(2025, 3, 1))
    assert [each["code"] for each in raised.value.errors] == ["V15_DATE_ORDER"]


def test_a_step_of_its_own_direction_needs_none_of_the_query(refusals: Refusals) -> None:
    """The query's forward and reverse are for the steps that have none."""
    assert refusals("query_flow", {**_step(forward=2, reverse=0), "forward": 9, "reverse": 9}) == []


STEP = {"event": "A", "forward": 3, "reverse": 0}
GOOD = {
    "steps": [STEP],
    "date_range": {},
    "count_type": "unique",
    "chartType": "tree",
    "version": 2,
}


@pytest.mark.parametrize(
    ("spoilt", "code", "path"),
    [
        ({"steps": []}, "FLB1_EMPTY_STEPS", "steps"),
        ({"steps": "A"}, "FLB1_EMPTY_STEPS", "steps"),
        ({"steps": [STEP, {"event": " "}]}, "FLB2_EMPTY_STEP_EVENT", "steps[1].event"),
        ({"steps": [5]}, "FLB2_EMPTY_STEP_EVENT", "steps[0].event"),
        ({"count_type": "uniq"}, "FLB3_INVALID_COUNT_TYPE", "count_type"),
        ({"chartType": "paths"}, "FLB4_INVALID_CHART_TYPE", "chartType"),
        ({"version": 1}, "FLB6_INVALID_VERSION", "version"),
        ({"segments": [{"a": float("nan")}]}, "B20B_FILTER_VALUE_NOT_FINITE", "segments[0].a"),
    ],
)
def test_a_bookmark_of_any_origin_is_checked(spoilt: dict[str, Any], code: str, path: str) -> None:
    """Steps, words, version and numbers, whoever wrote the bookmark."""
    problems = list(flow_bookmark_problems({**GOOD, **spoilt}))
    assert [(problem.code, problem.path) for problem in problems] == [(code, path)]


def test_a_bookmark_without_dates_or_version_is_refused_and_without_words_is_not() -> None:
    """Count type and chart have defaults; dates and version have none."""
    codes = [problem.code for problem in flow_bookmark_problems({"steps": [STEP]})]
    assert codes == ["FLB5_MISSING_DATE_RANGE", "FLB6_INVALID_VERSION"]
    assert list(flow_bookmark_problems(GOOD)) == []


def test_a_wrong_word_in_a_bookmark_comes_with_the_nearest() -> None:
    """As for arguments."""
    (problem,) = flow_bookmark_problems({**GOOD, "count_type": "uniq"})
    assert problem.suggestion == ("unique",)
