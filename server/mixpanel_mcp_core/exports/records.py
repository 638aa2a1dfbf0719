"""Exported lines as they are to be written: as they came, as one event each, or for columns."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, cast

import orjson

from mixpanel_mcp_core.export_api import GIVEN_UP, GivenUp
from mixpanel_mcp_core.exports.columns import EVENT_COLUMNS, PROFILE_COLUMNS, Own
from mixpanel_mcp_core.exports.kinds import Kinds
from mixpanel_mcp_core.models.streaming import inside, normalised, normalised_profile

log = logging.getLogger(__name__)

Record = dict[str, Any]
# A record as a line of a file.
Shape = Callable[[Record], bytes]
# What is written for lines as they came; nothing for one that holds no record.
Form = Callable[[list[bytes]], list[bytes]]


def parsed(line: bytes) -> Record | None:
    """The record of a line, or None where it is no JSON object."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        value = _oddly_parsed(line)
    if isinstance(value, dict):
        return cast("Record", value)
    log.warning(
        "a line of the export is no JSON object and was left out", extra={"size": len(line)}
    )
    return None


def _oddly_parsed(line: bytes) -> Any:
    """The value of a line with NaN, a half surrogate pair or broken UTF-8: odd, but data."""
    try:
        return json.loads(line.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None


def dumped(record: Mapping[str, Any]) -> bytes:
    """A record as one line of JSON, whatever text it holds."""
    try:
        return orjson.dumps(record)
    except orjson.JSONEncodeError:
        return json.dumps(record, default=datetime.isoformat).encode()


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
        record = parsed(line)
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
        return dumped if raw else self._reshaped

    def _for_columns(self, kinds: Kinds, record: Record) -> bytes:
        return kinds.line(record.get(self.own), inside(record, self.properties))

    def _reshaped(self, record: Record) -> bytes:
        return dumped(self.reshape(record))


EVENTS = Layout("event", "properties", EVENT_COLUMNS, normalised)
PROFILES = Layout("$distinct_id", "$properties", PROFILE_COLUMNS, normalised_profile)
