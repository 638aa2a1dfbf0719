"""Insights as a person draws them."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from mixpanel_mcp_core.queries import (
    InsightsQuery,
    InsightsResult,
    compile_insights,
    read_insights,
)
from mixpanel_mcp_core.tables import Table

DAYS = {"2025-01-01T00:00:00-08:00": 5, "2025-01-02T00:00:00-08:00": 7}
PARAMS = {"displayOptions": {"chartType": "line"}}


def _read(series: Any, **more: Any) -> InsightsResult:
    return read_insights({"series": series, "headers": ["$metric"], **more}, PARAMS)


def test_several_metrics_are_columns_beside_the_date() -> None:
    """Dates are written once; a date that one metric lacks is empty there."""
    series = {"Login": DAYS, "Signup": {"2025-01-02T00:00:00-08:00": 1}}
    assert _read(series).wide() == Table(
        ["date", "Login", "Signup"],
        [["2025-01-01T00:00:00", 5, None], ["2025-01-02T00:00:00", 7, 1]],
    )


def test_segments_of_one_metric_are_named_by_the_segment() -> None:
    """The total comes first, as the answer has it."""
    wide = _read({"Login": {"$overall": DAYS, "US": DAYS}}).wide()
    assert wide is not None
    assert wide.columns == ["date", "$overall", "US"]


def test_segments_of_several_metrics_are_named_by_both() -> None:
    """A rollup is the total of what is below it."""
    node = {"$overall": DAYS, "US": {"$overall": DAYS, "iOS": DAYS}}
    wide = _read({"Login": node, "Signup": {"$overall": DAYS}}).wide()
    assert wide is not None
    assert wide.columns == [
        "date",
        "Login: $overall / $overall",
        "Login: US / $overall",
        "Login: US / iOS",
        "Signup: $overall / $overall",
    ]


@pytest.mark.parametrize(
    "series",
    [
        {"Login": DAYS},
        {"Login": {"all": 5}, "Signup": {"all": 6}},
        {"Login": {f"segment {number}": DAYS for number in range(13)}},
        {},
    ],
)
def test_one_line_many_lines_and_totals_stay_rows(series: Any) -> None:
    """A column each would be too few, too many, or one row."""
    assert _read(series).wide() is None
    assert _read(series).grid() == _read(series).table()


def test_another_period_stands_beside_each_row() -> None:
    """By place in the period: previous date and value, the change, and its share."""
    before = {"2024-12-01": 4, "2024-12-02": 0}
    result = _read({"Login": DAYS, "Signup": {"2025-01-01": 1}}, time_comparison={"Login": before})
    columns = ["date", "event", "count", "previous_date", "previous", "change", "percent_change"]
    assert result.grid() == Table(
        columns,
        [
            ["2025-01-01T00:00:00", "Login", 5, "2024-12-01", 4, 1, 0.25],
            ["2025-01-02T00:00:00", "Login", 7, "2024-12-02", 0, 7, None],
            ["2025-01-01", "Signup", 1, None, None, None, None],
        ],
    )


def test_the_dict_form_has_the_other_period_only_where_there_is_one() -> None:
    """Without a comparison programs get the seven keys of the reference."""
    keys = ["computed_at", "from_date", "to_date", "headers", "series", "params", "meta"]
    assert list(_read({"Login": DAYS}).model_dump()) == keys
    compared = _read({"Login": DAYS}, time_comparison={"Login": DAYS})
    assert list(compared.model_dump()) == [*keys, "time_comparison"]


def test_metrics_of_one_event_are_told_apart_by_what_they_measure() -> None:
    """Letters name them in the answer; the remark says what each letter is."""
    metrics = [
        {"event": "Order", "math": "median", "property": "revenue"},
        {"event": "Order", "math": "percentile", "percentile_value": 95, "property": "revenue"},
        {"event": "Order", "math": "average", "property": "revenue", "per_user": "total"},
    ]
    query = TypeAdapter(InsightsQuery).validate_python({"events": metrics})
    assert read_insights({"series": {}}, compile_insights(query)).remarks() == [
        "A: median of revenue, B: custom_percentile (95) of revenue, "
        "C: average of revenue by user's total"
    ]
    single = TypeAdapter(InsightsQuery).validate_python({"events": metrics[:1]})
    assert read_insights({"series": {}}, compile_insights(single)).remarks() == []
