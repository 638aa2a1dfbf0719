"""How arguments are read: wider than published, and with the nearest word for a slip."""

from collections.abc import Callable
from typing import Any

import pytest


def _filter_values(params: dict[str, Any]) -> list[Any]:
    return [entry["filterValue"] for entry in params["sections"]["filter"]]


@pytest.mark.parametrize(
    ("value", "sent"),
    [(18, 18), ("18", 18), ("65.5", 65.5), (-3, -3), ("1e3", 1000.0), ("-2", -2)],
)
def test_numerals_are_numbers_where_the_operator_compares_numbers(
    value: Any, sent: float, compiled: Callable[..., Any]
) -> None:
    """A number may be written as text, since the schema publishes text."""
    where = {"property": "age", "operator": "greater_than", "value": value}
    values = _filter_values(compiled("query", {"events": "A", "where": where}))
    assert (values, type(values[0])) == ([sent], type(sent))


@pytest.mark.parametrize("value", ["many", True, None, "", "1_000", ["1"], "nan"])
def test_other_text_is_no_number(value: Any, refusals: Callable[..., Any]) -> None:
    """What does not spell a number is refused where the operator compares numbers."""
    where = {"property": "age", "operator": "at_most", "value": value}
    (problem,) = refusals("query", {"events": "A", "where": where})
    assert problem["path"] == "where[0]"


def test_several_values_may_stand_in_values(compiled: Callable[..., Any]) -> None:
    """`values` and a list in `value` mean the same."""
    base = {"property": "country", "operator": "equals"}
    where = [{**base, "values": ["US", "CA"]}, {**base, "value": ["US", "CA"]}]
    values = _filter_values(compiled("query", {"events": "A", "where": where}))
    assert values == [["US", "CA"], ["US", "CA"]]


def test_numbers_are_text_where_the_operator_compares_text(compiled: Callable[..., Any]) -> None:
    """`contains` looks for the digits of a number."""
    where = {"property": "code", "operator": "contains", "value": 42}
    assert _filter_values(compiled("query", {"events": "A", "where": where})) == ["42"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"operator": "is greater than", "value": 1}, {"operator": "greater_than", "value": 1}),
        ({"operator": ">=", "value": 1}, {"operator": "at_least", "value": 1}),
        ({"operator": "!=", "value": "a"}, {"operator": "not_equals", "value": "a"}),
        ({"operator": "true"}, {"operator": "is_true"}),
        (
            {"operator": "is between", "value": [1, 2]},
            {"operator": "between", "min_val": 1, "max_val": 2},
        ),
        (
            {"operator": "date_between", "value": ["2025-01-01", "2025-01-02"]},
            {"operator": "date_between", "from_date": "2025-01-01", "to_date": "2025-01-02"},
        ),
        (
            {"operator": "was in the", "value": 7, "date_unit": "day"},
            {"operator": "in_the_last", "quantity": 7, "date_unit": "day"},
        ),
    ],
)
def test_a_filter_may_be_written_as_reports_write_it(
    written: dict[str, Any], meant: dict[str, Any], compiled: Callable[..., Any]
) -> None:
    """Mixpanel's own words, symbols, and operands in `value` mean the operators of the grammar."""
    params = [
        compiled("query", {"events": "A", "where": {"property": "x", **each}})
        for each in (written, meant)
    ]
    assert params[0] == params[1]


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("query", {"events": "A", "math": "sum"}, "Did you mean 'total' (it sums the property)?"),
        (
            "query_retention",
            {"born_event": "A", "return_event": "B", "math": "rate"},
            "Did you mean 'retention_rate'?",
        ),
        ("query", {"events": "A", "math": "count"}, "Did you mean 'total'"),
        (
            "query",
            {"events": {"event": "A", "math": "p95", "property": "x"}},
            "percentile_value 95",
        ),
        ("query", {"events": "A", "mode": "line"}, "Did you mean 'timeseries'?"),
        ("query", {"events": {"name": "A"}}, "Did you mean 'event'?"),
        (
            "query",
            {"events": "A", "group_by": {"property": "x", "type": "number"}},
            "property_type",
        ),
        (
            "query",
            {"events": "A", "time_comparison": "month"},
            "with type, unit, date, got 'month'",
        ),
        ("query_retention", {"born_event": "A", "return_event": "B", "mode": "line"}, "'trends'"),
    ],
)
def test_words_of_other_tools_are_answered_with_ours(
    tool: str, arguments: Any, told: str, refusals: Callable[..., Any]
) -> None:
    """Whoever knows another tool learns at the first refusal what the thing is called here."""
    (problem,) = refusals(tool, arguments)
    assert told in problem["message"]


def test_null_is_absent_everywhere(compiled: Callable[..., Any]) -> None:
    """A null argument or key compiles as if it were not there."""
    nulls = {"math": None, "last": None, "group_by": None, "where": None, "cumulative": None}
    metric = {"event": "A", "math": None, "filters": None, "filters_combinator": None}
    assert compiled("query", {"events": metric, **nulls}) == compiled(
        "query", {"events": {"event": "A"}}
    )


def test_one_item_stands_for_a_list(compiled: Callable[..., Any]) -> None:
    """Every list may be given as its only item, a name for an object with nothing else."""
    funnel = {"steps": ["A", "B"], "exclusions": "X", "holding_constant": "p", "group_by": "c"}
    lists = {
        "steps": [{"event": "A"}, {"event": "B"}],
        "exclusions": [{"event": "X"}],
        "holding_constant": [{"property": "p"}],
        "group_by": [{"property": "c"}],
    }
    assert compiled("query_funnel", funnel) == compiled("query_funnel", lists)


def test_a_saved_funnel_may_stand_in_a_list(compiled: Callable[..., Any]) -> None:
    """Hosts that hold to the published list can still name a saved funnel."""
    saved = {"behavior_id": 5, "type": "funnel"}
    assert compiled("query_funnel", {"steps": [saved]}) == compiled(
        "query_funnel", {"steps": saved}
    )


@pytest.mark.parametrize(
    ("where", "path", "message"),
    [
        (
            {"property": "x", "operator": "equal", "value": "a"},
            "where[0].operator",
            "'equal' is not an operator. Did you mean 'equals' or 'not_equals'?",
        ),
        (
            {"property": "x", "operator": "is greter than", "value": 1},
            "where[0].operator",
            "'is greter than' is not an operator. Did you mean 'greater_than' or 'less_than'?",
        ),
        (
            {"propertty": "x", "operator": "is_set"},
            "where[0].propertty",
            "There is no key 'propertty' here. Did you mean 'property' or 'operator'?",
        ),
        (
            {"property": "x", "operator": "between", "value": 1},
            "where[0]",
            "Operator 'between' needs 'min_val'.",
        ),
        (
            {"property": {"custom_property_id": 1}, "operator": "list_contains", "equals": {}},
            "where[0]",
            "Operator 'list_contains' needs the plain name of a property.",
        ),
        (
            {"property": "x", "operator": "is_set", "value": "a"},
            "where[0]",
            "Operator 'is_set' takes no 'value', only property, resource_type.",
        ),
    ],
)
def test_a_slip_in_a_filter_is_answered_with_what_was_meant(
    where: dict[str, Any], path: str, message: str, refusals: Callable[..., Any]
) -> None:
    """The refusal names the key or operator that is nearest, or the keys that belong."""
    (problem,) = refusals("query", {"events": "A", "where": where})
    assert (problem["path"], problem["message"]) == (path, message)


@pytest.mark.parametrize(
    ("tool", "arguments", "path"),
    [
        ("query", {"events": "A", "last": True}, "last"),
        ("query", {"events": "A", "rolling": 1.5}, "rolling"),
        ("query", {"events": "A", "group_by": {"cohort": True}}, "group_by[0].cohort"),
        ("query", {"events": "A", "group_by": {"property_type": "number"}}, "group_by[0]"),
        ("query", {"events": "A", "group_by": {"cohort": 1, "property": "x"}}, "group_by[0]"),
        ("query", {"events": {"event": "A", "filter": []}}, "events[0].filter"),
        ("query", {"events": "A", "unknown": 1}, "unknown"),
        ("query_funnel", {"steps": [{"event": "A", "math": "total"}, "B"]}, "steps[0].math"),
        ("query_funnel", {"steps": 5}, "steps"),
    ],
)
def test_arguments_of_another_form_are_refused_at_their_place(
    tool: str, arguments: Any, path: str, refusals: Callable[..., Any]
) -> None:
    """Booleans are no numbers, fractions no whole numbers, unknown keys no keys."""
    assert [problem["path"] for problem in refusals(tool, arguments)] == [path]


def test_a_breakdown_may_look_at_the_profile(compiled: Callable[..., Any]) -> None:
    """The rules on bookmarks allow profile properties there; the reference has no word for it."""
    group = {"property": "plan", "resource_type": "people"}
    (entry,) = compiled("query", {"events": "A", "group_by": group})["sections"]["group"]
    assert (entry["propertyName"], entry["resourceType"]) == ("plan", "people")


def test_a_custom_property_says_itself_where_it_lies(refusals: Callable[..., Any]) -> None:
    """Beside it, the word would be ignored."""
    group = {"property": {"custom_property_id": 1}, "resource_type": "people"}
    (problem,) = refusals("query", {"events": "A", "group_by": group})
    assert problem["message"] == "resource_type is for a plain name; a custom property has its own."


def test_breakdowns_of_an_unknown_kind_have_a_code(refusals: Callable[..., Any]) -> None:
    """What is neither a name nor an object cannot be broken down by."""
    (problem,) = refusals("query", {"events": "A", "group_by": ["country", 5]})
    assert problem["code"] == "BB1_GROUP_BY_ELEMENT_TYPE"
