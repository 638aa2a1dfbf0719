"""Insights: one SQL statement per metric, then Mixpanel's shape."""

from dataclasses import dataclass
from typing import Any

from .calls import Call, Json
from .cohort_metrics import CohortStatement
from .envelopes import envelope
from .insights_query import read_insights
from .insights_sql import Statement
from .plan import Buckets, Insights, Metric
from .predicates import Clock
from .scan import Holdings, holdings
from .segments import Segmentation, automatic, segmentation
from .trees import Cell, tree

ALL = "all"


@dataclass(frozen=True)
class Insight:
    """A plan that is being answered."""

    call: Call
    plan: Insights
    clock: Clock
    held: Holdings

    def node(self, metric: Metric) -> Any:
        """Return the series of one metric."""
        segmentations = self._segmentations(metric)
        statement = self._statement(metric, segmentations)
        cells = [_cell(row, segmentations) for row in self.call.database.rows(statement.sql())]
        return tree(cells, len(segmentations), self._keys(), self.plan.limit)

    def _statement(self, metric: Metric, segmentations: list[Segmentation]) -> Statement:
        kind = Statement if metric.cohort is None else CohortStatement
        return kind(self.plan, metric, segmentations, self.held, self.clock)

    def _keys(self) -> dict[object, str]:
        if not self.plan.series:
            return {None: ALL}
        return {bucket.at: bucket.key for bucket in self.plan.range.buckets()}

    def _segmentations(self, metric: Metric) -> list[Segmentation]:
        return [
            segmentation(b, b.buckets or self._automatic(metric, place), self.clock.timezone)
            for place, b in enumerate(self.plan.breakdowns)
        ]

    def _automatic(self, metric: Metric, place: int) -> Buckets | None:
        breakdown = self.plan.breakdowns[place]
        if breakdown.kind != "number":
            return None
        statement = self._statement(metric, [])
        least, most, whole = self.call.database.rows(statement.extremes(breakdown.property))[0]
        return None if least is None else automatic(least, most, whole=whole)


def insights(call: Call, body: Json) -> Json:
    """Return an insights report; 400 for a bookmark that is wrong or not emulated."""
    plan = read_insights(body, call.context)
    clock = Clock(call.now_ms, call.project.timezone)
    insight = Insight(call, plan, clock, holdings(call))
    series = {metric.name: insight.node(metric) for metric in plan.metrics}
    headers = ["$metric", *(b.property.name for b in plan.breakdowns)]
    return envelope(call.now, plan.range, headers, series)


def _cell(row: tuple[Any, ...], segmentations: list[Segmentation]) -> Cell:
    level, *raw = row[:-3]
    at, value, rank = row[-3:]
    labels = (s.label(text) for s, text in zip(segmentations[:level], raw, strict=False))
    return Cell(tuple(labels), at, value, rank)
