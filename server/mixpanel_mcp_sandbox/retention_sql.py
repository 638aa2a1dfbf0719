"""The SQL statement of a retention report: births, returns, and figures by cohort and bracket.

Level k tells births apart by the first k breakdowns, so that every `$overall` has births of its
own: the first born event of a bucket need not be the first one of its segment.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .frequencies import Span
from .plan import Retention, Selection
from .predicates import conjunction
from .properties import Property
from .scan import Holdings
from .segments import Segmentation, extremes_sql
from .selections import properties_of, selected, sessions_of
from .sessions import Sessions
from .timeline import DAY, UNIT_MS

BORN, RETURNED, MEASURED, RANKED = "born", "returned", "measured", "ranked"
# Whether a birth counts in bracket k; bit n of `marks` is set by a return in bracket n.
MODES = {
    "none": "get_bit(marks, k) = 1",
    "carry_back": "k <= latest",
    "carry_forward": "k >= earliest",
    "consecutive_forward": "k < bit_position('0'::bit, marks) - 1",
}
LONGEST_UNIT = {"day": DAY, "week": 7 * DAY, "month": 31 * DAY}


@dataclass(frozen=True)
class Statement:
    """Builds the SQL for a retention plan."""

    plan: Retention
    segmentations: list[Segmentation]
    held: Holdings

    def sql(self) -> str:
        """Return the statement; rows are figure, level, segments, cohort, bracket, number."""
        return (
            f"with born as materialized ({self._born()}), "
            f"births as materialized ({self._births()}), "
            f"returns as not materialized ({self._returns()}), "
            f"hits as not materialized ({self._hits()}), "
            f"returned as ({self._returned()}) " + " union all ".join(self._figures())
        )

    def extremes(self, owner: Property) -> str:
        """Return the statement for the least and greatest number and whether all are whole."""
        return extremes_sql(owner, self._born_from(), self._born_conditions())

    @property
    def _segments(self) -> str:
        return "".join(f", s{place}" for place in range(len(self.segmentations)))

    @property
    def _cohort(self) -> str:
        return f"level{self._segments}, bucket"

    @property
    def _by_calendar(self) -> bool:
        return self.plan.alignment == "interval_start"

    @property
    def _brackets(self) -> int:
        return len(self.plan.ends)

    def _born_from(self) -> str:
        owners = [b.property for b in self.plan.breakdowns]
        owners += [f.property for f in self.plan.filters]
        days = self.plan.range
        span = Span(days, days.start, days.bucket_sql)
        sessions = self._sessions(self.plan.born, days.end - 1)
        owners += properties_of(self.plan.born)
        return self.held.scan(owners, span=span, sessions=sessions)

    def _sessions(self, selection: Selection, last: int) -> Sessions | None:
        return sessions_of([selection], self.plan.range.start, last, self.held.clock)

    def _born_conditions(self) -> str:
        days = self.plan.range
        return " and ".join(
            (
                "e.uid <> 0",
                f"e.t >= {days.start} and e.t < {days.end}",
                selected(self.plan.born, self.held.hidden, self.held.clock),
                conjunction(self.plan.filters, self.held.clock),
            )
        )

    def _born(self) -> str:
        lists = "".join(f", {s.sql} as g{place}" for place, s in enumerate(self.segmentations))
        return (
            f"select e.uid, e.t, e.seq, {self._period()} as period, "
            f"{self.plan.range.bucket_sql('e.t')} as bucket{lists} "
            f"from {self._born_from()} where {self._born_conditions()}"
        )

    def _births(self) -> str:
        levels = range(len(self.segmentations) + 1)
        births = " union all ".join(self._first(level) for level in levels)
        return f"select *, row_number() over () as birth from ({births})"

    def _first(self, level: int) -> str:
        rows = "born"
        for place in range(level):
            rows = f"(select *, unnest(g{place}) as s{place} from {rows})"
        own = "".join(f", s{place}" for place in range(level))
        none = "".join(
            f", null::varchar as s{place}" for place in range(level, len(self.segmentations))
        )
        lives = f"uid{own}" if self.plan.once else f"uid, bucket{own}"
        return (
            f"select {level} as level{own}{none}, bucket, uid, t, seq, period from {rows} "
            f"qualify row_number() over (partition by {lives} order by t, seq) = 1"
        )

    def _returns(self) -> str:
        owner = self.plan.measure.property
        owners = [*properties_of(self.plan.returned), *([owner] if owner else [])]
        sessions = self._sessions(self.plan.returned, self._latest())
        return (
            f"select e.uid, e.t, e.seq, {self._period()} as period, "
            f"{f'number_in({owner.sql})' if owner else 'null'} as value "
            f"from {self.held.scan(owners, sessions=sessions)} where e.uid <> 0 "
            f"and e.t >= {self.plan.range.start} and e.t <= {self._latest()} "
            f"and {selected(self.plan.returned, self.held.hidden, self.held.clock)}"
        )

    def _latest(self) -> int:
        if self.plan.unbounded == "carry_back":
            return self.held.clock.now
        # Local days may be longer than 24 hours.
        span = self.plan.ends[-1] * LONGEST_UNIT[self.plan.unit] + DAY
        return min(self.held.clock.now, self.plan.range.end + span)

    def _period(self) -> str:
        """Return the SQL for the first day of the calendar unit of an event."""
        calendar = replace(self.plan.range, unit=self.plan.unit)
        return calendar.bucket_sql("e.t") if self._by_calendar else "null"

    def _hits(self) -> str:
        return (
            f"select b.birth, {self._bracket()} as k, r.value from births b join returns r "
            "on r.uid = b.uid and (r.t > b.t or r.t = b.t and r.seq > b.seq)"
        )

    def _bracket(self) -> str:
        """Return the SQL for the bracket of a return; those after the last share one more."""
        units = f"(r.t - b.t) // {UNIT_MS[self.plan.unit]}"
        if self._by_calendar:
            units = f"date_diff('{self.plan.unit}', b.period, r.period)"
        if self.plan.ends == tuple(range(1, self._brackets + 1)):
            return f"least({units}, {self._brackets})::int"
        cases = " ".join(f"when {units} < {end} then {k}" for k, end in enumerate(self.plan.ends))
        return f"case {cases} else {self._brackets} end"

    def _returned(self) -> str:
        # One bit more than brackets and the time after them, so that there is always a 0.
        return (
            f"select birth, bitstring_agg(k, 0, {self._brackets + 1}) as marks, "
            f"min(k) as earliest, max(k) as latest from {self._counted()} group by birth"
        )

    def _counted(self) -> str:
        streak = self.plan.unbounded == "consecutive_forward"
        if streak and self.plan.born == self.plan.returned:
            return "(select birth, k from hits union all select birth, 0 from births)"
        return "hits"

    def _figures(self) -> Iterator[str]:
        cohort, levels = self._cohort, f"level{self._segments}"
        yield f"select '{BORN}', {cohort}, null, count(*) from births group by {cohort}"
        yield (
            f"select '{RANKED}', {levels}, null, null, count(distinct uid) "
            f"from births group by {levels}"
        )
        yield (
            f"select '{RETURNED}', {cohort}, k, count(*) from births join returned using (birth), "
            f"(select unnest(range({self._brackets}))::int as k) "
            f"where {MODES[self.plan.unbounded]} group by {cohort}, k"
        )
        if self.plan.measure.math in ("total", "average"):
            number = "coalesce(sum(value), 0)" if self.plan.measure.property else "count(*)"
            yield (
                f"select '{MEASURED}', {cohort}, k, {number} from births join hits using (birth) "
                f"where k < {self._brackets} group by {cohort}, k"
            )
