"""How often a person enters a funnel: where the attempts begin that are looked at."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

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
    for entry, following in zip(entries, [*entries[1:], len(events)], strict=True):
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
