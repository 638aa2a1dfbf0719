"""Answers of Mixpanel to insights and funnel queries, and the tables they become."""

from typing import Any

import pytest

from mixpanel_mcp_core.errors import QueryError, ResponseValidationError
from mixpanel_mcp_core.queries import (
    FunnelResult,
    InsightsResult,
    read_funnel,
    read_insights,
)
from mixpanel_mcp_core.tables import Table

LINE = {"displayOptions": {"chartType": "line"}}
BAR = {"displayOptions": {"chartType": "bar"}}


def _table(series: Any, headers: list[Any], params: dict[str, Any]) -> Table:
    return read_insights({"series": series, "headers": headers}, params).table()


def test_an_answer_keeps_dates_headers_and_series_as_they_came() -> None:
    """Nothing is normalised; the params that were sent stand beside the answer."""
    answer = {
        "computed_at": "2025-01-31T10:00:00",
        "date_range": {"from_date": "2025-01-01T00:00:00-08:00", "to_date": "2025-01-31"},
        "headers": ["$metric"],
        "series": {"Login": {"all": 12}},
        "meta": {"sampling_factor": 1.0, "is_cached": True},
    }
    assert read_insights(answer, BAR) == InsightsResult(
        computed_at="2025-01-31T10:00:00",
        from_date="2025-01-01T00:00:00-08:00",
        to_date="2025-01-31",
        headers=["$metric"],
        series={"Login": {"all": 12}},
        params=BAR,
        meta={"sampling_factor": 1.0, "is_cached": True},
    )


def test_the_dict_form_has_the_seven_keys_in_order() -> None:
    """A dumped result reads like the reference's."""
    keys = ["computed_at", "from_date", "to_date", "headers", "series", "params", "meta"]
    assert list(read_insights({"series": {}}, {}).model_dump()) == keys


def test_dates_lose_their_offset_and_become_rows() -> None:
    """A series without breakdown is a table of date, event and count."""
    days = {"2025-01-01T00:00:00-08:00": 5, "2025-01-02T00:00:00-08:00": 7}
    assert _table({"Login": days}, ["$metric"], LINE) == Table(
        ["date", "event", "count"],
        [["2025-01-01T00:00:00", "Login", 5], ["2025-01-02T00:00:00", "Login", 7]],
    )


def test_a_total_has_no_date() -> None:
    """The key `all` is no date, so there is no date column."""
    expected = Table(["event", "count"], [["Login", 12]])
    assert _table({"Login": {"all": 12}}, ["$metric"], BAR) == expected


def test_one_breakdown_is_the_column_segment_and_rollups_are_kept() -> None:
    """With one level the column has a fixed name; `$overall` is a row like the others."""
    series = {
        "Login": {
            "$overall": {"2025-01-01": 5},
            "US": {"2025-01-01": 3},
            "FR": {"2025-01-01": 2},
        }
    }
    assert _table(series, ["$metric", "country"], LINE) == Table(
        ["date", "event", "segment", "count"],
        [
            ["2025-01-01", "Login", "$overall", 5],
            ["2025-01-01", "Login", "US", 3],
            ["2025-01-01", "Login", "FR", 2],
        ],
    )


TWO_LEVELS = {
    "Login": {
        "$overall": {"all": 5},
        "US": {"$overall": {"all": 3}, "iOS": {"all": 1}, "Web": {"all": 2}},
    }
}


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        (["$metric", "country", "platform"], ["country", "platform"]),
        (["$metric", "event", "event"], ["segment_1", "segment_2"]),
        (["$metric", "country"], ["segment_1", "segment_2"]),
        (["$metric", "country", ""], ["segment_1", "segment_2"]),
        (["$metric", "country", "date"], ["segment_1", "segment_2"]),
        (["$metric", "country", {"name": "x"}], ["segment_1", "segment_2"]),
    ],
)
def test_several_breakdowns_are_named_by_the_headers_if_they_can(
    headers: list[Any], columns: list[str]
) -> None:
    """Names that are unique, not empty and not taken are used; rollups are padded."""
    assert _table(TWO_LEVELS, headers, BAR) == Table(
        ["event", *columns, "count"],
        [
            ["Login", "$overall", "$overall", 5],
            ["Login", "US", "$overall", 3],
            ["Login", "US", "iOS", 1],
            ["Login", "US", "Web", 2],
        ],
    )


@pytest.mark.parametrize(
    ("headers", "params", "columns"),
    [
        (["$metric", "country"], LINE, ["date", "event", "segment", "count"]),
        (["$metric", "a", "b"], BAR, ["event", "a", "b", "count"]),
        (["country"], BAR, ["event", "count"]),
        ([], {}, ["date", "event", "count"]),
    ],
)
def test_without_rows_the_columns_come_from_chart_and_headers(
    headers: list[Any], params: dict[str, Any], columns: list[str]
) -> None:
    """An empty answer still tells which columns it would have had."""
    assert _table({}, headers, params) == Table(columns, [])


def test_metrics_of_different_depth_and_mixed_dates_share_a_table() -> None:
    """Shallow metrics are padded, a total among dated rows has no date, scalars are no metrics."""
    series = {"A": {"US": {"2025-01-01": 1}}, "Rate": {"all": 0.5}, "note": 3}
    assert _table(series, [], LINE) == Table(
        ["date", "event", "segment", "count"],
        [["2025-01-01", "A", "US", 1], [None, "Rate", "$overall", 0.5]],
    )


@pytest.mark.parametrize("read", [read_insights, read_funnel])
def test_an_error_in_a_good_status_is_refused(read: Any) -> None:
    """A body with `error` is a failed query; the error holds what was sent."""
    with pytest.raises(QueryError) as raised:
        read({"error": "bad property"}, LINE)
    assert raised.value.to_dict() == {
        "type": "QueryError",
        "code": "QUERY_FAILED",
        "message": "bad property",
        "details": {
            "status_code": 200,
            "response_body": {"error": "bad property"},
            "request_body": LINE,
        },
    }


@pytest.mark.parametrize("read", [read_insights, read_funnel])
def test_an_answer_without_series_is_refused_with_its_keys(read: Any) -> None:
    """The message tells what there was instead."""
    with pytest.raises(QueryError, match="no series; its keys: date_range, headers"):
        read({"headers": [], "date_range": {}}, {})


@pytest.mark.parametrize("answer", [None, [], "text", {"series": {}, "headers": "x"}])
def test_an_answer_of_another_shape_is_refused(answer: object) -> None:
    """What is no insights answer at all is not taken for an empty one."""
    with pytest.raises(ResponseValidationError):
        read_insights(answer, {})


def _block(**metrics: dict[str, Any]) -> dict[str, Any]:
    return {
        measure: {step: {"all": value} for step, value in steps.items()}
        for measure, steps in metrics.items()
    }


SIGNUP = _block(
    count={"1. Signup": 1000, "2. Purchase": 120},
    step_conv_ratio={"1. Signup": 1, "2. Purchase": 0.12},
    overall_conv_ratio={"1. Signup": 1, "2. Purchase": 0.12},
    avg_time={"1. Signup": None, "2. Purchase": 3600},
    avg_time_from_start={"1. Signup": None, "2. Purchase": 3600},
)
SIGNUP_ROWS = [[1, "Signup", 1000, 1, 1, None, None], [2, "Purchase", 120, 0.12, 0.12, 3600, 3600]]
OTHER = _block(count={"1. Other": 1})


def _steps(series: Any) -> list[tuple[str, Any]]:
    result = read_funnel({"series": series}, {})
    return [(step["event"], step["count"]) for step in result.steps_data]


def test_a_funnel_is_a_table_of_its_steps() -> None:
    """Counts, ratios and times of each step, and the conversion from first to last."""
    result = read_funnel({"series": {"Signup -> Purchase": SIGNUP}}, {})
    assert result.table() == Table(
        [
            "step",
            "event",
            "count",
            "step_conv_ratio",
            "overall_conv_ratio",
            "avg_time",
            "avg_time_from_start",
        ],
        SIGNUP_ROWS,
    )
    assert result.overall_conversion_rate == 0.12


@pytest.mark.parametrize(
    "series",
    [
        {"m": {"$overall": SIGNUP, "US": OTHER}},
        {"m": {"2025-01-01": SIGNUP, "2025-01-02": OTHER}},
        {"m": {"2025-01-01": {"$overall": SIGNUP, "US": OTHER}, "2025-01-02": {"$overall": OTHER}}},
        {"note": 1, "empty": {}, "m": SIGNUP},
        {"$overall": SIGNUP},
    ],
    ids=["segments", "trend", "trend of segments", "after others", "overall on top"],
)
def test_of_segments_the_total_and_of_a_trend_the_first_date_is_shown(
    series: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """One block of steps is chosen: the metric's own, its `$overall`, its first part."""
    assert _steps(series) == [("Signup", 1000), ("Purchase", 120)]
    assert caplog.records == []


LISTED = [{"event": "A", "count": 3}]


@pytest.mark.parametrize(
    "series",
    [LISTED, {"steps": LISTED}, {"$overall": {"steps": LISTED}}, {"$overall": LISTED}],
)
def test_steps_that_come_as_a_list_are_taken_as_they_are(series: Any) -> None:
    """The older forms list the steps directly."""
    assert _steps(series) == [("A", 3)]


def test_steps_are_ordered_by_their_numbers() -> None:
    """Numbered steps come first, in numeric order; what is missing or null is 0."""
    series = {"m": {"count": {"10. J": 5, "2. B": 7, "NoPrefix": 1, "1. A": None}}}
    assert _steps(series) == [("A", 0), ("B", 7), ("J", 5), ("NoPrefix", 1)]


@pytest.mark.parametrize("series", [None, "x", {}, {"m": {"count": 3}}])
def test_a_funnel_without_steps_converts_nobody(series: Any) -> None:
    """No steps, an empty table, rate 0.0."""
    result = read_funnel({"series": series}, {})
    assert (result.steps_data, result.table().rows, result.overall_conversion_rate) == ([], [], 0.0)


def test_an_unreadable_funnel_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A series that holds something, but no steps, leaves a warning."""
    assert read_funnel({"series": {"m": {"x": 1}}}, {}) == FunnelResult(
        series={"m": {"x": 1}}, params={}
    )
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def block(*counts: int) -> dict[str, Any]:
    """A funnel's metrics block with these counts."""
    names = [f"{number}. {name}" for number, name in enumerate(["A", "B"], start=1)]
    first = counts[0]
    return {
        "count": {name: {"all": n} for name, n in zip(names, counts, strict=True)},
        "step_conv_ratio": {names[0]: {"all": 1}, names[1]: {"all": counts[1] / first}},
        "overall_conv_ratio": {names[0]: {"all": 1}, names[1]: {"all": counts[1] / first}},
        "avg_time": {names[0]: {"all": None}, names[1]: {"all": 60}},
        "avg_time_from_start": {names[0]: {"all": None}, names[1]: {"all": 60}},
    }


def test_split_funnel_has_rows_for_every_segment() -> None:
    """Which segment loses people is the question; the total alone does not answer it."""
    series = {"A -> B": {"$overall": block(10, 5), "web": block(6, 4), "iOS": block(4, 1)}}
    result = read_funnel({"series": series}, {})
    table = result.table()
    assert table.columns[:4] == ["segment", "step", "event", "count"]
    assert [row[:4] for row in table.rows] == [
        ["$overall", 1, "A", 10],
        ["$overall", 2, "B", 5],
        ["web", 1, "A", 6],
        ["web", 2, "B", 4],
        ["iOS", 1, "A", 4],
        ["iOS", 2, "B", 1],
    ]
    assert [step["count"] for step in result.steps_data] == [10, 5]


def test_funnel_over_time_has_rows_for_every_date() -> None:
    """A trend shows all its periods, not only the first, without the offset of the zone."""
    series = {"A -> B": {"2026-01-01": block(10, 5), "2026-01-02T00:00:00-08:00": block(8, 2)}}
    table = read_funnel({"series": series}, {}).table()
    assert table.columns[0] == "date"
    assert [row[0] for row in table.rows] == [
        "2026-01-01",
        "2026-01-01",
        "2026-01-02T00:00:00",
        "2026-01-02T00:00:00",
    ]


def test_funnel_over_time_and_segments_names_them_as_any_other() -> None:
    """One breakdown is the segment, with dates beside it or without."""
    day = {"$overall": block(10, 5), "web": block(6, 4)}
    table = read_funnel({"series": {"A -> B": {"2026-01-01": day}}}, {}).table()
    assert table.columns[:3] == ["date", "segment", "step"]


def test_funnel_over_a_property_has_a_column_of_its_values() -> None:
    """What was computed of each step stands beside its counts; nothing stays nothing."""
    measured = {**block(10, 5), "value": {"1. A": {"all": 7.5}, "2. B": {"all": None}}}
    whole = read_funnel({"series": {"A -> B": measured}}, {})
    split = read_funnel({"series": {"A -> B": {"$overall": measured, "web": measured}}}, {})
    assert [step["value"] for step in whole.steps_data] == [7.5, None]
    assert [whole.table().columns[-1], split.table().columns[-1]] == ["value", "value"]
    assert [row[-1] for row in whole.table().rows] == [7.5, None]
    assert [row[-1] for row in split.table().rows] == [7.5, None, 7.5, None]
