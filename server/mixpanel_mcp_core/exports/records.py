"""Exported lines as they are to be written: as they came, as one event each, or for columns."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import orjson

from mixpanel_mcp_core.exports.columns import EVENT_COLUMNS, PROFILE_COLUMNS, Own
from mixpanel_mcp_core.exports.kinds import Kinds
from mixpanel_mcp_core.models.streaming import normalised, normalised_profile

log = logging.getLogger(__name__)

Record = dict[str, Any]
# A record as a line of a file.
Shape = Callable[[Record], bytes]
# What is written for a line as it came; None for one that holds no record.
Form = Callable[[bytes], bytes | None]


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
        return json.dumps(record).encode()


def as_it_came(line: bytes) -> bytes | None:
    """The line itself, if it is a record."""
    return None if parsed(line) is None else line


def shaped(shape: Shape, line: bytes) -> bytes | None:
    """The line's record in another shape."""
    record = parsed(line)
    return None if record is None else shape(record)


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
        held = record.get(self.properties)
        return kinds.line(record.get(self.own), held if isinstance(held, dict) else {})

    def _reshaped(self, record: Record) -> bytes:
        return dumped(self.reshape(record))


EVENTS = Layout("event", "properties", EVENT_COLUMNS, normalised)
PROFILES = Layout("$distinct_id", "$properties", PROFILE_COLUMNS, normalised_profile)
