"""The SQL statement of a cohort metric: a member at the end of a bucket is what is counted."""

from dataclasses import dataclass

from .cohort_sql import members
from .errors import wrong
from .insights_sql import Statement
from .membership import Membership
from .properties import Property


@dataclass(frozen=True)
class CohortStatement(Statement):
    """Takes one row per member and bucket for the events, timed at the end of the bucket."""

    def _from(self, *more: Property) -> str:
        assert self.metric.cohort
        owners = self._owners(*more)
        for owner in owners:
            if owner.source == "events" and not isinstance(owner, Membership):
                raise wrong(f"A cohort metric has no event property {owner.name!r}.")
        days = self.plan.computed
        ends = days.bucket_ends() if self.plan.series else [days.end]
        # A bucket that is not over yet is judged by what happened up to now.
        seen = [min(end, self.clock.now + 1) for end in ends]
        times = ", ".join(f"({place}, {end - 1})" for place, end in enumerate(ends))
        rows = (
            "(select s.uid, v.t, 0 as seq, '' as event "
            f"from ({members(self.held, self.metric.cohort, seen)}) s "
            f"join (values {times}) v(place, t) on v.place = s.place) e"
        )
        return self.held.joined(rows, owners)
