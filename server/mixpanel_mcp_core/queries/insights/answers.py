"""Mixpanel's answers to insights queries."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from mixpanel_mcp_core.queries.answers import (
    ReportResult,
    accepted,
    read_result,
    remarks_of,
)
from mixpanel_mcp_core.tables import Table

from .rows import series_table


class InsightsResult(ReportResult):
    """The answer to an insights query; `series` is as it came."""

    headers: list[Any] = []
    series: Any = None
    params: dict[str, Any]
    meta: dict[str, Any] = {}
    notes: list[str] = Field(default=[], exclude=True)

    def remarks(self) -> list[str]:
        """What a reader should know beside the numbers."""
        return [*self.notes, *remarks_of(self.meta)]

    def table(self) -> Table:
        """A row for each metric, segment and date; `count` is the value."""
        return series_table(self.series, self.headers, self.params)


def read_insights(answer: object, params: Mapping[str, Any]) -> InsightsResult:
    """The result of an insights query; QueryError where the answer tells of a failure."""
    body = accepted(answer, params)
    return read_result(InsightsResult, {**body, "headers": body.get("headers") or []}, params)
