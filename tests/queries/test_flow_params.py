"""What the golden cases of flows leave open: wide reading, days, numbers as text."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter

from mixpanel_mcp_core.queries import FlowQuery, compile_flow

Compile = Callable[[str, Any], dict[str, Any]]


def _filters(compiled: Compile, *conditions: dict[str, Any]) -> list[dict[str, Any]]:
    step = {"event": "A", "filters": list(conditions)}
    entries = compiled("query_flow", {"event": step})["steps"][0]["property_filter_params_list"]
    return [entry["filter"] for entry in entries]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        (5.0, "5.0"),
        (6.50, "6.5"),
        (-0.1, "-0.1"),
        (1e16, "1e+16"),
        (1e-7, "1e-07"),
        (10**18, "1000000000000000000"),
        ("5", "5"),
        ("6.50", "6.5"),
    ],
)
def test_numbers_of_step_filters_are_text(value: Any, text: str, compiled: Compile) -> None:
    """A number goes as its shortest decimal text, whether it was given as a number or as text."""
    above = {"property": "n", "operator": "greater_than", "value": value}
    around = {"property": "n", "operator": "between", "min_val": value, "max_val": value}
    assert _filters(compiled, above, around) == [
        {"operator": ">", "operand": text},
        {"operator": "><", "operand": [text, text]},
    ]


@pytest.mark.parametrize("unit", ["hour", "day", "week", "month"])
def test_recent_days_of_step_filters_have_a_plural_unit(unit: str, compiled: Compile) -> None:
    """The quantity stays a number."""
    recent = {"property": "d", "operator": "in_the_last", "quantity": 1, "date_unit": unit}
    assert _filters(compiled, recent) == [{"operator": ">", "operand": 1, "unit": f"{unit}s"}]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"last": 7}, ("in the last", {"unit": "day", "value": 7}, "$now")),
        ({"from_date": "2025-01-01"}, ("between", "2025-01-01", "2025-03-01")),
        (
            {"from_date": "2025-01-01", "to_date": "2025-01-31"},
            ("between", "2025-01-01", "2025-01-31"),
        ),
    ],
)
def test_a_range_without_an_end_ends_today(given: dict[str, Any], sent: tuple[Any, ...]) -> None:
    """Relative days end now, dates on a day."""
    query = TypeAdapter(FlowQuery).validate_python({"event": "A", **given})
    days = compile_flow(query, today=date(2025, 3, 1))["date_range"]
    assert days == dict(zip(("type", "from_date", "to_date"), sent, strict=True))


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ({"event": "A"}, {"event": [{"event": "A"}]}),
        ({"event": ["A", {"event": "B"}]}, {"event": [{"event": "A"}, {"event": "B"}]}),
        ({"event": "A", "forward": "2"}, {"event": "A", "forward": 2}),
        ({"event": "A", "forward": None, "segments": None}, {"event": "A"}),
        ({"event": {"event": "A", "label": None, "reverse": None}}, {"event": "A"}),
        ({"event": "A", "hidden_events": "B"}, {"event": "A", "hidden_events": ["B"]}),
        ({"event": "A", "exclusions": "B"}, {"event": "A", "exclusions": ["B"]}),
        ({"event": "A", "segments": "x"}, {"event": "A", "segments": [{"property": "x"}]}),
        (
            {"event": "A", "where": {"property": "x", "operator": "is_set"}},
            {"event": "A", "where": [{"property": "x", "operator": "is_set"}]},
        ),
        ({"event": {"event": "A", "label": ""}}, {"event": "A"}),
    ],
)
def test_slips_of_form_are_read_as_what_was_meant(
    wide: dict[str, Any], narrow: dict[str, Any], compiled: Compile
) -> None:
    """One item for a list, a name for an object, null for nothing, a numeral for a number."""
    assert compiled("query_flow", wide) == compiled("query_flow", narrow)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"event": "A", "limit": 10}, "limit"),
        ({"event": "A", "unit": "day"}, "unit"),
        ({"event": "A", "time_comparison": {"type": "relative", "unit": "day"}}, "time_comparison"),
        ({"event": {"event": "A", "forwards": 3}}, "event[0].forwards"),
        ({"event": 5}, "event"),
        ({"event": [5]}, "event[0]"),
        ({"event": "A", "cardinality": True}, "cardinality"),
        ({"event": "A", "exclusions": [5]}, "exclusions[0]"),
        ({"event": "A", "hidden_events": 5}, "hidden_events"),
    ],
)
def test_what_flows_do_not_take_is_refused_at_its_place(
    query: dict[str, Any], path: str, refusals: Callable[..., Any]
) -> None:
    """Unknown arguments and keys, and values of another form."""
    assert [problem["path"] for problem in refusals("query_flow", query)] == [path]


def test_a_wrong_key_of_a_step_is_answered_with_the_nearest(refusals: Callable[..., Any]) -> None:
    """The refusal offers the key that was probably meant."""
    (problem,) = refusals("query_flow", {"event": {"event": "A", "forwards": 3}})
    assert problem["message"].startswith("There is no key 'forwards' here. Did you mean 'forward'")


def test_no_segments_and_an_empty_list_of_them_differ(compiled: Compile) -> None:
    """The reference leaves the key out for null only."""
    assert compiled("query_flow", {"event": "A", "segments": []})["segments"] == []
    assert "segments" not in compiled("query_flow", {"event": "A"})


def test_a_cohort_without_a_name_has_an_empty_one(compiled: Compile) -> None:
    """The name is always there."""
    params = compiled("query_flow", {"event": "A", "where": {"operator": "in_cohort", "cohort": 3}})
    assert params["filter_by_cohort"] == {"name": "", "negated": False, "id": 3}
