"""Insights: one SQL statement per metric, formulas and analyses, then Mixpanel's shape."""

from dataclasses import dataclass, replace
from typing import Any

from .calls import Call, Json
from .cohort_metrics import CohortStatement
from .database import Row
from .envelopes import envelope
from .insights_query import read_insights
from .insights_sql import Statement
from .plan import Buckets, Insights, Line, Metric
from .predicates import Clock
from .properties import Property
from .scan import Holdings, holdings
from .segments import Segmentation, around, fitted, spread
from .trees import Cell, Series, collected, combined

ALL = "all"


@dataclass(frozen=True)
class Insight:
    """A plan that is being answered."""

    call: Call
    plan: Insights
    clock: Clock
    held: Holdings

    def series(self) -> Json:
        """Return the node of every line by its name."""
        needed = {place for line in self.plan.lines for place in line.operands}
        computed = {place: self._computed(self.plan.metrics[place]) for place in needed}
        return {
            line.name: self._node(line, [computed[place] for place in line.operands])
            for line in self.plan.lines
        }

    def _node(self, line: Line, operands: list[Series]) -> Any:
        if line.formula is None:
            series = operands[0].top(self.plan.limit)
        else:
            series = combined(operands, self.plan.limit, line.formula.value)
        if not self.plan.series:
            return series.tree([ALL])
        keys = [bucket.key for bucket in self.plan.range.buckets()]
        analysed = series.mapped(self.plan.analysis.applied)
        return analysed.since(len(series.buckets) - len(keys)).tree(keys)

    def _computed(self, metric: Metric) -> Series:
        statement = self._statement(metric)
        rows = self.call.database.rows(statement.sql())
        segments = [*statement.segmentations, *([statement.spread] if statement.spread else [])]
        cells = (_cell(row, segments) for row in rows)
        return collected(cells, len(segments), self._buckets(), statement.nothing)

    def _buckets(self) -> list[object]:
        if not self.plan.series:
            return [None]
        return [bucket.at for bucket in self.plan.computed.buckets()]

    def _statement(self, metric: Metric) -> Statement:
        kind = Statement if metric.cohort is None else CohortStatement
        plain = kind(self.plan, metric, [], self.held, self.clock)

        def extremes(owner: Property) -> Row:
            return self.call.database.rows(plain.extremes(owner))[0]

        parts = [fitted(b, extremes, self.clock.timezone) for b in self.plan.breakdowns]
        statement = replace(plain, segmentations=parts)
        if metric.measure.math != "histogram":
            return statement
        buckets = around(self.call.database.rows(statement.spread_extremes())[0])
        return replace(statement, spread=spread("value", buckets or Buckets(1)))


def insights(call: Call, body: Json) -> Json:
    """Return an insights report; 400 for a bookmark that is wrong or not emulated."""
    plan = read_insights(body, call.context)
    clock = Clock(call.now_ms, call.project.timezone)
    insight = Insight(call, plan, clock, holdings(call))
    headers = ["$metric", *(b.title() for b in plan.breakdowns)]
    return envelope(call.now, plan.range, headers, insight.series())


def _cell(row: tuple[Any, ...], segmentations: list[Segmentation]) -> Cell:
    level, *raw = row[:-3]
    at, value, rank = row[-3:]
    labels = (s.label(text) for s, text in zip(segmentations[:level], raw, strict=False))
    return Cell(tuple(labels), at, value, rank)
