"""The SQL statement of a funnel: everybody's events of any step or exclusion, in order."""

from dataclasses import dataclass

from .attempts import TOLERANCE, order_of
from .frequencies import Span, together
from .plan import Funnel, Selection
from .predicates import Clock, bits, predicate
from .properties import Property
from .scan import Holdings
from .segments import Segmentation, extremes_sql
from .selections import properties_of, selected, sessions_of
from .sessions import Sessions
from .windows import SessionWindow, TimeWindow


@dataclass(frozen=True)
class Statement:
    """Builds the SQL for a funnel.

    Attributes:
        where: a condition on all events, before any step is looked for.
        looks_at: the properties that `where` and the breakdowns need besides their own.
    """

    plan: Funnel
    held: Holdings
    clock: Clock
    where: str = "true"
    looks_at: frozenset[Property] = frozenset()

    def sql(self, shown: list[Segmentation]) -> str:
        """Return the statement.

        Rows are a person and the fields of an `Occurrence`. Texts of JSON are read faster than
        lists, and few differ.
        """
        hidden = self.held.hidden
        excluded = [selected(x.selection, hidden, self.clock) for x in self.plan.exclusions]
        known = [f"kind({f.property.sql}) <> 'null'" for f in self.plan.filters]
        passed = [predicate(f, self.clock) for f in self.plan.filters]
        columns = ["e.uid", "e.t", self._steps_column(), *map(bits, (excluded, known, passed))]
        columns += [self._segments_column(shown), self._held_column()]
        columns += [self._session_column(), self._value_column()]
        return (
            f"select {', '.join(columns)} from {self._from()} "
            f"join ({self._entries()}) entry on entry.uid = e.uid where {self._near_entries()} "
            f"and e.t >= {self._start} and e.t < {self._end} "
            f"and ({' or '.join([*self._steps, *excluded])}) and {self.where} "
            "order by e.uid, e.t, e.seq"
        )

    def hits(self) -> str:
        """Return the statement for person, time and number of the step, from 0, of all events.

        Each event is one step at most.
        """
        cases = " ".join(f"when {step} then {place}" for place, step in enumerate(self._steps))
        return (
            f"select e.uid, e.t, case {cases} end as step from {self._from()} where e.uid <> 0 "
            f"and e.t >= {self._start} and e.t < {self._end} "
            f"and ({' or '.join(self._steps)}) and {self.where}"
        )

    def extremes(self, owner: Property) -> str:
        """Return the statement for the least and greatest number and whether all are whole."""
        return extremes_sql(owner, self._from(), self._in_range(self._steps))

    def _entries(self) -> str:
        """Return the statement for when people first and last enter, without those who do not."""
        first = order_of([step.free for step in self.plan.steps])[0]
        entering = [step for place, step in enumerate(self._steps) if first >> place & 1]
        return (
            f"select e.uid, min(e.t) as earliest, max(e.t) as latest from {self._from()} "
            f"where e.uid <> 0 and {self._in_range(entering)} group by e.uid"
        )

    def _in_range(self, steps: list[str]) -> str:
        days = self.plan.range
        return (
            f"({' or '.join(steps)}) and e.t >= {days.start} and e.t < {days.end} and {self.where}"
        )

    def _near_entries(self) -> str:
        """Return the condition for what an attempt can look at."""
        if not isinstance(self.plan.window, TimeWindow):
            return "true"
        last = "earliest" if self._first_entry_decides else "latest"
        return (
            f"e.t >= entry.earliest - {TOLERANCE} "
            f"and e.t <= entry.{last} + {self.plan.window.milliseconds}"
        )

    @property
    def _first_entry_decides(self) -> bool:
        """Whether no other entry of a person counts, in whatever segment or period."""
        plan = self.plan
        several = plan.breakdowns or plan.trends or plan.constant or plan.reentry != "default"
        return plan.count == "unique" and not several

    @property
    def _steps(self) -> list[str]:
        return [selected(s.selection, self.held.hidden, self.clock) for s in self.plan.steps]

    @property
    def _measured(self) -> Property | None:
        return self.plan.measure.property if self.plan.measure else None

    @property
    def _by_session(self) -> bool:
        return isinstance(self.plan.window, SessionWindow)

    @property
    def _start(self) -> int:
        return self.plan.range.start - TOLERANCE

    @property
    def _end(self) -> int:
        """The first millisecond that no attempt can look at."""
        now = self.clock.now + 1
        match self.plan.window:
            case TimeWindow(milliseconds):
                return min(self.plan.range.end + milliseconds, now)
            case SessionWindow():
                return now

    def _from(self) -> str:
        owners = [*self.plan.constant, *self.looks_at]
        owners += [self._measured] if self._measured else []
        owners += [f.property for f in self.plan.filters]
        owners += [breakdown.property for breakdown in self.plan.breakdowns]
        owners += properties_of(*self._selections)
        return self.held.scan(owners, span=self._span(), sessions=self._sessions())

    @property
    def _selections(self) -> list[Selection]:
        return [each.selection for each in (*self.plan.steps, *self.plan.exclusions)]

    def _span(self) -> Span:
        bucket = self.plan.range.bucket_sql if self.plan.trends else together
        return Span(self.plan.range, self._start, bucket)

    def _sessions(self) -> Sessions | None:
        last, asked = self._end - 1, self._by_session
        return sessions_of(self._selections, self._start, last, self.clock, asked=asked)

    def _steps_column(self) -> str:
        steps = bits(self._steps)
        # What belongs to no session cannot be a step within one.
        return f"case when e.session is null then 0 else {steps} end" if self._by_session else steps

    def _segments_column(self, shown: list[Segmentation]) -> str:
        lists = [
            f"case when kind({breakdown.property.sql}) <> 'null' then {segmentation.sql} end"
            for breakdown, segmentation in zip(self.plan.breakdowns, shown, strict=True)
        ]
        return f"to_json([{', '.join(lists)}])::varchar" if lists else "null"

    def _held_column(self) -> str:
        if not self.plan.constant:
            return "null"
        known = " and ".join(f"kind({p.sql}) <> 'null'" for p in self.plan.constant)
        texts = ", ".join(f"value_text({p.sql})" for p in self.plan.constant)
        return f"case when {known} then to_json([{texts}])::varchar end"

    def _session_column(self) -> str:
        return "coalesce(e.session, 0)" if self._by_session else "0"

    def _value_column(self) -> str:
        return f"number_in({self._measured.sql})" if self._measured else "null"
