"""Queries on profiles: the selector of any filter, the order of params, what is refused."""

import json
import logging
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from strategies import NAMES, filters

from mixpanel_mcp_core.errors import BookmarkValidationError
from mixpanel_mcp_core.queries import UserQuery, compile_user, unused_values
from mixpanel_mcp_core.queries.operators import OPERATORS
from mixpanel_mcp_core.queries.users.param_rules import param_problems

shared = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

NOT_OF_PROFILES = ("starts_with", "ends_with", "list_contains", "not_in_cohort")
OF_PROPERTIES = [name for name in OPERATORS if name not in (*NOT_OF_PROFILES, "in_cohort")]
READER = TypeAdapter[UserQuery](UserQuery)


def _where(params: dict[str, Any]) -> str:
    return params["where"]


@st.composite
def queries(draw: st.DrawFn) -> dict[str, Any]:
    """A legal query on profiles."""
    cohort = draw(st.lists(filters(["in_cohort"]), max_size=1))
    where = [*cohort, *draw(st.lists(filters(OF_PROPERTIES), max_size=3))]
    own = {
        "properties": st.lists(NAMES, min_size=1, max_size=3),
        "sort_by": NAMES,
        "sort_order": st.sampled_from(["ascending", "descending"]),
        "search": NAMES,
        "distinct_ids": st.lists(NAMES, min_size=1, max_size=3),
        "as_of": st.just("2025-01-31") | st.integers(0, 2**31),
        "limit": st.none() | st.integers(1, 10**6),
        "parallel": st.booleans(),
    }
    if draw(st.booleans()):
        chosen = draw(st.fixed_dictionaries({}, optional=own))
        return {"mode": "profiles", "where": where, **chosen}
    segments = draw(st.none() | st.lists(st.integers(1, 99), max_size=3))
    return {"where": where, "segment_by": segments, **draw(AGGREGATES)}


AGGREGATES = st.one_of(
    st.just({}),
    st.builds(lambda name: {"aggregate": "extremes", "aggregate_property": name}, NAMES),
    st.builds(
        lambda name, n: {"aggregate": "percentile", "aggregate_property": name, "percentile": n},
        NAMES,
        st.integers(1, 99) | st.floats(0.001, 99.999),
    ),
)


@given(queries())
@shared
def test_every_legal_query_compiles_the_same_each_time(
    compiled: Callable[..., Any], query: dict[str, Any]
) -> None:
    """Compiling is a pure function: equal params, untouched arguments, plain JSON."""
    before = json.dumps(query)
    params = compiled("query_user", query)
    assert json.dumps(params, allow_nan=False) == json.dumps(compiled("query_user", query))
    assert json.dumps(query) == before


@given(st.lists(filters(OF_PROPERTIES), min_size=2, max_size=4))
@shared
def test_the_selector_of_a_list_joins_those_of_its_filters(
    compiled: Callable[..., Any], where: list[dict[str, Any]]
) -> None:
    """Nothing is lost or moved: the terms stand in the order of the filters."""
    terms = [_where(compiled("query_user", {"where": each})) for each in where]
    assert _where(compiled("query_user", {"where": where})) == " and ".join(terms)


@given(st.text(min_size=1).filter(str.strip), st.text())
@shared
def test_any_text_comes_back_out_of_its_quotes(
    compiled: Callable[..., Any], name: str, value: str
) -> None:
    """Whatever a name or a value holds, it ends where it ends and reads as it was."""
    where = {"property": name, "operator": "equals", "value": value}
    text = r'"((?:[^"\\]|\\.)*)"'
    read = re.fullmatch(
        rf"properties\[{text}\] == {text}", _where(compiled("query_user", {"where": where})), re.S
    )
    assert read is not None
    assert [re.sub(r"\\(.)", r"\1", each, flags=re.S) for each in read.groups()] == [name, value]


SPOILS: list[dict[str, Any]] = [
    {"where": {"property": "x", "operator": "starts_with", "value": "a"}},
    {"where": {"property": "x", "operator": "in_the_last", "quantity": 51, "date_unit": "years"}},
    {"where": {"property": "x", "operator": "greater_than", "value": float("nan")}},
    {"where": {"property": "x", "operator": "equals", "value": [float("inf")]}},
    {"where": [{"operator": "in_cohort", "cohort": 1}], "cohort": 2},
    {"where": 7},
    {"cohort": {"all_of": []}},
    {"mode": "users"},
    {"limit": 0},
    {"limit": "many"},
    {"workers": 6},
    {"as_of": "20250131"},
    {"percentile": 100},
    {"segment_by": [0]},
    {"include_all_users": True, "where": "a", "cohort": None},
    {"last": 7},
]


@given(queries(), st.sampled_from(SPOILS))
@shared
def test_one_wrong_argument_spoils_any_query(
    refusals: Callable[..., Any], query: dict[str, Any], spoil: dict[str, Any]
) -> None:
    """However good the rest is, a wrong argument is refused and nothing is compiled."""
    assert refusals("query_user", {**query, **spoil})


def test_params_stand_in_the_order_of_the_wire(compiled: Callable[..., Any]) -> None:
    """All that a query for profiles can hold, spaced and escaped as the reference writes it."""
    query = {
        "where": [
            {"property": "plan", "operator": "not_equals", "value": ["a", "b"]},
            {"operator": "in_cohort", "cohort": 5, "name": "C"},
        ],
        "include_all_users": True,
        "mode": "profiles",
        "search": "é",
        "group_id": "g",
        "distinct_ids": ["u", "é"],
        "as_of": "2025-01-15",
        "sort_by": 'a"b',
        "properties": ["$email"],
        "limit": 3,
    }
    assert json.dumps(compiled("query_user", query)) == json.dumps(
        {
            "where": 'properties["plan"] != "a" and properties["plan"] != "b"',
            "filter_by_cohort": '{"id": 5}',
            "output_properties": '["$email"]',
            "sort_key": r'properties["a\"b"]',
            "sort_order": "descending",
            "as_of_timestamp": 1736899200,
            "distinct_ids": '["u", "\\u00e9"]',
            "data_group_id": "g",
            "search": "é",
            "include_all_users": True,
        }
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [(5, "5"), (5.0, "5.0"), (1e-7, "1e-07"), (1e300, "1e+300"), (10**20, "1" + "0" * 20)],
)
def test_numbers_are_printed_like_pythons(
    number: float, text: str, compiled: Callable[..., Any]
) -> None:
    """A number keeps its kind, also beyond the range in which it is written out."""
    where = {"property": "x", "operator": "between", "min_val": number, "max_val": number}
    expected = f'properties["x"] >= {text} and properties["x"] <= {text}'
    assert _where(compiled("query_user", {"where": where})) == expected


def test_values_of_a_list_keep_their_kinds(compiled: Callable[..., Any]) -> None:
    """Texts are quoted, numbers are not, and booleans are printed like Python's."""
    where = {"property": "x", "operator": "equals", "value": ["a", 5, 1.5, True]}
    assert _where(compiled("query_user", {"where": where})) == (
        '(properties["x"] == "a" or properties["x"] == 5 or properties["x"] == 1.5 '
        'or properties["x"] == True)'
    )


def test_values_without_a_selector_are_left_out_and_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What is no text and no number is dropped with a warning, and named for the caller."""
    where = {"property": "x", "operator": "not_equals", "value": ["a", None, {"b": 1}]}
    query = READER.validate_python({"where": where})
    with caplog.at_level(logging.WARNING):
        assert _where(compile_user(query)) == 'properties["x"] != "a"'
    assert "[None, {'b': 1}]" in caplog.text
    assert unused_values(query) == ["x"]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"output_properties": "$email"}, {"properties": ["$email"]}),
        ({"where": ['defined(properties["a"])']}, {"where": 'defined(properties["a"])'}),
        ({"as_of": "1700000000"}, {"as_of": 1700000000}),
        ({"limit": None}, {"limit": "all"}),
        ({"cohort": "12"}, {"cohort": 12}),
    ],
)
def test_arguments_may_be_written_in_other_ways(
    given: dict[str, Any], meant: dict[str, Any], compiled: Callable[..., Any]
) -> None:
    """Old names, one item for a list, a selector in a list, numbers as text."""
    profiles = {"mode": "profiles"}
    assert compiled("query_user", {**profiles, **given}) == compiled(
        "query_user", {**profiles, **meant}
    )


def test_an_empty_selector_is_a_param_and_an_empty_list_is_none(
    compiled: Callable[..., Any],
) -> None:
    """Raw text is passed on whatever it is; no filters make no condition."""
    assert compiled("query_user", {"where": ""}) == {"where": "", "action": "count()"}
    assert compiled("query_user", {"where": []}) == {"action": "count()"}


@pytest.mark.parametrize(("today", "codes"), [(14, ["U8"]), (15, []), (16, [])])
def test_profiles_of_tomorrow_are_refused(today: int, codes: list[str]) -> None:
    """Which day is in the future depends on the clock that the compiler is given."""
    query = READER.validate_python({"mode": "profiles", "as_of": "2025-01-15"})
    found: list[str] = []
    try:
        compile_user(query, today=date(2025, 1, today))
    except BookmarkValidationError as error:
        found = [each["code"] for each in error.errors]
    assert found == codes


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (
            {"property": "x", "operator": "starts_with", "value": "a"},
            "'x': starts_with cannot be asked of profiles. Use contains, and look at the "
            "beginnings of the values yourself.",
        ),
        (
            {"property": "x", "operator": "equals", "value": 5},
            "'x': equals takes text or a list of values; write [5].",
        ),
        (
            {"property": "x", "operator": "in_the_last", "quantity": 609, "date_unit": "month"},
            "'x': in_the_last spans at most 50 years (18250 days), got 609 months; for more, use "
            "before, since or date_between with days.",
        ),
    ],
)
def test_a_filter_without_a_selector_is_told_what_would_do(
    where: dict[str, Any], message: str, refusals: Callable[..., Any]
) -> None:
    """The rule inside U_FILTER is told in its sentence."""
    assert refusals("query_user", {"where": where}) == [
        {"path": "where", "message": message, "code": "U_FILTER", "severity": "error"}
    ]


def test_all_problems_are_told_in_the_order_of_the_rules(refusals: Callable[..., Any]) -> None:
    """Items that are no filters keep their places in the list."""
    query = {
        "where": [
            {"frequency_of": "A", "value": 1},
            "text",
            {"property": {"custom_property_id": 3}, "operator": "is_set"},
            {"property": " ", "operator": "is_set"},
            {"operator": "not_in_cohort", "cohort": 6},
            {"operator": "in_cohort", "cohort": 7},
        ],
        "cohort": 4,
        "limit": 0,
        "properties": ["", "a"],
        "distinct_id": "a",
        "distinct_ids": [],
        "aggregate": "extremes",
        "percentile": 100,
        "segment_by": [0],
        "as_of": "x",
        "workers": 9,
    }
    found = [(each["code"], each["path"]) for each in refusals("query_user", query)]
    assert found == [
        ("U1", "distinct_id"),
        ("U0", "where[0]"),
        ("U0", "where[1]"),
        ("U2", "cohort"),
        ("U3", "limit"),
        ("U4", "distinct_ids"),
        ("U6", "as_of"),
        ("U10", "where[3]._property"),
        ("U25", "where[2]._property"),
        ("U11", "properties[0]"),
        ("U12", "where[4]"),
        ("U14", "aggregate_property"),
        ("U17", "segment_by[0]"),
        ("U27", "percentile"),
        ("U28", "percentile"),
        ("U21", "distinct_id"),
        ("U22", "properties"),
        ("U30", "as_of"),
        ("U23", "workers"),
    ]


NO_JSON = {"all_of": [{"criterion": "has_property", "property": "x", "value": float("nan")}]}


@pytest.mark.parametrize(
    ("query", "code", "path"),
    [
        ({"cohort": NO_JSON}, "U24", "cohort"),
        ({"where": {"operator": "in_cohort", "cohort": NO_JSON}}, "U_COHORT", "where"),
        ({"aggregate": "extremes", "aggregate_property": "a\nb"}, "UP4", "action"),
    ],
)
def test_what_cannot_be_written_down_is_refused(
    query: dict[str, Any], code: str, path: str, refusals: Callable[..., Any]
) -> None:
    """No number that JSON lacks, and no name with a line end in an action, is sent."""
    (problem,) = refusals("query_user", query)
    assert (problem["code"], problem["path"]) == (code, path)


FREQUENCY = {"frequency_of": "", "value": 1}


@pytest.mark.parametrize("where", [FREQUENCY, [FREQUENCY]])
def test_a_frequency_filter_is_checked_before_it_is_refused(
    where: Any, refusals: Callable[..., Any]
) -> None:
    """It is refused as the object that it is, wherever it stands."""
    (problem,) = refusals("query_user", {"where": where})
    assert problem["code"] == "FF1_EMPTY_EVENT"


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        (
            {"filter_by_cohort": '{"name": "VIP"}'},
            "UP2",
            'filter_by_cohort must hold the "id" of a saved cohort, or "raw_cohort".',
        ),
        (
            {"output_properties": "[]"},
            "UP3",
            'output_properties must name a property, e.g. ["$email"].',
        ),
    ],
)
def test_texts_inside_params_must_hold_what_they_are_for(
    params: dict[str, Any], code: str, message: str
) -> None:
    """What the compiler never writes is refused all the same."""
    (problem,) = param_problems(params)
    assert (problem.code, problem.path, problem.message) == (code, next(iter(params)), message)
