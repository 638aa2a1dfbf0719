"""The SQL statement of one metric: source rows, segments, and one aggregate per level.

Level k groups by the first k breakdowns, so that every `$overall` is computed over the events
themselves and never added up from segments.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .database import literal
from .errors import not_emulated
from .measures import ROLLING, Formula, formula, numeric
from .plan import Insights, Metric
from .predicates import Clock, conjunction
from .properties import Property
from .scan import Holdings
from .segments import Segmentation
from .selections import properties_of, selected
from .timeline import day_start

BUCKETED, WHOLE = "bucket", "whole"


@dataclass(frozen=True)
class Window:
    """Milliseconds that count for a bucket of a rolling measure."""

    at: object
    start: int
    end: int


@dataclass(frozen=True)
class Statement:
    """Builds the SQL for a metric of a plan."""

    plan: Insights
    metric: Metric
    segmentations: list[Segmentation]
    held: Holdings
    clock: Clock

    def sql(self) -> str:
        """Return the statement; rows are level, segments, bucket, value, rank."""
        return f"with source as materialized ({self._source()}) " + " union all ".join(
            self._aggregates()
        )

    def extremes(self, owner: Property) -> str:
        """Return the statement for the least and greatest number and whether all are whole."""
        number = f"number_in({owner.sql})"
        return (
            f"select min({number}), max({number}), "
            f"coalesce(bool_and({number} = trunc({number})), true) from {self._from(owner)} "
            f"where {self._conditions(self.plan.range.start)}"
        )

    @property
    def _formula(self) -> Formula:
        return formula(self.metric.measure)

    @property
    def _rolls(self) -> bool:
        return self.metric.measure.math in ROLLING

    def _from(self, *more: Property) -> str:
        return self.held.scan(self._owners(*more))

    def _owners(self, *more: Property) -> list[Property]:
        measured = self.metric.measure.property
        owners = [b.property for b in self.plan.breakdowns] + [
            f.property for f in self.plan.filters
        ]
        owners += [measured] if measured else []
        owners += properties_of(self.metric.selection)
        return list(dict.fromkeys([*owners, *more]))

    def _conditions(self, start: int) -> str:
        return " and ".join(
            (
                f"e.t >= {start} and e.t < {self.plan.range.end}",
                selected(self.metric.selection, self.held.hidden, self.clock),
                conjunction(self.plan.filters, self.clock),
            )
        )

    def _source(self) -> str:
        lists = "".join(f", {s.sql} as g{i}" for i, s in enumerate(self.segmentations))
        start = self.plan.range.start
        if self._rolls:
            start = min([start, *(window.start for window in self._windows())])
        return (
            f"select e.uid, e.t, e.seq, {self._bucket()} as bucket, "
            f"{self._value()} as value{lists} "
            f"from {self._from()} where {self._conditions(start)}{self._first_only()}"
        )

    def _first_only(self) -> str:
        if not self.metric.measure.first_only:
            return ""
        period = self._bucket() if self.plan.series else "1"
        order = f"row_number() over (partition by e.uid, {period} order by e.t, e.seq)"
        return f" qualify e.uid = 0 or {order} = 1"

    def _bucket(self) -> str:
        return self.plan.range.bucket_sql("e.t")

    def _value(self) -> str:
        owner = self.metric.measure.property
        if owner is None or self._formula.reads == "nothing":
            return "null"
        if self._formula.reads == "number":
            return f"number_in({owner.sql})"
        known = f"kind({owner.sql}) <> 'null'"
        if self._formula.reads == "text":
            return f"case when {known} then value_text({owner.sql}) end"
        return f"case when {known} then texts({owner.sql}) else [] end"

    def _aggregates(self) -> Iterator[str]:
        for level in range(len(self.segmentations) + 1):
            if self.plan.series:
                yield self._aggregate(level, BUCKETED)
            if level or not self.plan.series:
                yield self._aggregate(level, WHOLE)

    def _aggregate(self, level: int, scope: str) -> str:
        keys = [f"s{i}" for i in range(level)] + (["bucket"] if scope == BUCKETED else [])
        columns = [f"s{i}" if i < level else "null" for i in range(len(self.segmentations))]
        rows = self._per_user(self._rows(level, scope), keys)
        rank = f"coalesce({self._formula.rank}, 0)"
        at, rank = ("bucket", "null") if scope == BUCKETED else ("null", rank)
        listing = ", ".join([str(level), *columns, at, self._formula.value, rank])
        return f"select {listing} from {rows} group by {', '.join(keys) or '()'}"

    def _rows(self, level: int, scope: str) -> str:
        rows = self._windowed(scope) if self._rolls else "source"
        for place in range(level):
            rows = f"(select *, unnest(g{place}) as s{place} from {rows})"
        if self._formula.reads == "items":
            rows = f"(select * replace (unnest(value) as value) from {rows})"
        return rows

    def _windowed(self, scope: str) -> str:
        if scope == WHOLE:
            whole = self._window(None, self.plan.range.last)
            return f"(from source where t >= {whole.start} and t < {whole.end})"
        windows = ", ".join(f"({_constant(w.at)}, {w.start}, {w.end})" for w in self._windows())
        return (
            "(select s.* replace (w.bucket as bucket) from source s "
            f"join (values {windows}) w(bucket, low, high) on s.t >= w.low and s.t < w.high)"
        )

    def _windows(self) -> list[Window]:
        return [self._window(bucket.at, bucket.last) for bucket in self.plan.range.buckets()]

    def _window(self, at: object, last: date) -> Window:
        if self.plan.range.unit == "hour" and self.plan.series:
            raise not_emulated(f"{self.metric.measure.math} by the hour")
        days, zone = ROLLING[self.metric.measure.math], self.clock.timezone
        first = last - timedelta(days=days - 1) if days else self.plan.range.first
        return Window(at, day_start(first, zone), day_start(last + timedelta(days=1), zone))

    def _per_user(self, rows: str, keys: list[str]) -> str:
        inner = self.metric.measure.per_user
        if not inner:
            return rows
        if self._formula.reads != "number":
            raise not_emulated(f"per-user aggregation with {self.metric.measure.math!r}")
        grouped = ", ".join(["uid", *keys])
        return (
            f"(select {grouped}, {numeric(inner)} as value from {rows} where uid <> 0 "
            f"group by {grouped} having count(value) > 0)"
        )


def _constant(at: object) -> str:
    return f"date {literal(at.isoformat())}" if isinstance(at, date) else str(at)
