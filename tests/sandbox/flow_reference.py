"""Flows by their rules over plain lists: slow, and written to be checked by eye.

The rules are those of the computing rules' section on flows: what is in a person's stream, where
walks begin, what they show, and how they are counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

MINUTE, DAY = 60_000, 86_400_000
SESSION_ENDS = ("$session_start", "$session_end")
# A name in a column, and what kind of node it is.
Node = tuple[int, str, str]


@dataclass(frozen=True)
class Happening:
    """An event as it arrived; `x` is its only property."""

    person: str
    time: int
    name: str
    x: int | None = None
    session: int | None = None


@dataclass(frozen=True)
class Step:
    """An anchor, perhaps with a value that `x` must have."""

    name: str
    forward: int
    reverse: int
    x: int | None = None

    def matches(self, event: Happening) -> bool:
        """Whether an event is this anchor."""
        return event.name == self.name and self.x in (None, event.x)


@dataclass(frozen=True)
class Question:
    """A flow; `window` in milliseconds or None for a session, `offset` of the local clock."""

    steps: tuple[Step, ...]
    start: int
    end: int
    offset: int
    count: str = "unique"
    window: int | None = DAY
    cardinality: int = 3
    collapse: bool = False
    unlisted: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    where: int | None = None

    def anchored(self, event: Happening) -> bool:
        """Whether an event is one of the anchors."""
        return any(step.matches(event) for step in self.steps)

    def walks_of(self, person: list[Happening]) -> Iterator[tuple[int | None, list[Node]]]:
        """Give the value at the first anchor that has one, and the nodes; none when excluded."""
        everything = self._events(person)
        stream = [e for e in everything if self._shown(e)]
        if self.collapse:
            stream = self._collapsed(stream)
        # Where an excluded event is no part of the stream, it still counts.
        unseen = [e for e in everything if e.name in self.excluded and not self._shown(e)]
        for matched in self._attempts(stream):
            values = [e.x for e in matched if e.x is not None]
            suspects = [e for e in stream if e.name in self.excluded] + unseen
            bad = any(self._spoils(e, matched, everything) for e in suspects)
            yield values[0] if values else None, [] if bad else self._nodes(stream, matched)

    def _events(self, person: list[Happening]) -> list[Happening]:
        events = sessioned(person, self.unlisted, self.offset)
        return [e for e in events if self.where in (None, e.x)]

    def _shown(self, event: Happening) -> bool:
        left_out = (*self.unlisted, *self.hidden, *SESSION_ENDS)
        return event.name not in left_out or self.anchored(event)

    def _collapsed(self, stream: list[Happening]) -> list[Happening]:
        kept: list[Happening] = []
        for place, event in enumerate(stream):
            before = stream[place - 1] if place else None
            crosses = before is not None and before.time < self.start <= event.time
            if before is None or before.name != event.name or crosses:
                kept.append(event)
        return kept

    def _attempts(self, stream: list[Happening]) -> Iterator[list[Happening]]:
        if self.window is not None:
            yield from self._tries(stream, self.window)
            return
        for number in sorted({e.session for e in stream if e.session is not None}):
            within = [e for e in stream if e.session == number]
            tries = list(self._tries(within, DAY * 9))
            yield from tries[:1] if self.count == "session" else tries

    def _tries(self, stream: list[Happening], window: int) -> Iterator[list[Happening]]:
        """Give the matched events of each attempt, the next beginning after the last ended."""
        used: list[Happening] = []
        place = 0
        while place < len(stream):
            entry = stream[place]
            place += 1
            enters = self.steps[0].matches(entry) and self.start <= entry.time < self.end
            if not enters or any(entry is e for e in used):
                continue
            matched = [entry]
            used.append(entry)
            for step in self.steps[1:]:
                latest = max(e.time for e in matched)
                following = (
                    e
                    for e in stream
                    if step.matches(e)
                    and not any(e is u for u in used)
                    and latest - 2000 <= e.time <= entry.time + window
                )
                if (found := next(following, None)) is None:
                    while place < len(stream) and stream[place].time <= entry.time + window:
                        place += 1
                    break
                matched.append(found)
                used.append(found)
            else:
                place = max(index_of(e, stream) for e in matched) + 1
            yield matched

    def _spoils(
        self, event: Happening, matched: list[Happening], everything: list[Happening]
    ) -> bool:
        """Whether an excluded event lies in the window of a walk."""
        first = matched[0]
        if any(event is e for e in matched) or not self._near(event, first):
            return False
        behind = index_of(event, everything) > index_of(first, everything)
        if behind:
            return len(self.steps) > 1 or any(step.forward for step in self.steps)
        return any(step.reverse for step in self.steps[:1])

    def _near(self, event: Happening, first: Happening) -> bool:
        if self.window is None:
            return event.session == first.session
        return abs(event.time - first.time) <= self.window

    def _nodes(self, stream: list[Happening], matched: list[Happening]) -> list[Node]:
        """Return what a walk shows, from left to right."""
        places = [index_of(e, stream) for e in matched]
        near = [
            (place, event)
            for place, event in enumerate(stream)
            if self._near(event, matched[0]) and place not in places
        ]
        reverse = self.steps[0].reverse
        before = [e.name for place, e in near if place < min(places)]
        before = before[-reverse:] if reverse else []
        nodes = [(reverse - len(before) + i, name, "NORMAL") for i, name in enumerate(before)]
        column = reverse
        for number, place in enumerate(places):
            step = self.steps[number]
            nodes.append((column, step.name, "ANCHOR"))
            reached = number + 1 < len(places)
            until = places[number + 1] if reached else len(stream)
            names = [e.name for other, e in near if place < other < until]
            behind, rest = names[: step.forward], names[step.forward :]
            nodes += [(column + 1 + i, name, "NORMAL") for i, name in enumerate(behind)]
            last = number + 1 == len(self.steps)
            column += step.forward + 1 + (0 if last else self.steps[number + 1].reverse)
            if reached:
                back = self.steps[number + 1].reverse
                ahead = rest[-back:] if back else []
                nodes += [(column - len(ahead) + i, n, "NORMAL") for i, n in enumerate(ahead)]
            elif len(behind) < step.forward:
                nodes.append((nodes[-1][0] + 1, "DROPOFF", "DROPOFF"))
            elif not last:
                nodes.append((column, "DROPOFF", "DROPOFF"))
        return nodes


def index_of(event: Happening, events: list[Happening]) -> int:
    """The place of this very event, not of an equal one."""
    return next(place for place, e in enumerate(events) if e is event)


def sessioned(person: list[Happening], unlisted: tuple[str, ...], offset: int) -> list[Happening]:
    """Return a person's events with their sessions, and with the ends of these as events."""
    runs: list[list[Happening]] = []
    for event in person:
        if event.name in unlisted:
            continue
        last = runs[-1][-1] if runs else None
        if (
            last
            and event.time - last.time < 30 * MINUTE
            and day(event, offset) == day(last, offset)
        ):
            runs[-1].append(event)
        else:
            runs.append([event])
    result: list[Happening] = []
    for event in person:
        session = next((n for n, run in enumerate(runs) if any(event is e for e in run)), None)
        run = runs[session] if session is not None else []
        numbered = replace(event, session=session)
        if run and event is run[0]:
            result.append(replace(numbered, name="$session_start", x=None))
        result.append(numbered)
        if run and event is run[-1]:
            result.append(replace(numbered, name="$session_end", x=None))
    ranks = {"$session_start": -1, "$session_end": 1}
    return sorted(result, key=lambda e: (e.time, ranks.get(e.name, 0)))


def day(event: Happening, offset: int) -> int:
    """The local day of an event."""
    return (event.time + offset) // DAY


def taken(
    events: list[Happening], question: Question
) -> tuple[list[list[Node]], dict[str, list[list[Node]]]]:
    """Return the walks of all people, and those of each value of `x`."""
    overall: list[list[Node]] = []
    segments: dict[str, list[list[Node]]] = defaultdict(list)
    unique = question.count == "unique"
    for name in {e.person for e in events}:
        person = sorted((e for e in events if e.person == name), key=lambda e: e.time)
        seen: set[str] = set()
        for number, (value, nodes) in enumerate(question.walks_of(person)):
            segment = "undefined" if value is None else str(value)
            if nodes and not (unique and number):
                overall.append(nodes)
            if nodes and not (unique and segment in seen):
                segments[segment].append(nodes)
            seen.add(segment)
    return overall, dict(segments)


def sankey(walks: list[list[Node]], question: Question) -> dict[str, Any]:
    """Return nodes, links and the overall conversion of walks."""
    totals = Counter(node for walk in walks for node in walk)
    kept: set[Node] = set()
    for column in {node[0] for node in totals}:
        here = [n for n in totals if n[0] == column and n[2] == "NORMAL"]
        kept |= set(sorted(here, key=lambda n: (-totals[n], n[1]))[: question.cardinality])
    shown = [
        [n if n[2] != "NORMAL" or n in kept else (n[0], "$other", "PRUNED") for n in walk]
        for walk in walks
    ]
    reached = [w for w in walks if sum(n[2] == "ANCHOR" for n in w) == len(question.steps)]
    return {
        "nodes": Counter(node for walk in shown for node in walk),
        "edges": Counter(pair for walk in shown for pair in pairwise(walk)),
        "conversion": conversion(len(reached), len(walks), len(question.steps)),
    }


def conversion(reached: int, walks: int, steps: int) -> float:
    """Return the share of walks that reached the last anchor."""
    return 1.0 if steps == 1 else reached / walks if walks else 0.0


def paths(walks: list[list[Node]]) -> list[tuple[list[str], int]]:
    """Return the walks as names, the most frequent first."""
    counts = Counter(tuple(n[1] for n in walk if n[2] != "DROPOFF") for walk in walks)
    return [(list(names), n) for names, n in sorted(counts.items(), key=lambda p: (-p[1], p[0]))]
