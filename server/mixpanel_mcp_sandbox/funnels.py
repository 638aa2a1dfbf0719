"""Funnels: SQL selects and orders the events, the state machine of `attempts.py` decides."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby, pairwise, product
from operator import itemgetter
from typing import Any

import orjson

from .attempts import Attempt, Occurrence, Rules, Stretch, attempts, held_constant
from .calls import Call, Json
from .database import Row
from .envelopes import envelope
from .funnels_query import read_funnel
from .funnels_sql import Statement
from .plan import Funnel
from .predicates import Clock
from .properties import Property
from .scan import holdings
from .segments import UNDEFINED, Segmentation, fitted
from .timeline import Range
from .trees import Path, nested, plain

ALL = "all"
SECOND = 1000

Person = list[Occurrence]
Labels = tuple[tuple[str, ...], ...]
Found = dict[Path, list[Attempt]]


def funnel(call: Call, body: Json) -> Json:
    """Return a funnel report; 400 for a bookmark that is wrong or not emulated."""
    plan = read_funnel(body, call.context)
    clock = Clock(call.now_ms, call.project.timezone)
    query = Query(call, plan, clock, Statement(plan, holdings(call), clock))
    name = f"{plan.steps[0].name} -> {plan.steps[-1].name}"
    headers = ["$metric", *(breakdown.title() for breakdown in plan.breakdowns)]
    return envelope(call.now, plan.range, headers, {name: _node(query, plan)})


def _node(query: "Query", plan: Funnel) -> Json:
    """Return the block, the blocks by segment, or either by date."""
    if not plan.trends:
        return by_segment(plan, query.whole(), block)
    buckets = plan.range.buckets()
    found = query.by_entry(stretches(plan.range))
    return {b.key: by_segment(plan, f, block) for b, f in zip(buckets, found, strict=True)}


@dataclass(frozen=True)
class Query:
    """A funnel that is being answered."""

    call: Call
    plan: Funnel
    clock: Clock
    statement: Statement

    @cached_property
    def shown(self) -> list[Segmentation]:
        """How the breakdowns are computed."""
        zone = self.clock.timezone
        return [fitted(each, self._extremes, zone) for each in self.plan.breakdowns]

    @cached_property
    def rules(self) -> Rules:
        """What attempts keep to."""
        stretches = [Stretch(i, x.after, x.before) for i, x in enumerate(self.plan.exclusions)]
        return Rules(len(self.plan.steps), self.plan.window, tuple(stretches))

    def whole(self) -> Found:
        """Return the attempts of the range by path of segments, all of them at ()."""
        return self._found(self._people(), self.plan.range.start, self.plan.range.end)

    def by_entry(self, ends: Sequence[tuple[int, int]]) -> list[Found]:
        """Return the attempts that begin in each of some stretches of time, which are in order."""
        people = _by_entry(self._people(), ends)
        return [self._found(group, *pair) for group, pair in zip(people, ends, strict=True)]

    def _found(self, people: Iterable[Person], start: int, end: int) -> Found:
        found: Found = defaultdict(list)
        found[()] = []
        for person in people:
            self._add(found, person, start, end)
        return found

    def _add(self, found: Found, person: Person, start: int, end: int) -> None:
        """Add a person's attempts that pass the filters.

        Where people are unique the first attempt counts, in every segment the first that
        belongs there.
        """
        unique, seen = self.plan.unique, set[Path]()
        for events in self._independent(person):
            for place, attempt in enumerate(attempts(events, self.rules, start, end)):
                if unique and place and not self.shown:
                    break
                if not self._passes(attempt.matched):
                    continue
                if not unique or place == 0:
                    found[()].append(attempt)
                for path in self._paths(attempt):
                    if not unique or path not in seen:
                        found[path].append(attempt)
                        seen.add(path)

    def _paths(self, attempt: Attempt) -> Iterator[Path]:
        if not self.shown:
            return iter(())
        return _paths([self.labels(e.segments or "") for e in attempt.matched], len(self.shown))

    @cached_property
    def labels(self) -> Callable[[str], Labels]:
        """Read the segments of an event; the same text is read once."""
        shown = self.shown

        @cache
        def read(text: str) -> Labels:
            return tuple(
                tuple(map(each.label, texts or ()))
                for each, texts in zip(shown, orjson.loads(text), strict=True)
            )

        return read

    def _independent(self, person: Person) -> list[Person]:
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

    def _people(self) -> Iterator[Person]:
        rows = self.call.database.rows(self.statement.sql(self.shown))
        for _, events in groupby(rows, itemgetter(0)):
            yield [Occurrence(*row[1:]) for row in events]

    def _extremes(self, owner: Property) -> Row:
        return self.call.database.rows(self.statement.extremes(owner))[0]


def by_segment(plan: Funnel, found: Found, leaf: Callable[[Funnel, list[Attempt]], Any]) -> Any:
    """Return what `leaf` makes of the attempts of each segment, of most entries first."""
    ranks = {path: len(tries) for path, tries in found.items()}
    depth = len(plan.breakdowns)
    return nested(ranks, depth, plan.limit, lambda path: leaf(plan, found[path]))


def stretches(days: Range) -> list[tuple[int, int]]:
    """Return for every bucket its first millisecond within the range and the first one after."""
    return list(pairwise([days.start, *days.bucket_ends()]))


def block(plan: Funnel, tries: Iterable[Attempt]) -> Json:
    """Return counts, ratios and mean seconds of the attempts."""
    names = [f"{place}. {step.name}" for place, step in enumerate(plan.steps, start=1)]
    return {
        column: {name: {ALL: value} for name, value in zip(names, values, strict=True)}
        for column, values in figures(plan, tries).items()
    }


def figures(plan: Funnel, tries: Iterable[Attempt]) -> dict[str, list[Any]]:
    """Return the same as one list per figure, an entry per step."""
    matched = [attempt.matched for attempt in tries]
    steps = range(len(plan.steps))
    counts = [sum(len(m) > k for m in matched) for k in steps]
    return {
        "count": counts,
        "step_conv_ratio": [
            _ratio(count, counts[k - 1] if k else count) for k, count in enumerate(counts)
        ],
        "overall_conv_ratio": [_ratio(count, counts[0]) for count in counts],
        "avg_time": [_seconds(matched, k, k - 1) for k in steps],
        "avg_time_from_start": [_seconds(matched, k, 0) for k in steps],
    }


def _by_entry(people: Iterable[Person], ends: Sequence[tuple[int, int]]) -> list[list[Person]]:
    """Return for each stretch the people who did the first step in it."""
    starts = [start for start, _ in ends]
    groups: list[list[Person]] = [[] for _ in ends]
    for person in people:
        entries = {bisect_right(starts, e.time) - 1 for e in person if e.steps & 1}
        for place in entries - {-1}:
            groups[place].append(person)
    return groups


def _ratio(part: int, whole: int) -> float:
    return plain(part / whole) if whole else 0


def _seconds(matched: list[tuple[Occurrence, ...]], step: int, since: int) -> float | None:
    """Return the mean time to a step; the tolerance can make a difference negative: 0."""
    times = [max(m[step].time - m[since].time, 0) for m in matched if len(m) > step]
    return plain(sum(times) / len(times) / SECOND) if step and times else None


def _paths(labels: Sequence[Labels], depth: int) -> Iterator[Path]:
    """Give the segments of an attempt at every level, each by the first event that has one."""
    first = [next((each[k] for each in labels if each[k]), (UNDEFINED,)) for k in range(depth)]
    for level in range(1, depth + 1):
        yield from product(*first[:level])
