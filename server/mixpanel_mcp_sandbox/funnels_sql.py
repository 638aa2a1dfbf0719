"""The SQL statement of a funnel: everybody's events of any step or exclusion, in order."""

from dataclasses import dataclass

from .attempts import TOLERANCE
from .frequencies import Span, together
from .plan import Funnel
from .predicates import Clock, bits, predicate
from .properties import Property
from .scan import Holdings
from .segments import Segmentation, extremes_sql
from .selections import properties_of, selected


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

        Rows are person, time, bits of the steps, exclusions, known and passed filters, and as
        JSON text a list of segments per breakdown (null where its property is not set) and the
        values held constant. Texts are read faster than lists, and few differ.
        """
        hidden = self.held.hidden
        excluded = [selected(x.selection, hidden, self.clock) for x in self.plan.exclusions]
        known = [f"kind({f.property.sql}) <> 'null'" for f in self.plan.filters]
        passed = [predicate(f, self.clock) for f in self.plan.filters]
        columns = ["e.uid", "e.t", *map(bits, (self._steps, excluded, known, passed))]
        columns += [self._segments_column(shown), self._held_column()]
        latest = self.plan.range.end + self.plan.window
        return (
            f"select {', '.join(columns)} from {self._from()} where e.uid <> 0 "
            f"and e.t >= {self.plan.range.start - TOLERANCE} and e.t < {latest} "
            f"and ({' or '.join([*self._steps, *excluded])}) and {self.where} "
            "order by e.uid, e.t, e.seq"
        )

    def extremes(self, owner: Property) -> str:
        """Return the statement for the least and greatest number and whether all are whole."""
        days = self.plan.range
        entering = f"e.t >= {days.start} and e.t < {days.end} and {self.where}"
        conditions = f"({' or '.join(self._steps)}) and {entering}"
        return extremes_sql(owner, self._from(), conditions)

    @property
    def _steps(self) -> list[str]:
        return [selected(s.selection, self.held.hidden, self.clock) for s in self.plan.steps]

    def _from(self) -> str:
        owners = [*self.plan.constant, *self.looks_at]
        owners += [f.property for f in self.plan.filters]
        owners += [breakdown.property for breakdown in self.plan.breakdowns]
        owners += properties_of(*(step.selection for step in self.plan.steps))
        owners += properties_of(*(x.selection for x in self.plan.exclusions))
        return self.held.scan(owners, span=self._span())

    def _span(self) -> Span:
        start = self.plan.range.start - TOLERANCE
        bucket = self.plan.range.bucket_sql if self.plan.trends else together
        return Span(self.plan.range, start, bucket)

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
