"""Retention: one SQL statement counts, and the cohorts are put into Mixpanel's shape."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .calls import Call, Json
from .database import Row
from .envelopes import envelope
from .plan import Retention
from .properties import Property
from .retention_cohorts import Cohort, average, written
from .retention_query import read_retention
from .retention_sql import BORN, RANKED, RETURNED, Statement
from .scan import Holdings, holdings
from .segments import Segmentation, fitted
from .timeline import UNIT_MS, Bucket, day_start, next_start
from .trees import Path, nested

AVERAGE = "$average"


def retention(call: Call, body: Json) -> Json:
    """Return a retention report; 400 for a bookmark that is wrong or not emulated."""
    plan = read_retention(body, call.context)
    report = Report(call, plan, holdings(call))
    headers = ["$metric", *(b.title() for b in plan.breakdowns)]
    return envelope(call.now, plan.range, headers, {plan.name: report.node()})


@dataclass(frozen=True)
class Report:
    """A retention plan that is being answered."""

    call: Call
    plan: Retention
    held: Holdings

    def node(self) -> Json:
        """Return the cohorts by date, or those of every segment."""
        cohorts, ranks = self.computed()
        keys = {bucket.at: bucket.key for bucket in self.plan.range.buckets()}
        # One for all, since most segments have people in few of the buckets only.
        empty = self._written(self._cohort(settled=0))

        def leaf(path: Path) -> Json:
            found = cohorts.get(path, {})
            dates = {
                key: self._written(found[at]) if at in found else empty for at, key in keys.items()
            }
            return {**dates, AVERAGE: average(list(found.values()), self.plan.measure.math)}

        return nested(ranks, len(self.plan.breakdowns), self.plan.limit, leaf)

    def computed(self) -> tuple[Mapping[Path, Mapping[object, Cohort]], Mapping[Path, float]]:
        """Return the cohorts that have people, by path and bucket, and the people by path."""
        shown = self._segmentations()
        rows = self.call.database.rows(Statement(self.plan, shown, self.held).sql())
        settled = {bucket.at: self._settled(bucket) for bucket in self.plan.range.buckets()}
        cohorts: dict[Path, dict[object, Cohort]] = defaultdict(dict)
        ranks: dict[Path, float] = {}
        for figure, level, *texts, at, bracket, number in rows:
            path = tuple(s.label(text) for s, text in zip(shown[:level], texts, strict=False))
            if figure == RANKED:
                ranks[path] = number
                continue
            if at not in cohorts[path]:
                cohorts[path][at] = self._cohort(settled[at])
            _enter(cohorts[path][at], figure, bracket, number)
        return cohorts, ranks

    def _settled(self, bucket: Bucket) -> int:
        """Return the number of brackets that are over for everybody born in a bucket."""
        days = self.plan.range
        closed = day_start(next_start(bucket.first, days.unit), days.timezone)
        unit = UNIT_MS[self.plan.unit]
        return sum(closed + end * unit <= self.held.clock.now for end in self.plan.ends)

    def _cohort(self, settled: int) -> Cohort:
        brackets = len(self.plan.ends)
        return Cohort(settled, [0] * brackets, [0] * brackets)

    def _written(self, cohort: Cohort) -> Json:
        return written(cohort, self.plan.measure.math)

    def _segmentations(self) -> list[Segmentation]:
        statement = Statement(self.plan, [], self.held)

        def extremes(owner: Property) -> Row:
            return self.call.database.rows(statement.extremes(owner))[0]

        return [fitted(b, extremes, self.held.clock.timezone) for b in self.plan.breakdowns]


def _enter(cohort: Cohort, figure: str, bracket: Any, number: Any) -> None:
    if figure == BORN:
        cohort.first = number
    elif figure == RETURNED:
        cohort.counts[bracket] = number
    else:
        cohort.values[bracket] = number
