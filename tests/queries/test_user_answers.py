"""Answers of Mixpanel about profiles, and the tables they become."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mixpanel_mcp_core.errors import QueryError, ResponseValidationError
from mixpanel_mcp_core.queries.users import (
    UserPage,
    UserResult,
    read_aggregate,
    read_page,
    read_profiles,
)
from mixpanel_mcp_core.tables import Table

NOW = datetime(2026, 1, 31, 10, 0, 0, 123456, UTC)
RAW = [
    {"$distinct_id": "u1", "$properties": {"$last_seen": "2026-01-30", "$email": "a@x", "ltv": 5}},
    {"$distinct_id": "u2", "$properties": {"plan": None}},
    {},
]
COUNT = {"action": "count()"}
EXTREMES = {"action": 'extremes(properties["ltv"])'}


def _profiles(*raw: dict[str, Any], **meta: Any) -> UserResult:
    return read_profiles(raw, {}, meta, 0, NOW)


def _aggregate(results: Any, params: dict[str, Any]) -> UserResult:
    return read_aggregate({"results": results, "computed_at": "t"}, params, NOW)


def test_profiles_keep_their_properties_beside_id_and_last_seen() -> None:
    """The dict form is the documented one, keys in order; the population is told beside it."""
    result = read_profiles(RAW, {"search": "a"}, {"pages_fetched": 1}, 18_304, NOW)
    assert list(result.model_dump().items()) == [
        ("computed_at", "2026-01-31T10:00:00.123456+00:00"),
        ("total", 3),
        (
            "profiles",
            [
                {
                    "distinct_id": "u1",
                    "last_seen": "2026-01-30",
                    "properties": {"$email": "a@x", "ltv": 5},
                },
                {"distinct_id": "u2", "last_seen": None, "properties": {"plan": None}},
                {"distinct_id": "", "last_seen": None, "properties": {}},
            ],
        ),
        ("params", {"search": "a"}),
        ("meta", {"pages_fetched": 1}),
        ("mode", "profiles"),
        ("aggregate_data", None),
    ]
    assert (result.distinct_ids, result.value) == (["u1", "u2", ""], None)
    assert result.remarks() == ["profiles returned: 3 of 18,304 that match"]


def test_profiles_are_a_table_of_their_properties() -> None:
    """Names lose their `$` and stand in order; what a profile lacks is null."""
    assert _profiles(*RAW).table() == Table(
        ["distinct_id", "last_seen", "email", "ltv", "plan"],
        [
            ["u1", "2026-01-30", "a@x", 5, None],
            ["u2", None, None, None, None],
            ["", None, None, None, None],
        ],
    )


def test_no_property_hides_another_in_the_table() -> None:
    """A name keeps its `$`, or is marked, where the bare one is taken."""
    names = {"$city": 1, "city": 2, "$distinct_id": 3, "last_seen": 4, "$": 5, "$$a": 6}
    table = _profiles({"$distinct_id": "u", "$properties": names}).table()
    assert dict(zip(table.columns, table.rows[0], strict=True)) == {
        "distinct_id": "u",
        "last_seen": None,
        "$": 5,
        "$a": 6,
        "$city": 1,
        "$distinct_id": 3,
        "city": 2,
        "last_seen (property)": 4,
    }


def test_no_profiles_are_an_empty_table() -> None:
    """The two columns that every profile has remain."""
    assert _profiles().table() == Table(["distinct_id", "last_seen"], [])


def test_pages_that_failed_are_told() -> None:
    """Whoever reads the rows must know that some are missing."""
    assert _profiles(failed_pages=[2, 5]).remarks() == [
        "profiles returned: 0",
        "pages that failed and are missing: 2, 5",
    ]


@pytest.mark.parametrize(
    ("results", "params", "total", "value", "columns", "rows"),
    [
        (42, COUNT, 42, 42, ["metric", "value"], [["count()", 42]]),
        (42.7, COUNT, 42, 42.7, ["metric", "value"], [["count()", 42.7]]),
        (7.5, EXTREMES, 0, 7.5, ["metric", "value"], [[EXTREMES["action"], 7.5]]),
        (
            {"max": 10, "min": 1},
            EXTREMES,
            0,
            None,
            ["metric", "max", "min"],
            [[EXTREMES["action"], 10, 1]],
        ),
        (
            {"1": 5, "$overall": 20},
            {**COUNT, "segment_by_cohorts": '{"1": true}'},
            0,
            None,
            ["segment", "value"],
            [["1", 5], ["$overall", 20]],
        ),
        (
            {"1": {"max": 1}, "2": {"max": 3, "min": 2}},
            {**EXTREMES, "segment_by_cohorts": '{"1": true, "2": true}'},
            0,
            None,
            ["segment", "max", "min"],
            [["1", 1, None], ["2", 3, 2]],
        ),
        (None, COUNT, 0, None, ["metric", "value"], []),
        ([1, 2], COUNT, 0, None, ["metric", "value"], [["count()", [1, 2]]]),
    ],
)
def test_a_figure_is_a_table_by_its_shape(
    results: Any,
    params: dict[str, Any],
    total: int,
    value: Any,
    columns: list[str],
    rows: list[list[Any]],
) -> None:
    """One value, one row of values, or a row for each segment; a count is also the total."""
    result = _aggregate(results, params)
    assert (result.total, result.value, result.table()) == (total, value, Table(columns, rows))
    assert (result.mode, result.aggregate_data, result.profiles) == ("aggregate", results, [])


def test_a_figure_tells_its_action_and_when_it_was_computed() -> None:
    """What the answer does not say is told by the client's clock."""
    result = read_aggregate({"results": 3}, {**COUNT, "segment_by_cohorts": "{}"}, NOW)
    assert result.computed_at == NOW.isoformat()
    assert result.meta == {"action": "count()", "segmented": True}
    assert _aggregate(3, COUNT).computed_at == "t"
    assert _aggregate(1234, COUNT).remarks() == ["profiles that match: 1,234"]
    assert _aggregate(7, EXTREMES).remarks() == [
        f"over all profiles that match: {EXTREMES['action']}"
    ]


def test_a_page_tells_of_the_pages_around_it() -> None:
    """Session, population and page size; what is missing or no number has a default."""
    answer = {"results": RAW, "session_id": "s", "total": 2500, "page_size": 100}
    assert read_page(answer, {}) == UserPage(RAW, "s", 2500, 100)
    odd = {"results": None, "total": "many", "page_size": float("inf")}
    assert read_page(odd, {}) == UserPage([], None, 0, 1000)


@pytest.mark.parametrize("answer", [[], None, "text", {"results": 5}, {"results": ["u1"]}])
def test_a_page_of_another_shape_is_refused(answer: Any) -> None:
    """What is no list of profiles is not taken for an empty one."""
    with pytest.raises(ResponseValidationError):
        read_page(answer, {})


def test_a_figure_that_is_no_object_is_refused() -> None:
    """The error holds what came and what was asked."""
    with pytest.raises(QueryError) as raised:
        read_aggregate([1], COUNT, NOW)
    assert raised.value.details == {
        "status_code": 200,
        "response_body": [1],
        "request_body": COUNT,
    }


def test_an_error_in_a_good_status_is_refused() -> None:
    """A body with nothing but `error` is a failed query, not a population of nobody."""
    with pytest.raises(QueryError, match="bad selector"):
        read_aggregate({"error": "bad selector"}, COUNT, NOW)
    with pytest.raises(QueryError, match="bad selector"):
        read_page({"error": "bad selector"}, {})
