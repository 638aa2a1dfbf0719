"""Answers of saved reports, and the days of a saved funnel."""

from datetime import date
from typing import Any

import pytest

from mixpanel_mcp_core.errors import ResponseValidationError
from mixpanel_mcp_core.queries import funnel_dates, read_saved_flows, read_saved_report
from mixpanel_mcp_core.tables import Table

TODAY = date(2025, 2, 10)
STEP = {"count": 4, "event": "A", "step_conv_ratio": 1, "overall_conv_ratio": 1}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("2025-01-01", "2025-01-02"), ("2025-01-01", "2025-01-02")),
        ((None, None), ("2025-01-11", "2025-02-10")),
        ((None, "2025-01-31"), ("2025-01-01", "2025-01-31")),
        (("2025-01-05", None), ("2025-01-05", "2025-02-04")),
        (("2025-02-01", None), ("2025-02-01", "2025-02-10")),
    ],
)
def test_a_saved_funnel_has_thirty_days_where_none_are_given(
    given: tuple[str | None, str | None], expected: tuple[str, str]
) -> None:
    """One end gives the other; nothing reaches beyond today."""
    assert funnel_dates(*given, TODAY) == expected


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        (["$metric"], "insights"),
        ([], "insights"),
        (["$Retention by x"], "retention"),
        (["a", "$FUNNEL"], "funnel"),
        (["$flows"], "flows"),
    ],
)
def test_the_headers_tell_the_type(headers: list[Any], kind: str) -> None:
    """The first header that holds a mark decides, whatever its case."""
    assert read_saved_report(1, "insights", {"headers": headers}).report_type == kind


def test_an_insights_report_is_rows_of_its_series() -> None:
    """Date, event, count; the grid follows breakdowns, the table does not."""
    series = {"Login": {"2025-01-01": 5}, "n": 3}
    result = read_saved_report(7, "insights", {"series": series, "computed_at": "c"})
    assert result.model_dump() == {
        "bookmark_id": 7,
        "computed_at": "c",
        "from_date": "",
        "to_date": "",
        "headers": [],
        "series": series,
        "report_type": "insights",
    }
    assert result.table() == Table(["date", "event", "count"], [["2025-01-01", "Login", 5]])


def test_a_funnel_report_is_drawn_by_day_and_step() -> None:
    """The table keeps the series whole; the grid has a row for each step of each day."""
    data = {"2025-01-02": {"steps": [STEP]}, "2025-01-01": {"steps": [STEP, STEP]}}
    result = read_saved_report(7, "funnels", {"data": data})
    assert (result.from_date, result.to_date) == ("2025-01-01", "2025-01-02")
    assert result.table() == Table(["series"], [[data]])
    assert [row[:4] for row in result.grid().rows] == [
        ["2025-01-01", 1, "A", 4],
        ["2025-01-01", 2, "A", 4],
        ["2025-01-02", 1, "A", 4],
    ]


def test_a_retention_report_is_drawn_as_a_grid() -> None:
    """Cohorts down, buckets across."""
    cohort = {"first": 1, "counts": [1, 0], "rates": [1.0, 0.0]}
    grid = read_saved_report(7, "retention", {"2025-01-01": cohort}).grid()
    assert grid == Table(
        ["cohort", "users", "bucket 0", "bucket 1"],
        [["2025-01-01", 1, 1.0, 0.0]],
        ("bucket 0", "bucket 1"),
    )


FLOW = {
    "nodes": [
        {
            "event": "A",
            "type": "ANCHOR",
            "totalCount": "9",
            "edges": [{"event": "B", "type": "NORMAL", "totalCount": "6", "step": 1}],
        }
    ]
}


def test_flows_are_drawn_as_transitions_where_there_are_any() -> None:
    """Steps without edges are shown as they came."""
    drawn = Table(["step", "from", "to", "count", "share"], [[0, "A", "B", 6, 6 / 9]])
    assert read_saved_flows(7, {"steps": [FLOW]}).grid() == drawn
    assert read_saved_report(7, "flows", {"steps": [FLOW]}).grid() == drawn
    assert read_saved_flows(7, {"steps": [{"a": 1}]}).grid() == Table(["a"], [[1]])


def test_another_shape_is_no_report() -> None:
    """A list is no report."""
    with pytest.raises(ResponseValidationError):
        read_saved_report(1, "insights", [])


def test_the_days_of_a_saved_retention_are_those_of_its_cohorts() -> None:
    """Its average stands among them and is no day."""
    cohort = {"counts": [2, 1], "first": 2}
    answer = {"2025-01-06T00:00:00": cohort, "2025-01-13T00:00:00": cohort, "$average": cohort}
    result = read_saved_report(7, "retention", answer)
    assert (result.from_date, result.to_date) == ("2025-01-06T00:00:00", "2025-01-13T00:00:00")
