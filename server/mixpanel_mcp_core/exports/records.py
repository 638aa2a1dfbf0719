"""Exported lines as they are to be written: as they came, as one event each, or for columns."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import cast

import orjson

from mixpanel_mcp_core.exports.columns import EVENT_COLUMNS, PROFILE_COLUMNS, Own
from mixpanel_mcp_core.exports.kinds import Kinds
from mixpanel_mcp_core.exports.reshaping import Record, inside, normalised, normalised_profile
from mixpanel_mcp_core.lenient_json import parsed, written
from mixpanel_mcp_core.lines import GIVEN_UP, GivenUp

log = logging.getLogger(__name__)

# A record as a line of a file.
Shape = Callable[[Record], bytes]
# What is written for lines as they came; nothing for one that holds no record.
Form = Callable[[list[bytes]], list[bytes]]


def record_of(line: bytes) -> Record | None:
    """The record of a line, or None where it is no JSON object."""
    try:
        value = parsed(line)
    except ValueError:
        value = None
    if isinstance(value, dict):
        return cast("Record", value)
    log.warning(
        "a line of the export is no JSON object and was left out", extra={"size": len(line)}
    )
    return None


def as_they_came(lines: list[bytes]) -> list[bytes]:
    """The lines themselves, as far as they are records; raises GivenUp."""
    if _all_records(lines):
        return lines
    return [line for line, _ in _odd_records(lines)]


def shaped(shape: Shape, lines: list[bytes]) -> list[bytes]:
    """The records of lines in another shape; raises GivenUp."""
    if records := _all_records(lines):
        return list(map(shape, records))
    return [shape(record) for _, record in _odd_records(lines)]


def _all_records(lines: list[bytes]) -> list[Record]:
    """The records of lines that are such, as nearly always; none where any is odd."""
    try:
        records = list(map(orjson.loads, lines))
    except orjson.JSONDecodeError:
        return []
    return records if set(map(type, records)) == {dict} else []


def _odd_records(lines: list[bytes]) -> Iterator[tuple[bytes, Record]]:
    for line in lines:
        record = record_of(line)
        if record is not None:
            yield line, record
        elif line == GIVEN_UP:
            raise GivenUp


@dataclass(frozen=True, slots=True)
class Layout:
    """How records of one kind are built: the names of their own field and of their properties.

    `columns` are those that every table of them has; `reshape` makes them easier to read.
    """

    own: str
    properties: str
    columns: tuple[Own, ...]
    reshape: Callable[[Record], Record]

    def shape(self, kinds: Kinds | None, *, raw: bool) -> Shape:
        """How a record is written: for columns, where `kinds` are noted, or as JSON."""
        if kinds:
            return partial(self._for_columns, kinds)
        return written if raw else self._reshaped

    def _for_columns(self, kinds: Kinds, record: Record) -> bytes:
        return kinds.line(record.get(self.own), inside(record, self.properties))

    def _reshaped(self, record: Record) -> bytes:
        return written(self.reshape(record))


EVENTS = Layout("event", "properties", EVENT_COLUMNS, normalised)
PROFILES = Layout("$distinct_id", "$properties", PROFILE_COLUMNS, normalised_profile)
