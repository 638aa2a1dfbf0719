"""Funnels by the letter of the rules: slow, over plain lists, sharing nothing with the engine."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import mean, quantiles
from typing import Any

from funnel_asked import Asked

TOLERANCE = timedelta(seconds=2)
TIMEOUT = timedelta(minutes=30)
DAY = timedelta(days=1)
UNIT = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": DAY,
}
START, END = "$session_start", "$session_end"
LAST = 1_000_000
Order = tuple[datetime, int]


@dataclass(frozen=True)
class Event:
    """An event, the `place`-th to arrive, in session number `session` of its person."""

    place: int
    person: str
    name: str
    time: datetime
    os: str | None = None
    plan: str | None = None
    amount: float | None = None
    session: int = 0

    @property
    def order(self) -> Order:
        """What events are sorted by."""
        return self.time, self.place


@dataclass(frozen=True)
class Attempt:
    """The matched events, and up to where the person was busy with them."""

    matched: list[Event]
    closed: Order


@dataclass(frozen=True)
class Reference:
    """The answer to a question over events, where days are those of UTC."""

    asked: Asked
    events: list[Event]

    def node(self) -> dict[str, Any]:
        """Return what stands under the metric's name."""
        first, last = (
            datetime.fromisoformat(f"{day}T00:00:00+00:00")
            for day in (self.asked.first, self.asked.last)
        )
        if not self.asked.trends:
            return self._segments(first, last + DAY)
        days = [first + n * DAY for n in range((last - first).days + 1)]
        return {day.isoformat(): self._segments(day, day + DAY) for day in days}

    def _segments(self, start: datetime, end: datetime) -> dict[str, Any]:
        people = [self._tries(person, start, end) for person in self._people()]
        whole = self._block(attempt for tries in people for attempt in self._overall(tries))
        if not self.asked.groups:
            return whole
        passing = [[t for t in tries if self._passes(t)] for tries in people]
        names = {segment(attempt) for tries in passing for attempt in tries}
        return {"$overall": whole} | {
            name: self._block(
                attempt
                for tries in passing
                for attempt in self._counted([t for t in tries if segment(t) == name])
            )
            for name in names
        }

    @property
    def _unique(self) -> bool:
        return self.asked.math == "unique"

    def _overall(self, tries: list[Attempt]) -> list[Attempt]:
        """Without breakdown: of people who do not enter again the first attempt or nothing."""
        if self._unique and self.asked.reentry == "default":
            tries = tries[:1]
        return self._counted([attempt for attempt in tries if self._passes(attempt)])

    def _counted(self, tries: list[Attempt]) -> list[Attempt]:
        if not self._unique or not tries:
            return tries
        if self.asked.reentry == "default":
            return tries[:1]
        furthest = max(len(attempt.matched) for attempt in tries)
        return [next(attempt for attempt in tries if len(attempt.matched) == furthest)]

    def _passes(self, attempt: Attempt) -> bool:
        return not self.asked.where or segment(attempt) == "a"

    def _people(self) -> list[list[Event]]:
        """Everybody's events in order, with their sessions and the ends of these."""
        names = sorted({event.person for event in self.events})
        own = ([e for e in self.events if e.person == name] for name in names)
        return [with_ends(with_sessions(sorted(each, key=lambda e: e.order))) for each in own]

    def _tries(self, person: list[Event], start: datetime, end: datetime) -> list[Attempt]:
        entries = [e for e in person if start <= e.time < end and self._step(e, self._next([]))]
        if not self.asked.constant:
            return self._entered(person, entries)
        plans = list(dict.fromkeys(e.plan for e in entries if e.plan is not None))
        return [
            attempt
            for plan in (plans[:1] if self._unique else plans)
            for attempt in self._entered(
                [e if e.plan == plan else replace(e, name=f"-{e.name}") for e in person],
                [e for e in entries if e.plan == plan],
            )
        ]

    def _entered(self, events: list[Event], entries: list[Event]) -> list[Attempt]:
        """The attempts of a person, by the way in which they may enter again."""
        if self.asked.math == "session":
            sessions = {entry.session: entry for entry in reversed(entries)}
            entries = [entry for entry in entries if sessions[entry.session] is entry]
            return [self._attempt(entry, events, []) for entry in entries]
        if self.asked.reentry == "aggressive":
            return [self._attempt(entry, events, []) for entry in entries]
        if self.asked.reentry == "optimized":
            tries = [self._attempt(entry, events, []) for entry in entries]
            return [attempt for attempt in tries if not renewed(attempt, entries)]
        return self._successive(events, entries)

    def _successive(self, events: list[Event], entries: list[Event]) -> list[Attempt]:
        tries: list[Attempt] = []
        for entry in entries:
            used = [event for attempt in tries for event in attempt.matched]
            if entry not in used and (not tries or entry.order > tries[-1].closed):
                tries.append(self._attempt(entry, events, used))
        return tries

    def _attempt(self, entry: Event, events: list[Event], used: list[Event]) -> Attempt:
        matched, done = [entry], [self._step(entry, self._next([]))]
        while len(done) < len(self.asked.steps):
            latest = max(event.time for event in matched)
            following = next(
                (
                    event
                    for event in events
                    if self._step(event, self._next(done))
                    and event not in [*matched, *used]
                    and event.time >= latest - TOLERANCE
                    and self._within(entry, event)
                ),
                None,
            )
            for event in events:
                if self._excludes(event, len(done)) and event.time > latest + TOLERANCE:
                    if following is None and self._within(entry, event):
                        return Attempt(matched, event.order)
                    if following and event.time < following.time - TOLERANCE:
                        return Attempt(matched, event.order)
            if following is None:
                return Attempt(matched, self._over(entry, events))
            done.append(self._step(following, self._next(done)))
            matched.append(following)
        return Attempt(matched, max(event.order for event in matched))

    def _next(self, done: list[int]) -> list[int]:
        """The numbers, from 1, of the steps one of which comes after some."""
        numbers = range(1, len(self.asked.steps) + 1)
        left = [number for number in numbers if number not in done]
        if not self.asked.free[left[0] - 1]:
            return left[:1]
        fixed = [n for n in left if not self.asked.free[n - 1]]
        return [n for n in left if not fixed or n < fixed[0]]

    def _step(self, event: Event, steps: list[int]) -> int:
        """The first of some steps that an event matches, 0 for none."""
        return next((n for n in steps if self.asked.steps[n - 1] == event.name), 0)

    def _excludes(self, event: Event, done: int) -> bool:
        name = event.name.removeprefix("-")
        return any(name == x and a <= done and done + 1 <= b for x, a, b in self.asked.exclusions)

    def _within(self, entry: Event, event: Event) -> bool:
        count, unit = self.asked.window
        if unit == "session":
            return entry.session <= event.session < entry.session + count
        return event.time <= entry.time + count * UNIT[unit]

    def _over(self, entry: Event, events: list[Event]) -> Order:
        """The last moment of the window."""
        count, unit = self.asked.window
        if unit == "session":
            return max(event.order for event in events if self._within(entry, event))
        return entry.time + count * UNIT[unit], LAST

    def _block(self, tries: Iterable[Attempt]) -> dict[str, Any]:
        matched = [attempt.matched for attempt in tries]
        reached = [[m for m in matched if len(m) > k] for k in range(len(self.asked.steps))]
        counts = [len(each) for each in reached]
        columns: dict[str, list[Any]] = {
            "count": counts,
            "step_conv_ratio": [ratio(n, counts[max(k - 1, 0)]) for k, n in enumerate(counts)],
            "overall_conv_ratio": [ratio(n, counts[0]) for n in counts],
            "avg_time": [seconds(each, k, k - 1) for k, each in enumerate(reached)],
            "avg_time_from_start": [seconds(each, k, 0) for k, each in enumerate(reached)],
        }
        if self.asked.measured:
            values = [[m[k].amount for m in each] for k, each in enumerate(reached)]
            columns["value"] = [
                MATHS[self.asked.math]([v for v in each if v is not None]) for each in values
            ]
        names = [f"{number}. {name}" for number, name in enumerate(self.asked.steps, start=1)]
        return {
            column: {name: {"all": value} for name, value in zip(names, values, strict=True)}
            for column, values in columns.items()
        }


def with_sessions(events: list[Event]) -> list[Event]:
    """Number the sessions of a person's events: a rest of half an hour or midnight ends one."""
    numbered: list[Event] = []
    for event in events:
        before = numbered[-1] if numbered else None
        new = before and (
            event.time - before.time >= TIMEOUT or event.time.date() != before.time.date()
        )
        session = before.session + bool(new) if before else 1
        numbered.append(replace(event, session=session))
    return numbered


def with_ends(events: list[Event]) -> list[Event]:
    """Put the ends of sessions among a person's events; they have no properties of ours."""
    sessions = {event.session: event for event in reversed(events)}
    starts = [Event(-1, e.person, START, e.time, session=s) for s, e in sessions.items()]
    sessions = {event.session: event for event in events}
    ends = [Event(LAST, e.person, END, e.time, session=s) for s, e in sessions.items()]
    return sorted([*starts, *events, *ends], key=lambda event: event.order)


def renewed(attempt: Attempt, entries: list[Event]) -> bool:
    """Whether a person entered again before the second step, or before an attempt without ended."""
    entry, *later = attempt.matched
    if later:
        return any(entry.order < other.order < later[0].order for other in entries)
    return any(entry.order < other.order <= attempt.closed for other in entries)


def segment(attempt: Attempt) -> str:
    """The first value of `os` that is set."""
    return next((event.os for event in attempt.matched if event.os is not None), "undefined")


def ratio(part: int, whole: int) -> float:
    """The share of a whole, 0 of nothing."""
    return part / whole if whole else 0


def seconds(reached: list[list[Event]], step: int, since: int) -> float | None:
    """The mean time from one step to another, negative ones as 0."""
    if not step or not reached:
        return None
    return mean(max((m[step].time - m[since].time).total_seconds(), 0) for m in reached)


def percentile(share: int) -> Callable[[list[float]], float | None]:
    """The value at so many percent of the sorted values."""

    def of(values: list[float]) -> float | None:
        if len(values) < 2:
            return values[0] if values else None
        return quantiles(values, n=100, method="inclusive")[share - 1]

    return of


MATHS: dict[str, Callable[[list[float]], float | None]] = {
    "total": sum,
    "average": lambda values: mean(values) if values else None,
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
    "median": percentile(50),
    "p25": percentile(25),
    "p90": percentile(90),
}
