"""Funnels: SQL selects and orders the events, the state machine of `attempts.py` decides."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby, islice, pairwise, product
from operator import itemgetter
from typing import Any

import orjson

from .attempts import Attempt, Rules, Stretch, order_of
from .calls import Call, Json
from .database import Row
from .entries import entering, held_constant
from .envelopes import envelope
from .funnel_chain import chained, is_chain
from .funnel_figures import block, by_step
from .funnels_query import read_funnel
from .funnels_sql import Statement
from .occurrences import Occurrence
from .plan import Funnel
from .predicates import Clock
from .properties import UNDEFINED, Property
from .scan import holdings
from .segments import Segmentation, fitted
from .timeline import Range
from .trees import Path, nested

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
    if is_chain(plan):
        return by_step(plan, chained(plan, query.statement, query.call.database))
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
        order = order_of([step.free for step in self.plan.steps])
        return Rules(order, self.plan.window, tuple(stretches))

    def whole(self) -> Found:
        """Return the attempts of the range by path of segments, all of them at ()."""
        return self._found(self._people(), self.plan.range.start, self.plan.range.end)

    def by_entry(self, ends: Sequence[tuple[int, int]]) -> list[Found]:
        """Return the attempts that begin in each of some stretches of time, which are in order."""
        people = _by_entry(self._people(), self.rules.first, ends)
        return [self._found(group, *pair) for group, pair in zip(people, ends, strict=True)]

    def _found(self, people: Iterable[Person], start: int, end: int) -> Found:
        found: Found = defaultdict(list)
        found[()] = []
        for person in people:
            self._add(found, person, start, end)
        return found

    def _add(self, found: Found, person: Person, start: int, end: int) -> None:
        """Add what counts of a person's attempts to all segments that it belongs to."""
        enter = entering(self.plan.count, self.plan.reentry)
        for events in self._independent(person, start, end):
            tries = enter(events, self.rules, start, end)
            counted = self._one(tries) if self._unique else self._every(tries)
            for path, attempt in counted:
                found[path].append(attempt)

    @property
    def _unique(self) -> bool:
        return self.plan.count == "unique"

    def _every(self, tries: Iterable[Attempt]) -> Iterator[tuple[Path, Attempt]]:
        """Give the attempts that pass the filters under each of their segments."""
        for attempt in tries:
            if self._passes(attempt.matched):
                for path in self._paths(attempt):
                    yield path, attempt

    def _one(self, tries: Iterator[Attempt]) -> Iterable[tuple[Path, Attempt]]:
        """Return for each segment the attempt that counts there for a person.

        It is the one that got furthest. Without re-entry it is the first, and of all segments
        together the first of all attempts, or none when that fails a filter.
        """
        if self.plan.reentry != "default":
            furthest: dict[Path, Attempt] = {}
            for path, attempt in self._every(tries):
                kept = furthest.get(path)
                if kept is None or len(attempt.matched) > len(kept.matched):
                    furthest[path] = attempt
            return furthest.items()
        first: dict[Path, Attempt] = dict(self._every(islice(tries, 1)))
        if self.shown:
            for path, attempt in self._every(tries):
                if path:
                    first.setdefault(path, attempt)
        return first.items()

    def _paths(self, attempt: Attempt) -> Iterable[Path]:
        """Return the segments of an attempt at every level, () above all."""
        if not self.shown:
            return [()]
        labels = [self.labels(e.segments or "") for e in attempt.matched]
        return [(), *_paths(labels, len(self.shown))]

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

    def _independent(self, person: Person, start: int, end: int) -> Iterable[Person]:
        if not self.plan.constant:
            return [person]
        return held_constant(person, self.rules, start, end, unique=self._unique)

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
            yield [Occurrence._make(row[1:]) for row in events]

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


def _by_entry(
    people: Iterable[Person], first: int, ends: Sequence[tuple[int, int]]
) -> list[list[Person]]:
    """Return for each stretch the people who did the first step in it."""
    starts = [start for start, _ in ends]
    groups: list[list[Person]] = [[] for _ in ends]
    for person in people:
        entries = {bisect_right(starts, e.time) - 1 for e in person if e.steps & first}
        for place in entries - {-1}:
            groups[place].append(person)
    return groups


def _paths(labels: Sequence[Labels], depth: int) -> Iterator[Path]:
    """Give the segments of an attempt at every level, each by the first event that has one."""
    first = [next((each[k] for each in labels if each[k]), (UNDEFINED,)) for k in range(depth)]
    for level in range(1, depth + 1):
        yield from product(*first[:level])
