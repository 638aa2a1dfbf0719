"""One person's way through a funnel: the state machine that all funnels share."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

# Clocks of devices differ: a step may come this many milliseconds before the one it follows.
TOLERANCE = 2000


class Occurrence(NamedTuple):
    """An event of a person; bit k of `steps` is set when it matches step k (from 0).

    Attributes:
        exclusions: bits of the exclusions it matches.
        known: bits of the query's filters whose property is set here.
        passed: bits of the query's filters it fulfils.
        segments: JSON text of those it stands for per breakdown, None where nothing is set.
        held: a text for the values of the properties held constant, None when one is missing.
    """

    time: int
    steps: int
    exclusions: int = 0
    known: int = 0
    passed: int = 0
    segments: str | None = None
    held: str | None = ""


@dataclass(frozen=True)
class Stretch:
    """Exclusion number `bit` ends attempts that did `after` to `before` - 1 steps."""

    bit: int
    after: int
    before: int


@dataclass(frozen=True)
class Rules:
    """What an attempt must keep to; `window` in milliseconds, both ends included."""

    steps: int
    window: int
    exclusions: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class Attempt:
    """The matched events in the order of the steps, their places, where the search goes on."""

    matched: tuple[Occurrence, ...]
    places: tuple[int, ...]
    resume: int


def attempts(events: Sequence[Occurrence], rules: Rules, start: int, end: int) -> Iterator[Attempt]:
    """Give a person's attempts one after the other; each begins in [start, end).

    The events are in order of time and arrival. A new attempt begins after the last one
    converted, was excluded, or ran out of its window; no event serves twice.
    """
    used: set[int] = set()
    at = bisect_left(events, (start,))
    while at < len(events) and events[at].time < end:
        if not events[at].steps & 1 or at in used:
            at += 1
            continue
        attempt = _attempt(events, rules, at, used)
        yield attempt
        at = max(attempt.resume, at + 1)


def held_constant(events: Sequence[Occurrence], *, unique: bool) -> list[list[Occurrence]]:
    """Split a person's events by the values held constant; uniques keep to the first entry's."""
    values = dict.fromkeys(e.held for e in events if e.steps & 1 and e.held is not None)
    kept = list(values)[:1] if unique else list(values)
    return [
        [event for event in events if event.held == value or event.exclusions] for value in kept
    ]


def _attempt(events: Sequence[Occurrence], rules: Rules, entry: int, used: set[int]) -> Attempt:
    places, last = [entry], entry
    used.add(entry)
    deadline = events[entry].time + rules.window
    for step in range(1, rules.steps):
        found = _match(events, 1 << step, last, deadline, used)
        if stop := _excluded(events, rules, step, last, found, deadline):
            return _ended(events, places, stop + 1)
        if found is None:
            return _ended(events, places, _after(events, entry, deadline))
        used.add(found)
        places.append(found)
        # The tolerance may put a step before the one it follows: the search goes on from the later.
        last = max(last, found)
    return _ended(events, places, last + 1)


def _ended(events: Sequence[Occurrence], places: list[int], resume: int) -> Attempt:
    return Attempt(tuple(events[place] for place in places), tuple(places), resume)


def _match(
    events: Sequence[Occurrence], bit: int, last: int, deadline: int, used: set[int]
) -> int | None:
    for place in range(_back(events, last), len(events)):
        if events[place].time > deadline:
            return None
        if events[place].steps & bit and place not in used:
            return place
    return None


def _excluded(
    events: Sequence[Occurrence],
    rules: Rules,
    done: int,
    last: int,
    found: int | None,
    deadline: int,
) -> int | None:
    """Return the place of the event that ends the attempt after `done` steps."""
    bits = sum(1 << x.bit for x in rules.exclusions if x.after <= done < x.before)
    if not bits:
        return None
    # Inclusive when the window alone ends the search, exclusive before the next step.
    latest = deadline if found is None else events[found].time - TOLERANCE - 1
    for place in range(last + 1, len(events)):
        event = events[place]
        if event.time > latest:
            return None
        if event.exclusions & bits and event.time > events[last].time + TOLERANCE:
            return place
    return None


def _back(events: Sequence[Occurrence], last: int) -> int:
    earliest = events[last].time - TOLERANCE
    while last > 0 and events[last - 1].time >= earliest:
        last -= 1
    return last


def _after(events: Sequence[Occurrence], entry: int, deadline: int) -> int:
    place = entry + 1
    while place < len(events) and events[place].time <= deadline:
        place += 1
    return place
