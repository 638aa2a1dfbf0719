"""One person's way through a funnel: the state machine that all funnels share."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from .occurrences import Occurrence
from .windows import Window

# Clocks of devices differ: a step may come this many milliseconds before the one it follows.
TOLERANCE = 2000


@dataclass(frozen=True)
class Stretch:
    """Exclusion number `bit` ends attempts that did `after` to `before` - 1 steps."""

    bit: int
    after: int
    before: int


@dataclass(frozen=True)
class Rules:
    """What an attempt must keep to.

    Attributes:
        order: for each number of steps done (from 0) the bits of those that may come next, unless
            they are among the steps done.
        window: how long an attempt may last.
        exclusions: what ends it before.
    """

    order: tuple[int, ...]
    window: Window
    exclusions: tuple[Stretch, ...] = ()

    @property
    def first(self) -> int:
        """The bits of the steps that an attempt may begin with."""
        return self.order[0]


class Attempt(NamedTuple):
    """The matched events in the order of the steps, their places, where the search goes on."""

    matched: tuple[Occurrence, ...]
    places: tuple[int, ...]
    resume: int


def order_of(free: Sequence[bool]) -> tuple[int, ...]:
    """Return the order of steps, of which those that are free may change places.

    Free steps that stand together are a block; a step that is not free stays where it is.
    """
    order: list[int] = []
    for alike, block in groupby(enumerate(free), itemgetter(1)):
        steps = [1 << place for place, _ in block]
        order += [sum(steps)] * len(steps) if alike else steps
    return tuple(order)


def attempts(events: Sequence[Occurrence], rules: Rules, start: int, end: int) -> Iterator[Attempt]:
    """Give a person's attempts one after the other; each begins in [start, end).

    The events are in order of time and arrival. A new attempt begins after the last one
    converted, was excluded, or ran out of its window; no event serves twice.
    """
    used: set[int] = set()
    at = bisect_left(events, (start,))
    while at < len(events) and events[at].time < end:
        if not events[at].steps & rules.first or at in used:
            at += 1
            continue
        attempt = attempt_from(at, events, rules, used)
        yield attempt
        at = max(attempt.resume, at + 1)


def attempt_from(entry: int, events: Sequence[Occurrence], rules: Rules, used: set[int]) -> Attempt:
    """Return the attempt that begins at a place.

    Places in `used` serve no more, and those that serve here are added. An event that matches
    several steps that may come next does the first of them.
    """
    begin, end = rules.window.places(events, entry)
    places, last, done = [entry], entry, _lowest(events[entry].steps & rules.first)
    used.add(entry)
    for count in range(1, len(rules.order)):
        wanted = rules.order[count] & ~done
        found = _match(events, wanted, range(max(begin, _back(events, last)), end), used)
        if stop := _excluded(events, rules, count, last, found, end):
            return _ended(events, places, stop + 1)
        if found is None:
            return _ended(events, places, end)
        used.add(found)
        places.append(found)
        done |= _lowest(events[found].steps & wanted)
        # The tolerance may put a step before the one it follows: the search goes on from the later.
        last = max(last, found)
    return _ended(events, places, last + 1)


def _ended(events: Sequence[Occurrence], places: list[int], resume: int) -> Attempt:
    return Attempt(tuple(events[place] for place in places), tuple(places), resume)


def _lowest(bits: int) -> int:
    return bits & -bits


def _match(events: Sequence[Occurrence], wanted: int, within: range, used: set[int]) -> int | None:
    for place in within:
        if events[place].steps & wanted and place not in used:
            return place
    return None


def _excluded(
    events: Sequence[Occurrence], rules: Rules, done: int, last: int, found: int | None, end: int
) -> int | None:
    """Return the place of the event that ends the attempt after `done` steps."""
    bits = sum(1 << x.bit for x in rules.exclusions if x.after <= done < x.before)
    if not bits:
        return None
    # The tolerance holds before the next step, but not where the window alone ends the search.
    stop = end if found is None else bisect_left(events, (events[found].time - TOLERANCE,))
    earliest = events[last].time + TOLERANCE
    for place in range(last + 1, stop):
        if events[place].exclusions & bits and events[place].time > earliest:
            return place
    return None


def _back(events: Sequence[Occurrence], last: int) -> int:
    earliest = events[last].time - TOLERANCE
    while last > 0 and events[last - 1].time >= earliest:
        last -= 1
    return last
