"""Answers of Mixpanel to retention queries, and the tables they become."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from mixpanel_mcp_core.errors import QueryError, ResponseValidationError
from mixpanel_mcp_core.queries import RetentionResult, compile_retention, read_retention
from mixpanel_mcp_core.queries.retention import RetentionQuery
from mixpanel_mcp_core.tables import Table

FIRST = {"first": 100, "counts": [100, 40, 20], "rates": [1.0, 0.4, 0.2]}
SECOND = {"first": 50, "counts": [50, 10], "rates": [1.0, 0.2]}
AVERAGE = {"first": 75, "counts": [75, 25, 10], "rates": [1.0, 0.33, 0.13]}
PLAIN = {"2025-01-08": SECOND, "2025-01-01T00:00:00-08:00": FIRST, "$average": AVERAGE}


def _params(**arguments: Any) -> dict[str, Any]:
    query = {"born_event": "Signup", "return_event": "Login", **arguments}
    return compile_retention(TypeAdapter(RetentionQuery).validate_python(query))


def _read(inside: Any, **arguments: Any) -> RetentionResult:
    return read_retention({"series": {"Signup and then Login": inside}}, _params(**arguments))


def test_cohorts_are_keyed_by_day_and_the_average_stands_apart() -> None:
    """Times of day leave the keys; the numbers stay as they came; params are those sent."""
    assert _read({**PLAIN, "total": 5}) == RetentionResult(
        cohorts={"2025-01-08": SECOND, "2025-01-01": FIRST}, average=AVERAGE, params=_params()
    )


def test_the_dict_form_has_segments_only_where_there_are_some() -> None:
    """Without a breakdown a dumped result reads like the reference's."""
    keys = ["computed_at", "from_date", "to_date", "cohorts", "average", "params", "meta"]
    assert list(_read(PLAIN).model_dump()) == keys
    segmented = _read({"$overall": PLAIN, "iOS": PLAIN})
    assert list(segmented.model_dump()) == [*keys, "segments", "segment_averages"]


def test_a_breakdown_gives_the_total_and_each_segment() -> None:
    """`$overall` is the result itself; a segment without an average has none."""
    result = _read({"$overall": PLAIN, "iOS": PLAIN, "Web": {"2025-01-01": SECOND}, "n": 3})
    days = {"2025-01-08": SECOND, "2025-01-01": FIRST}
    assert (result.cohorts, result.average) == (days, AVERAGE)
    assert result.segments == {"iOS": days, "Web": {"2025-01-01": SECOND}}
    assert result.segment_averages == {"iOS": AVERAGE}


def test_segments_of_several_breakdowns_are_named_by_their_path() -> None:
    """Breakdowns nest, each level with its total; none of them is lost."""
    web = {"$overall": PLAIN, "US": {"2025-01-01": SECOND}, "DE": {"2025-01-08": FIRST}}
    result = _read({"$overall": PLAIN, "Web": web})
    assert result.segments == {
        "Web / $overall": {"2025-01-08": SECOND, "2025-01-01": FIRST},
        "Web / US": {"2025-01-01": SECOND},
        "Web / DE": {"2025-01-08": FIRST},
    }
    assert result.segment_averages == {"Web / $overall": AVERAGE}


def test_rows_are_by_date_and_a_missing_rate_is_zero() -> None:
    """One row for each bucket of each cohort."""
    cohorts = {"2025-01-08": {"first": 5, "counts": [5, 1]}, "2025-01-01": SECOND}
    assert _read(cohorts).table() == Table(
        ["cohort_date", "bucket", "count", "rate"],
        [
            ["2025-01-01", 0, 50, 1.0],
            ["2025-01-01", 1, 10, 0.2],
            ["2025-01-08", 0, 5, 0.0],
            ["2025-01-08", 1, 1, 0.0],
        ],
    )


def test_with_a_breakdown_the_rows_are_those_of_the_segments() -> None:
    """Segments in alphabetical order, without the total."""
    table = _read({"$overall": PLAIN, "Web": {"d": SECOND}, "iOS": {"d": SECOND}}).table()
    assert table == Table(
        ["segment", "cohort_date", "bucket", "count", "rate"],
        [
            ["Web", "d", 0, 50, 1.0],
            ["Web", "d", 1, 10, 0.2],
            ["iOS", "d", 0, 50, 1.0],
            ["iOS", "d", 1, 10, 0.2],
        ],
    )


def test_the_grid_has_the_average_first_and_a_column_for_each_bucket() -> None:
    """What a person draws: cohorts down, units since the born event across, rates in the cells."""
    assert _read(PLAIN).grid() == Table(
        ["cohort", "users", "week 0", "week 1", "week 2"],
        [
            ["average", 75, 1.0, 0.33, 0.13],
            ["2025-01-01", 100, 1.0, 0.4, 0.2],
            ["2025-01-08", 50, 1.0, 0.2, None],
        ],
        ("week 0", "week 1", "week 2"),
    )


@pytest.mark.parametrize(
    ("arguments", "cells"),
    [
        ({}, [0.4, 0.1]),
        ({"alignment": "interval_start"}, [0.4, 0.1, 0]),
        ({"retention_unit": "day"}, [0.4, 0.1, 0, 0, 0]),
        ({"bucket_sizes": [1, 2, 3, 4, 5]}, [0.4, 0.1, 0, 0, 0]),
    ],
)
def test_buckets_that_nobody_had_reached_are_empty(
    arguments: dict[str, Any], cells: list[Any]
) -> None:
    """A zero that could not be anything else yet is left out, where the calendar tells."""
    cohort = {"first": 10, "counts": [4, 1, 0, 0, 0], "rates": [0.4, 0.1, 0, 0, 0]}
    answer = {"series": {"m": {"2025-01-01": cohort}}, "computed_at": "2025-01-10T08:00:00"}
    (row,) = read_retention(answer, _params(**arguments)).grid().rows
    assert row == ["2025-01-01", 10, *cells]


def test_the_grid_of_a_breakdown_compares_the_averages_before_the_cohorts() -> None:
    """What is compared stands together, so that a cut answer still holds it."""
    cohorts = {"2025-01-01": SECOND, "$average": AVERAGE}
    grid = _read({"$overall": cohorts, "iOS": cohorts}, retention_unit="day").grid()
    assert grid == Table(
        ["segment", "cohort", "users", "day 0", "day 1", "day 2"],
        [
            ["$overall", "average", 75, 1.0, 0.33, 0.13],
            ["iOS", "average", 75, 1.0, 0.33, 0.13],
            ["$overall", "2025-01-01", 50, 1.0, 0.2, None],
            ["iOS", "2025-01-01", 50, 1.0, 0.2, None],
        ],
        ("day 0", "day 1", "day 2"),
    )


@pytest.mark.parametrize(
    ("arguments", "columns", "cells"),
    [
        ({"math": "unique"}, ["week 0", "week 1"], [50, 10]),
        ({"math": "total"}, ["week 0", "week 1"], [90, 12]),
        ({"bucket_sizes": [1, 3]}, ["bucket 0", "bucket 1"], [1.0, 0.2]),
    ],
)
def test_cells_and_columns_are_those_that_were_asked_for(
    arguments: dict[str, Any], columns: list[str], cells: list[Any]
) -> None:
    """Users for `unique`, events for `total`; own buckets are numbered."""
    grid = _read({"2025-01-01": {**SECOND, "values": [90, 12]}}, **arguments).grid()
    assert grid[:2] == (["cohort", "users", *columns], [["2025-01-01", 50, *cells]])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"error": "boom"}, "boom"),
        ({"meta": {}}, "The answer has no series; its keys: meta."),
        ({"series": []}, "The series is no object but list."),
        ({"series": {"a": {}, "b": {}}}, "The series holds several metrics: a, b."),
        ({"series": {"a": 5}}, "The metric of the series is no object."),
    ],
)
def test_an_answer_that_tells_of_a_failure_is_one(answer: Any, message: str) -> None:
    """Status 200 or not: the error says what was wrong and what had been asked."""
    with pytest.raises(QueryError) as raised:
        read_retention(answer, {"sections": {}})
    assert raised.value.message == message
    assert raised.value.details == {
        "status_code": 200,
        "response_body": answer,
        "request_body": {"sections": {}},
    }


def test_an_empty_series_is_an_empty_result() -> None:
    """Nobody was born: no cohorts, no average, no rows."""
    result = read_retention({"series": {}}, _params())
    assert (result.cohorts, result.average, result.segments) == ({}, {}, {})
    assert result.grid() == Table(["cohort", "users"], [])


def test_another_shape_is_no_result() -> None:
    """A list is no retention answer."""
    with pytest.raises(ResponseValidationError):
        read_retention([], {})
