"""How often a person enters a funnel: where the attempts begin that are looked at."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from .attempts import Attempt, Rules, attempt_from, attempts
from .occurrences import Occurrence
from .plan import Count, Reentry

Entering = Callable[[Sequence[Occurrence], Rules, int, int], Iterator[Attempt]]


def entering(count: Count, reentry: Reentry) -> Entering:
    """Return what gives a person's attempts."""
    return one_per_session if count == "session" else REENTRIES[reentry]


def overlapping(
    events: Sequence[Occurrence], rules: Rules, start: int, end: int
) -> Iterator[Attempt]:
    """Give the attempt of every event that may be a first step, each as if there were no other."""
    for entry in _entries(events, rules, start, end):
        yield attempt_from(entry, events, rules, set())


def unrenewed(
    events: Sequence[Occurrence], rules: Rules, start: int, end: int
) -> Iterator[Attempt]:
    """Give the same without those during which the person entered again before a second step."""
    entries = list(_entries(events, rules, start, end))
    for entry, following in pairwise([*entries, len(events)]):
        attempt = attempt_from(entry, events, rules, set())
        waited = attempt.places[1] if len(attempt.places) > 1 else attempt.resume
        if following >= waited:
            yield attempt


def one_per_session(
    events: Sequence[Occurrence], rules: Rules, start: int, end: int
) -> Iterator[Attempt]:
    """Give the attempt of the first entry of each session."""
    seen: set[int] = set()
    for entry in _entries(events, rules, start, end):
        if events[entry].session not in seen:
            seen.add(events[entry].session)
            yield attempt_from(entry, events, rules, set())


def held_constant(
    events: Sequence[Occurrence], rules: Rules, start: int, end: int, *, unique: bool
) -> Iterator[list[Occurrence]]:
    """Give a person's events for each of the values held constant that the person entered with.

    Uniques keep to those of the first entry. Exclusions hold whatever values they have.
    """
    entries = (events[place] for place in _entries(events, rules, start, end))
    values = dict.fromkeys(entry.held for entry in entries if entry.held is not None)
    for value in list(values)[: 1 if unique else None]:
        yield [
            event if event.held == value else event._replace(steps=0)
            for event in events
            if event.held == value or event.exclusions
        ]


def _entries(events: Sequence[Occurrence], rules: Rules, start: int, end: int) -> Iterator[int]:
    for place in range(bisect_left(events, (start,)), bisect_left(events, (end,))):
        if events[place].steps & rules.first:
            yield place


REENTRIES: dict[Reentry, Entering] = {
    "default": attempts,
    "basic": attempts,
    "optimized": unrenewed,
    "aggressive": overlapping,
}
