"""Mixpanel's answers to funnel queries."""

from collections.abc import Mapping
from typing import Any

from pydantic import computed_field

from mixpanel_mcp_core.queries.answers import (
    ReportResult,
    accepted,
    read_result,
    remarks_of,
)
from mixpanel_mcp_core.tables import Table

from .rows import funnel_steps, segments_table, steps_table


class FunnelResult(ReportResult):
    """The answer to a funnel query; `steps_data` has one entry for each step."""

    steps_data: list[dict[str, Any]] = []
    series: Any = None
    params: dict[str, Any]
    meta: dict[str, Any] = {}

    @computed_field
    @property
    def overall_conversion_rate(self) -> float:
        """The share of users of the first step that reached the last, 0.0 without steps."""
        last = self.steps_data[-1] if self.steps_data else {}
        return float(last.get("overall_conv_ratio") or 0)

    def remarks(self) -> list[str]:
        """What a reader should know beside the numbers."""
        return [*self.notes, *remarks_of(self.meta)]

    def table(self) -> Table:
        """A row for each step (of each period and segment): counts, ratios, times in seconds."""
        return segments_table(self.series) or steps_table(self.steps_data)


def read_funnel(answer: object, params: Mapping[str, Any]) -> FunnelResult:
    """The result of a funnel query; QueryError where the answer tells of a failure."""
    body = accepted(answer, params)
    return read_result(FunnelResult, {**body, "steps_data": funnel_steps(body["series"])}, params)
