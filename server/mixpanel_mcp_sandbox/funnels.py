"""Funnels: SQL selects and orders the events, the state machine of `attempts.py` decides."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from .attempts import TOLERANCE, Attempt, Occurrence, Rules, Stretch, attempts, held_constant
from .calls import Call, Json
from .database import literal
from .envelopes import envelope
from .funnels_query import read_funnel
from .plan import Buckets, Funnel
from .predicates import Clock, bits, predicate
from .properties import Property
from .scan import Holdings, holdings
from .segments import Segmentation, automatic, segmentation
from .selections import properties_of, selected
from .timeline import Bucket, day_start, next_start
from .trees import OVERALL, plain

ALL = "all"
UNDEFINED = ("undefined",)
SECOND = 1000


def funnel(call: Call, body: Json) -> Json:
    """Return a funnel report; 400 for a bookmark that is wrong or not emulated."""
    plan = read_funnel(body, call.context)
    clock = Clock(call.now_ms, call.project.timezone)
    query = Query(call, plan, clock, holdings(call))
    name = f"{plan.steps[0].name} -> {plan.steps[-1].name}"
    headers = ["$metric", *([plan.breakdown.property.name] if plan.breakdown else [])]
    return envelope(call.now, plan.range, headers, {name: query.node()})


@dataclass(frozen=True)
class Query:
    """A funnel that is being answered."""

    call: Call
    plan: Funnel
    clock: Clock
    held: Holdings

    def node(self) -> Json:
        """Return the block, the blocks by segment, or the blocks by date."""
        people = list(self._people())
        if self.plan.trends:
            return {bucket.key: self._trend(people, bucket) for bucket in self._buckets()}
        plain_block = block(self.plan, self._attempts(people, *self._ends()))
        if self.plan.breakdown is None:
            return plain_block
        return {OVERALL: plain_block, **self._segments(people)}

    def _ends(self) -> tuple[int, int]:
        return self.plan.range.start, self.plan.range.end

    def _buckets(self) -> list[Bucket]:
        return self.plan.range.buckets()

    def _trend(self, people: list[list[Occurrence]], bucket: Bucket) -> Json:
        return block(self.plan, self._attempts(people, *self._bucket_ends(bucket)))

    def _bucket_ends(self, bucket: Bucket) -> tuple[int, int]:
        if isinstance(bucket.at, int):
            return bucket.at, bucket.at + 3_600_000
        start, end = self._ends()
        first = day_start(bucket.first, self.clock.timezone)
        last = day_start(next_start(bucket.first, self.plan.range.unit), self.clock.timezone)
        return max(first, start), min(last, end)

    def _rules(self) -> Rules:
        stretches = [Stretch(i, x.after, x.before) for i, x in enumerate(self.plan.exclusions)]
        return Rules(len(self.plan.steps), self.plan.window, tuple(stretches))

    def _attempts(
        self, people: Iterable[list[Occurrence]], start: int, end: int, *, again: bool = False
    ) -> Iterator[Attempt]:
        """Give everybody's attempts that pass the filters; `again` for re-entry of uniques."""
        rules = self._rules()
        for person in people:
            for events in self._independent(person):
                for attempt in attempts(events, rules, start, end):
                    if self._passes(attempt.matched):
                        yield attempt
                    if self.plan.unique and not again:
                        break

    def _independent(self, person: list[Occurrence]) -> list[list[Occurrence]]:
        if not self.plan.constant:
            return [person]
        return held_constant(person, unique=self.plan.unique)

    def _passes(self, matched: Sequence[Occurrence]) -> bool:
        """Judge an attempt by the first of its events on which a filter's property is set."""
        for bit in (1 << place for place in range(len(self.plan.filters))):
            judge = next((e for e in matched if e.known & bit), matched[0])
            if not judge.passed & bit:
                return False
        return True

    def _segments(self, people: list[list[Occurrence]]) -> Json:
        found: dict[str, list[Attempt]] = defaultdict(list)
        for person in people:
            seen: set[str] = set()
            for attempt in self._attempts([person], *self._ends(), again=True):
                for segment in _segments(attempt.matched):
                    if not self.plan.unique or segment not in seen:
                        found[segment].append(attempt)
                        seen.add(segment)
        ranked = sorted(found, key=lambda segment: (-len(found[segment]), segment))
        return {name: block(self.plan, found[name]) for name in ranked[: self.plan.limit]}

    def _people(self) -> Iterator[list[Occurrence]]:
        shown = self._segmentation()
        constant = bool(self.plan.constant)
        rows = self.call.database.rows(self._statement(shown))
        for _, events in groupby(rows, itemgetter(0)):
            yield [_occurrence(row, shown, constant) for row in events]

    def _statement(self, shown: Segmentation | None) -> str:
        hidden = self.held.hidden
        steps = [selected(step.selection, hidden, self.clock) for step in self.plan.steps]
        excluded = [selected(x.selection, hidden, self.clock) for x in self.plan.exclusions]
        known = [f"kind({f.property.sql}) <> 'null'" for f in self.plan.filters]
        passed = [predicate(f, self.clock) for f in self.plan.filters]
        columns = ["e.uid", "e.t", *map(bits, (steps, excluded, known, passed))]
        columns += [self._segment_column(shown), self._held_column()]
        latest = self.plan.range.end + self.plan.window
        return (
            f"select {', '.join(columns)} from {self._from()} where e.uid <> 0 "
            f"and e.t >= {self.plan.range.start - TOLERANCE} and e.t < {latest} "
            f"and ({' or '.join([*steps, *excluded])}) order by e.uid, e.t, e.seq"
        )

    def _from(self) -> str:
        owners = [*self.plan.constant, *(f.property for f in self.plan.filters)]
        owners += [self.plan.breakdown.property] if self.plan.breakdown else []
        owners += properties_of(*(step.selection for step in self.plan.steps))
        return self.held.scan(owners)

    def _segment_column(self, shown: Segmentation | None) -> str:
        if shown is None or self.plan.breakdown is None:
            return "null"
        return f"case when kind({self.plan.breakdown.property.sql}) <> 'null' then {shown.sql} end"

    def _held_column(self) -> str:
        if not self.plan.constant:
            return "null"
        known = " and ".join(f"kind({p.sql}) <> 'null'" for p in self.plan.constant)
        texts = ", ".join(f"value_text({p.sql})" for p in self.plan.constant)
        return f"case when {known} then [{texts}] end"

    def _segmentation(self) -> Segmentation | None:
        breakdown = self.plan.breakdown
        if breakdown is None:
            return None
        buckets = breakdown.buckets
        if breakdown.kind == "number" and buckets is None:
            buckets = self._automatic(breakdown.property)
        return segmentation(breakdown, buckets, self.clock.timezone)

    def _automatic(self, owner: Property) -> Buckets | None:
        number = f"number_in({owner.sql})"
        names = ", ".join(literal(step.selection.event) for step in self.plan.steps)
        start, end = self._ends()
        rows = self.call.database.rows(
            f"select min({number}), max({number}), bool_and({number} = trunc({number})) "
            f"from {self._from()} where e.event in ({names}) and e.t >= {start} and e.t < {end}"
        )
        least, most, whole = rows[0]
        return None if least is None else automatic(least, most, whole=bool(whole))


def block(plan: Funnel, tries: Iterable[Attempt]) -> Json:
    """Return counts, ratios and mean seconds of the attempts."""
    matched = [attempt.matched for attempt in tries]
    names = [f"{place}. {step.name}" for place, step in enumerate(plan.steps, start=1)]
    counts = [sum(len(m) > k for m in matched) for k in range(len(names))]
    columns = {
        "count": counts,
        "step_conv_ratio": [
            _ratio(count, counts[k - 1] if k else count) for k, count in enumerate(counts)
        ],
        "overall_conv_ratio": [_ratio(count, counts[0]) for count in counts],
        "avg_time": [_seconds(matched, k, k - 1) for k in range(len(names))],
        "avg_time_from_start": [_seconds(matched, k, 0) for k in range(len(names))],
    }
    return {
        column: {name: {ALL: value} for name, value in zip(names, values, strict=True)}
        for column, values in columns.items()
    }


def _ratio(part: int, whole: int) -> float:
    return plain(part / whole) if whole else 0


def _seconds(matched: list[tuple[Occurrence, ...]], step: int, since: int) -> float | None:
    """Return the mean time to a step; the tolerance can make a difference negative: 0."""
    times = [max(m[step].time - m[since].time, 0) for m in matched if len(m) > step]
    return plain(sum(times) / len(times) / SECOND) if step and times else None


def _segments(matched: Sequence[Occurrence]) -> tuple[str, ...]:
    return next((e.segments for e in matched if e.segments is not None), UNDEFINED)


def _occurrence(row: tuple[Any, ...], shown: Segmentation | None, constant: bool) -> Occurrence:
    if not shown and not constant:
        return Occurrence(*row[1:6])
    segments, held = row[6:]
    labels = tuple(map(shown.label, segments)) if shown and segments is not None else None
    values = tuple(held) if held is not None else None
    return Occurrence(*row[1:6], segments=labels, held=values)
