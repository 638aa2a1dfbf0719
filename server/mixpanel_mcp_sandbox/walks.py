"""One person's walks around the anchors of a flow: the state machine that all flows share.

A walk follows an attempt at the anchors as at the steps of a funnel. It lies on fixed columns,
from the left: the events before the first anchor, the anchor, those behind it, those before the
next anchor, and so on. A column that a walk has no event for stays empty.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, islice
from typing import Any, NamedTuple

from .attempts import Rules, attempts, order_of
from .occurrences import Occurrence
from .plan import Anchor
from .windows import TimeWindow

# Within a session, time sets no bound.
FOREVER = 1 << 60


class Event(NamedTuple):
    """An event of a person.

    Attributes:
        anchors: bit k is set when it matches anchor k (from 0).
        shown: whether it is part of paths.
        excluded: whether a walk with it in its window is left out.
        session: number of its session, None where it has none or nobody asks.
        segments: per breakdown those it stands for, None where the property is not set; None
            where the event is no anchor or nobody asks.
    """

    time: int
    name: str
    anchors: int
    shown: bool
    excluded: bool
    session: int | None
    segments: tuple[Any, ...] | None = None


class Path(NamedTuple):
    """What a walk shows: a name or None per column, and the column where it broke off."""

    cells: tuple[str | None, ...]
    dropped: int | None


class Walk(NamedTuple):
    """A walk and the events at its anchors; `path` is None when it is left out."""

    anchors: tuple[Event, ...]
    path: Path | None


@dataclass(frozen=True)
class Course:
    """What walks must keep to.

    Attributes:
        anchors: the steps of the flow.
        window: milliseconds from the first anchor, both ends included; None for its session.
        start: first millisecond in which a walk may begin.
        end: the first one in which none may begin.
        excludes: some event is excluded.
        once: one walk in each session at most.
    """

    anchors: tuple[Anchor, ...]
    window: int | None
    start: int
    end: int
    excludes: bool = False
    once: bool = False

    @property
    def reach(self) -> int:
        """Milliseconds that a walk may look away from its first anchor."""
        return FOREVER if self.window is None else self.window

    @cached_property
    def columns(self) -> list[int]:
        """The column of each anchor."""
        places: list[int] = []
        width = 0
        for anchor in self.anchors:
            places.append(width + anchor.reverse)
            width = places[-1] + anchor.forward + 1
        return places

    @cached_property
    def width(self) -> int:
        """Number of columns."""
        return sum(anchor.reverse + 1 + anchor.forward for anchor in self.anchors)


def walks(events: Sequence[Event], course: Course) -> Iterator[Walk]:
    """Give a person's walks one after the other; the events are in order of time and arrival."""
    for stretch in [events] if course.window is not None else _sessions(events):
        found = _attempts(stretch, course)
        for places in islice(found, 1) if course.once else found:
            anchors = tuple(stretch[place] for place in places)
            left_out = course.excludes and _excluded(stretch, places, course)
            yield Walk(anchors, None if left_out else _path(stretch, places, course))


def _sessions(events: Sequence[Event]) -> Iterator[list[Event]]:
    within = (event for event in events if event.session is not None)
    for _, session in groupby(within, lambda event: event.session):
        yield list(session)


def _attempts(events: Sequence[Event], course: Course) -> Iterator[tuple[int, ...]]:
    """Give the places of the anchors of each attempt; a single anchor is all of its attempt."""
    if len(course.anchors) == 1:
        for place, event in enumerate(events):
            if event.anchors and course.start <= event.time < course.end:
                yield (place,)
        return
    matching = [place for place, event in enumerate(events) if event.anchors]
    occurrences = [Occurrence(events[place].time, events[place].anchors) for place in matching]
    rules = Rules(order_of([False] * len(course.anchors)), TimeWindow(course.reach))
    for attempt in attempts(occurrences, rules, course.start, course.end):
        yield tuple(matching[place] for place in attempt.places)


def _excluded(events: Sequence[Event], places: tuple[int, ...], course: Course) -> bool:
    """Return whether an excluded event lies where the walk looks, shown or not."""
    first, entry = places[0], events[places[0]].time
    backward = course.anchors[0].reverse > 0
    forward = len(course.anchors) > 1 or any(anchor.forward for anchor in course.anchors)
    return any(
        event.excluded
        and place not in places
        and (forward if place > first else backward)
        and abs(event.time - entry) <= course.reach
        for place, event in enumerate(events)
    )


def _path(events: Sequence[Event], places: tuple[int, ...], course: Course) -> Path:
    cells = _before(events, places, course)
    for number, (anchor, place) in enumerate(zip(course.anchors, places, strict=False), start=1):
        cells.append(anchor.name)
        if number < len(places):
            between = _between(events, places, place, places[number])
            cells += _meeting(between, anchor.forward, course.anchors[number].reverse)
        else:
            cells += _behind(events, places, course)
    dropped = _dropped(len(cells), len(places), course)
    cells += [None] * (course.width - len(cells))
    return Path(tuple(cells), dropped)


def _before(events: Sequence[Event], places: tuple[int, ...], course: Course) -> list[str | None]:
    """Return the names before the first anchor, from the left, empty columns first."""
    most, earliest = course.anchors[0].reverse, events[places[0]].time - course.reach
    names: list[str | None] = []
    for place in range(min(places) - 1, -1, -1):
        event = events[place]
        if len(names) == most or event.time < earliest:
            break
        if event.shown:
            names.append(event.name)
    return [None] * (most - len(names)) + names[::-1]


def _between(
    events: Sequence[Event], places: tuple[int, ...], place: int, following: int
) -> list[str]:
    """Return the names between two anchors that were both reached."""
    steps = range(place + 1, following)
    return [events[step].name for step in steps if events[step].shown and step not in places]


def _meeting(names: list[str], forward: int, reverse: int) -> list[str | None]:
    """Put the first names on the columns behind an anchor, the last on those before the next."""
    behind, rest = names[:forward], names[forward:]
    before = rest[max(len(rest) - reverse, 0) :] if reverse else []
    gap = forward + reverse - len(behind) - len(before)
    return [*behind, *[None] * gap, *before]


def _behind(events: Sequence[Event], places: tuple[int, ...], course: Course) -> list[str | None]:
    """Return the names behind the last anchor that was reached."""
    most, latest = course.anchors[len(places) - 1].forward, events[places[0]].time + course.reach
    names: list[str | None] = []
    for place in range(places[-1] + 1, len(events)):
        event = events[place]
        if len(names) == most or event.time > latest:
            break
        if event.shown and place not in places:
            names.append(event.name)
    return names


def _dropped(filled: int, reached: int, course: Course) -> int | None:
    """Return the column where a walk broke off: the next one, or that of the anchor it missed."""
    wanted = course.columns[reached - 1] + course.anchors[reached - 1].forward + 1
    if filled < wanted:
        return filled
    return course.columns[reached] if reached < len(course.anchors) else None
