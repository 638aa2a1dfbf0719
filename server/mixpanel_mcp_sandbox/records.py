"""Checks of one incoming event, in Mixpanel's order; the first failure is reported."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import cast

from .identity import ALIAS, IDENTIFY, MERGE, pair_of
from .timeline import HOUR

# 1971-01-01 in milliseconds; numbers from 10^11 on are milliseconds already.
EARLIEST = 31_536_000_000
MILLISECONDS_FROM = 100_000_000_000
MOST_ENTRIES = 255
LONGEST_TEXT = 255
LONGEST_LIST = 8_000
DEEPEST = 3
INSERT_ID = re.compile(r"[A-Za-z0-9-]{1,36}")
NOBODY = frozenset(
    [
        "00000000-0000-0000-0000-000000000000",
        "anon",
        "anonymous",
        "nil",
        "none",
        "null",
        "n/a",
        "na",
        "undefined",
        "unknown",
        "<nil>",
        "0",
        "-1",
        "true",
        "false",
        "[]",
        "{}",
    ]
)

# Events that say which ids are one person's, and what each must name.
JOINING = {
    IDENTIFY: ("$identified_id", "$anon_id"),
    ALIAS: ("distinct_id", "alias"),
    MERGE: (),
}

# As tuples, since `int | float` is made anew, and looked into slowly, for each of many records.
NUMBER = (int, float)
PLAIN = (str, int, float)

Properties = dict[str, object]


# Not frozen: to make a frozen one takes several times as long, and a batch has two thousand.
@dataclass(slots=True)
class Record:
    """An accepted event; `time` in milliseconds, `properties` as they are stored.

    `place` tells where it stood among what came with it, where others are stored before it.
    """

    event: str
    time: int
    insert_id: str | None
    properties: Properties
    place: int = 0


@dataclass(frozen=True)
class Fault:
    """Why an event was not accepted: the field and the rule it breaks."""

    field: str
    rule: str

    @property
    def message(self) -> str:
        """The sentence Mixpanel writes."""
        return f"'{self.field}' is invalid: {self.rule}"


def import_record(raw: object, now: int) -> Record | Fault:
    """Check an event for `/import`: time, distinct_id and insert id are required."""
    read = _event_and_properties(raw)
    if isinstance(read, Fault):
        return read
    event, properties = read
    if event in JOINING:
        return _joining_record(event, properties, now)
    time = event_time(properties.get("time"), now)
    if isinstance(time, Fault):
        return time
    fault = _person_fault(properties) or _insert_id_fault(properties.get("$insert_id"))
    return fault or _record(event, properties, time)


def track_record(raw: object, now: int) -> Record | Fault:
    """Check an event for `/track`: time defaults to now, identifiers are optional."""
    read = _event_and_properties(raw)
    if isinstance(read, Fault):
        return read
    event, properties = read
    if event in JOINING:
        return _joining_record(event, properties, now)
    time = event_time(properties.get("time", now), now)
    if isinstance(time, Fault):
        return time
    insert_id = properties.get("$insert_id")
    fault = None if insert_id is None else _insert_id_fault(insert_id)
    return fault or _record(event, properties, time)


def _joining_record(event: str, properties: Properties, now: int) -> Record | Fault:
    """Check an event that joins ids: it needs those, and nothing else."""
    time = event_time(properties.get("time", now), now)
    if isinstance(time, Fault):
        return time
    if event == MERGE and not all(pair_of(properties.get("$distinct_ids"))):
        return Fault("properties.$distinct_ids", "must be a list of two ids")
    for name in JOINING[event]:
        if not isinstance(properties.get(name), str) or not properties[name]:
            return Fault(f"properties.{name}", "must be a text that is not empty")
    return _record(event, {k: v for k, v in properties.items() if k != "token"}, time)


def event_time(value: object, now: int) -> int | Fault:
    """Return milliseconds; a time up to one hour ahead becomes now."""
    if isinstance(value, bool) or not isinstance(value, NUMBER) or not abs(value) < inf:
        return Fault("properties.time", "must be specified as seconds since epoch")
    time = int(value) if abs(value) >= MILLISECONDS_FROM else int(value * 1000)
    if time < EARLIEST:
        return Fault("properties.time", "must be after 1971-01-01")
    if time > now + HOUR:
        return Fault("properties.time", "must not be more than one hour in the future")
    return min(time, now)


def _event_and_properties(raw: object) -> tuple[str, Properties] | Fault:
    if not isinstance(raw, dict):
        return Fault("event", "the record must be an object")
    record = cast("Properties", raw)
    event, properties = record.get("event"), record.get("properties")
    if not isinstance(event, str) or not 0 < len(event) <= MOST_ENTRIES:
        return Fault("event", f"must be a text of 1 to {MOST_ENTRIES} characters")
    if not isinstance(properties, dict):
        return Fault("properties", "must be an object")
    return event, cast("Properties", properties)


def _person_fault(properties: Mapping[str, object]) -> Fault | None:
    value = properties.get("distinct_id")
    if value is None and not (properties.get("$device_id") or properties.get("$user_id")):
        return Fault("properties.distinct_id", "must be present")
    if isinstance(value, PLAIN) and str(value).lower() in NOBODY:
        return Fault("properties.distinct_id", "must not be a placeholder such as 'undefined'")
    if value is not None and (isinstance(value, bool) or not isinstance(value, PLAIN)):
        return Fault("properties.distinct_id", "must be a text")
    return None


def _insert_id_fault(value: object) -> Fault | None:
    if not isinstance(value, str) or not INSERT_ID.fullmatch(value):
        rule = "must be 1 to 36 letters, digits or hyphens"
        return Fault("properties.$insert_id", rule)
    if value.lower() in NOBODY:
        return Fault("properties.$insert_id", "must not be a placeholder such as 'undefined'")
    return None


def _record(event: str, properties: Properties, time: int) -> Record | Fault:
    if len(properties) > MOST_ENTRIES:
        return Fault("properties", f"must have at most {MOST_ENTRIES} entries")
    stored = dict(properties)
    for name, value in properties.items():
        kind = type(value)
        if kind is str:
            if len(cast("str", value)) > LONGEST_TEXT:
                stored[name] = shortened(value)
        elif kind is dict or kind is list:
            if fault := nesting_fault(f"properties.{name}", value, 1):
                return fault
            stored[name] = shortened(value)
    insert_id = stored.pop("$insert_id", None)
    stored.pop("time", None)
    return Record(event, time, insert_id if isinstance(insert_id, str) else None, stored)


def nesting_fault(field: str, value: object, depth: int) -> Fault | None:
    """Return what is too deep or too wide in a nested value."""
    if not isinstance(value, dict | list):
        return None
    inner = cast("dict[str, object] | list[object]", value)
    if depth > DEEPEST:
        return Fault(field, f"must not be nested deeper than {DEEPEST} levels")
    if len(inner) > MOST_ENTRIES:
        return Fault(field, f"must have at most {MOST_ENTRIES} entries")
    items = inner.values() if isinstance(inner, dict) else inner
    return next((f for item in items if (f := nesting_fault(field, item, depth + 1))), None)


def shortened(value: object) -> object:
    """Cut texts to 255 characters and lists to 8 kB, however deep."""
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, dict):
        return {k: shortened(v) for k, v in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return _cut_list([shortened(item) for item in cast("list[object]", value)])
    return value


def _cut_list(items: list[object]) -> list[object]:
    room, kept = LONGEST_LIST, 0
    for item in items:
        room -= len(str(item)) + 1
        if room < 0:
            break
        kept += 1
    return items[:kept]
