"""The SQL statement of one metric: source rows, segments, and one aggregate per level.

Level k groups by the first k breakdowns, so that every `$overall` is computed over the events
themselves and never added up from segments. The segments of a histogram are a level below all
breakdowns.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .database import literal
from .errors import not_emulated
from .frequencies import Span, together
from .measures import ROLLING, Aggregation, aggregation, numeric
from .plan import Insights, Metric
from .predicates import Clock, conjunction
from .properties import Property
from .scan import Holdings
from .segments import Segmentation, extremes_of, extremes_sql
from .selections import properties_of, selected, sessions_of
from .sessions import Sessions
from .timeline import bucket_start, day_start

BUCKETED, WHOLE = "bucket", "whole"


@dataclass(frozen=True)
class Window:
    """Milliseconds that count for a bucket of a rolling measure."""

    at: object
    start: int
    end: int


@dataclass(frozen=True)
class Statement:
    """Builds the SQL for a metric of a plan.

    Attributes:
        segmentations: of the breakdowns, in order.
        spread: of a histogram: the segments that a person's number falls into.
    """

    plan: Insights
    metric: Metric
    segmentations: list[Segmentation]
    held: Holdings
    clock: Clock
    spread: Segmentation | None = None

    @property
    def nothing(self) -> object:
        """What the metric shows in a bucket without events."""
        return self._aggregation.nothing

    def sql(self) -> str:
        """Return the statement; rows are level, segments, bucket, value, rank."""
        return self._with_source(" union all ".join(self._aggregates()))

    def extremes(self, owner: Property) -> str:
        """Return the statement for the least and greatest number and whether all are whole."""
        return extremes_sql(owner, self._from(owner), self._conditions(self._start))

    def spread_extremes(self) -> str:
        """Return the same of the numbers of persons that a histogram shows."""
        scope = BUCKETED if self.plan.series else WHOLE
        numbers = [
            f"select value from {self._numbers(level, scope)}"
            for level in range(len(self.segmentations) + 1)
        ]
        return self._with_source(extremes_of("value", f"({' union all '.join(numbers)})"))

    def _with_source(self, query: str) -> str:
        return f"with source as materialized ({self._source()}) {query}"

    @property
    def _aggregation(self) -> Aggregation:
        return aggregation(self.metric.measure)

    @property
    def _reads(self) -> str:
        distinct = self.metric.measure.per_user == "unique_values"
        return "items" if distinct else self._aggregation.reads

    @property
    def _rolls(self) -> bool:
        return self.metric.measure.math in ROLLING

    @property
    def _start(self) -> int:
        start = self.plan.computed.start
        return min([start, *(w.start for w in self._windows())]) if self._rolls else start

    @property
    def _span(self) -> Span:
        return Span(self.plan.range, self._start, self._bucket if self.plan.series else together)

    def _from(self, *more: Property) -> str:
        return self.held.scan(self._owners(*more), span=self._span, sessions=self._sessions)

    @property
    def _sessions(self) -> Sessions | None:
        asked, last = self._reads == "session", self.plan.range.end - 1
        return sessions_of([self.metric.selection], self._start, last, self.clock, asked=asked)

    def _owners(self, *more: Property) -> list[Property]:
        measured = self.metric.measure.property
        owners = [b.property for b in self.plan.breakdowns]
        owners += [f.property for f in self.plan.filters]
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
        return (
            f"select e.uid, e.t, e.seq, {self._bucket()} as bucket, "
            f"{self._value()} as value{lists} "
            f"from {self._from()} where {self._conditions(self._start)}{self._first_only()}"
        )

    def _first_only(self) -> str:
        if not self.metric.measure.first_only:
            return ""
        period = self._bucket() if self.plan.series else "1"
        order = f"row_number() over (partition by e.uid, {period} order by e.t, e.seq)"
        return f" qualify e.uid = 0 or {order} = 1"

    def _bucket(self, time: str = "e.t") -> str:
        days = self.plan.range
        bucket = days.bucket_sql(time)
        if self._rolls or self.plan.computed == days or days.unit == "hour":
            return bucket
        # Where earlier buckets count, the first one of the range still begins with the range.
        first = day_start(bucket_start(days.first, days.unit), days.timezone)
        return f"case when {time} < {first} or {time} >= {days.start} then {bucket} end"

    def _value(self) -> str:
        if self._reads == "session":
            return "case when e.session is not null then {'uid': e.uid, 'session': e.session} end"
        owner = self.metric.measure.property
        if owner is None or self._reads == "nothing":
            return "null"
        if self._reads == "number":
            return f"number_in({owner.sql})"
        known = f"kind({owner.sql}) <> 'null'"
        if self._reads == "text":
            return f"case when {known} then value_text({owner.sql}) end"
        return f"case when {known} then texts({owner.sql}) else [] end"

    @property
    def _depth(self) -> int:
        return len(self.segmentations) + (self.spread is not None)

    def _aggregates(self) -> Iterator[str]:
        for level in range(self._depth + 1):
            if self.plan.series:
                yield self._aggregate(level, BUCKETED)
            if level or not self.plan.series:
                yield self._aggregate(level, WHOLE)

    def _aggregate(self, level: int, scope: str) -> str:
        keys = [f"s{i}" for i in range(level)] + (["bucket"] if scope == BUCKETED else [])
        columns = [f"s{i}" if i < level else "null" for i in range(self._depth)]
        rank = f"coalesce({self._aggregation.rank}, 0)"
        at, rank = ("bucket", "null") if scope == BUCKETED else ("null", rank)
        listing = ", ".join([str(level), *columns, at, self._aggregation.value, rank])
        rows = self._numbers(level, scope)
        return f"select {listing} from {rows} group by {', '.join(keys) or '()'}"

    def _numbers(self, level: int, scope: str) -> str:
        """Return the rows of a level, one per person where the measure asks for it."""
        level = min(level, len(self.segmentations))
        keys = [f"s{i}" for i in range(level)]
        # A histogram ranks its segments by the persons of all buckets.
        bucketed = scope == BUCKETED or (self.plan.series and self.spread is not None)
        rows = self._per_user(self._rows(level, scope), keys + (["bucket"] if bucketed else []))
        if self.spread is None:
            return rows
        return f"(select *, unnest({self.spread.sql}) as s{len(self.segmentations)} from {rows})"

    def _rows(self, level: int, scope: str) -> str:
        rows = self._windowed() if self._rolls and scope == BUCKETED else "source"
        if scope == WHOLE:
            rows = self._whole()
        for place in range(level):
            rows = f"(select *, unnest(g{place}) as s{place} from {rows})"
        if self._reads == "items":
            rows = f"(select * replace (unnest(value) as value) from {rows})"
        return rows

    def _whole(self) -> str:
        """Return what the one number of the range is computed from, or what ranks segments."""
        days = self.plan.range
        if self._rolls and not self.plan.series:
            window = self._window(None, days.last)
            return f"(from source where t >= {window.start} and t < {window.end})"
        return "source" if self._start == days.start else f"(from source where t >= {days.start})"

    def _windowed(self) -> str:
        windows = ", ".join(f"({_constant(w.at)}, {w.start}, {w.end})" for w in self._windows())
        return (
            "(select s.* replace (w.bucket as bucket) from source s "
            f"join (values {windows}) w(bucket, low, high) on s.t >= w.low and s.t < w.high)"
        )

    def _windows(self) -> list[Window]:
        return [self._window(bucket.at, bucket.last) for bucket in self.plan.computed.buckets()]

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
        if self._aggregation.reads != "number":
            raise not_emulated(f"per-user aggregation with {self.metric.measure.math!r}")
        grouped = ", ".join(["uid", *keys])
        value = "count(distinct value)" if inner == "unique_values" else numeric(inner)
        return (
            f"(select {grouped}, {value} as value from {rows} where uid <> 0 "
            f"group by {grouped} having count(value) > 0)"
        )


def _constant(at: object) -> str:
    return f"date {literal(at.isoformat())}" if isinstance(at, date) else str(at)
