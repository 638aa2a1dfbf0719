"""Mixpanel's answers to insights queries."""

from collections.abc import Mapping
from typing import Any

from pydantic import SerializerFunctionWrapHandler, model_serializer

from mixpanel_mcp_core.queries.answers import (
    ReportResult,
    accepted,
    read_result,
    remarks_of,
)
from mixpanel_mcp_core.tables import Table

from .grids import comparison_table, wide_table
from .rows import series_table, told_apart


class InsightsResult(ReportResult):
    """The answer to an insights query; `series` is as it came."""

    headers: list[Any] = []
    series: Any = None
    params: dict[str, Any]
    meta: dict[str, Any] = {}
    time_comparison: Any = None

    @model_serializer(mode="wrap")
    def _without_missing_period(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        form: dict[str, Any] = dump(self)
        if form["time_comparison"] is None:
            del form["time_comparison"]
        return form

    def remarks(self) -> list[str]:
        """What a reader should know beside the numbers."""
        return [*self.notes, *told_apart(self.params), *remarks_of(self.meta)]

    def table(self) -> Table:
        """A row for each metric, segment and date; `count` is the value."""
        return series_table(self.series, self.headers, self.params)

    def grid(self) -> Table:
        """The rows, beside those of another period where there is one."""
        if self.time_comparison:
            return comparison_table(self.series, self.time_comparison, self.headers)
        return self.table()

    def wide(self) -> Table | None:
        """A column for each line of the chart; None where there are too few or too many."""
        return None if self.time_comparison else wide_table(self.series)


def read_insights(answer: object, params: Mapping[str, Any]) -> InsightsResult:
    """The result of an insights query; QueryError where the answer tells of a failure."""
    body = accepted(answer, params)
    return read_result(InsightsResult, {**body, "headers": body.get("headers") or []}, params)
