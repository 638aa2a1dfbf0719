"""All rows of some files, counted from 1 over all of them, as events ready to be sent."""

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from mixpanel_mcp_core.batches import EVENTS, batches
from mixpanel_mcp_core.imports.columns import Asked, Columns, columns_of
from mixpanel_mcp_core.imports.delivery import TOO_LARGE, Refused
from mixpanel_mcp_core.imports.insert_ids import RepeatedTwins
from mixpanel_mcp_core.imports.records import (
    MOST_BYTES,
    Event,
    Numbering,
    Packed,
    fingerprints,
    packed,
)
from mixpanel_mcp_core.imports.sources import EMPTY, Source, source

_SAMPLE = 1000


class Portion(NamedTuple):
    """Some rows in order, up to the row `last`: the events among them, and what is none."""

    last: int
    events: list[Event]
    refused: list[Refused]


class Load(NamedTuple):
    """What is to be sent of the rows `first` to `last`, and what cannot be."""

    first: int
    last: int
    batches: list[list[Packed]]
    refused: list[Refused]

    @property
    def rows(self) -> int:
        """How many rows there are; an empty line is none."""
        return sum(map(len, self.batches)) + len(self.refused)


@dataclass(frozen=True, slots=True)
class Part:
    """One file, and which of its columns is which."""

    source: Source
    columns: Columns


@dataclass(slots=True)
class Rows:
    """The rows of several files, one file after the other, until they are `stopped`."""

    connection: duckdb.DuckDBPyConnection
    parts: Sequence[Part]
    stopped: threading.Event = field(default_factory=threading.Event)
    # The last row of each part, as far as they were read.
    _ends: dict[int, int] = field(default_factory=dict[int, int])

    def portions(self) -> Iterator[Portion]:
        """All rows, some thousands at a time."""
        last = 0
        for number, part in enumerate(self.parts):
            for rows in part.source.rows(self.connection):
                if self.stopped.is_set():
                    return
                placed = enumerate(rows, last + 1)
                last += len(rows)
                yield portion_of(part.columns, last, placed)
            self._ends[number] = last

    def loads(self, start: int) -> Iterator[Load]:
        """What is to be sent from the row `start` on; the rows before are only counted."""
        twins = RepeatedTwins(self._fingerprints)
        first = 1
        for portion in self.portions():
            events = [each for each in portion.events if each.place >= start]
            refused = [each for each in portion.refused if each.place >= start]
            # Those before `start` have their numbers too.
            twins.numbers(fingerprints(each for each in portion.events if each.place < start))
            fit, large = fitting(events, twins)
            refused += large
            if portion.last >= start:
                made = list(batches(fit, EVENTS, Packed.size))
                yield Load(max(first, start), portion.last, made, refused)
            first = portion.last + 1

    def told(self, row: int) -> tuple[str | None, int]:
        """A row as a person finds it: its file, where there are several, and its number there."""
        if len(self.parts) == 1:
            return None, row
        index = bisect_left(list(self._ends.values()), row)
        before = self._ends[index - 1] if index else 0
        return self.parts[index].source.path.name, row - before

    @property
    def last(self) -> int:
        """The number of the last row, once all were read."""
        return max(self._ends.values(), default=0)

    def _fingerprints(self) -> Iterator[bytes]:
        return chain.from_iterable(fingerprints(portion.events) for portion in self.portions())


def opened(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    asked: Asked,
    zone: tzinfo,
) -> Rows:
    """The files, and which of their columns is which.

    Raises InvalidInputError for a file that cannot be read, or columns that cannot be told.
    """
    return Rows(connection, [_part(connection, path, asked, zone) for path in paths])


def _part(connection: duckdb.DuckDBPyConnection, path: Path, asked: Asked, zone: tzinfo) -> Part:
    found = source(connection, path, asked.times, asked.texts)
    sample = next(found.rows(connection, _SAMPLE), [])
    columns = columns_of(asked, sample, zone, found.columns)
    return Part(found, replace(columns, rename={**found.renamed, **columns.rename}))


def portion_of(columns: Columns, last: int, rows: Iterable[tuple[int, Any]]) -> Portion:
    """Rows and their numbers, the last of which is `last`, as what becomes of them."""
    events: list[Event] = []
    refused: list[Refused] = []
    for place, row in rows:
        if row is EMPTY:
            continue
        event = columns.event_of(place, row)
        if isinstance(event, Event):
            events.append(event)
        else:
            refused.append(replace(event, record=columns.kept(row)))
    return Portion(last, events, refused)


def fitting(events: Iterable[Event], twins: Numbering) -> tuple[list[Packed], list[Refused]]:
    """Events as they are sent, and those that are too large for it."""
    records = packed(events, twins)
    fit = [each for each in records if each.size() <= MOST_BYTES]
    return fit, [_too_large(each) for each in records if each.size() > MOST_BYTES]


def _too_large(each: Packed) -> Refused:
    return Refused(each.place, each.insert_id, "event", f"'event' {TOO_LARGE}")
