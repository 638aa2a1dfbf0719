"""What Mixpanel refuses of an event, foretold by its documented rules. Pure.

Mixpanel's own answer is what counts; this is for a look ahead at what it would be.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from mixpanel_mcp_core.clock import MILLISECONDS_FROM
from mixpanel_mcp_core.ids import PLACEHOLDERS

_EARLIEST = 31_536_000_000  # 1971, in milliseconds.
_HOUR = 3_600_000
_MOST_ENTRIES = 255
_DEEPEST = 3
_INSERT_ID = re.compile(r"[A-Za-z0-9-]{1,36}")


class Fault(NamedTuple):
    """Why an event is not taken: its field, and the rule."""

    field: str
    rule: str

    @property
    def message(self) -> str:
        """The sentence, in Mixpanel's form."""
        return f"'{self.field}' is invalid: {self.rule}"


def fault(event: str, properties: Mapping[str, Any], now_ms: int) -> Fault | None:
    """The first rule that an event breaks, or None; a missing `$insert_id` breaks none."""
    if not 0 < len(event) <= _MOST_ENTRIES:
        return Fault("event", f"must be a text of 1 to {_MOST_ENTRIES} characters")
    return (
        _time_fault(properties.get("time"), now_ms)
        or _person_fault(properties)
        or _insert_id_fault(properties.get("$insert_id"))
        or _size_fault(properties)
    )


def _time_fault(time: Any, now_ms: int) -> Fault | None:
    if isinstance(time, bool) or not isinstance(time, (int, float)):
        return Fault("properties.time", "must be specified as seconds since epoch")
    milliseconds = time if abs(time) >= MILLISECONDS_FROM else time * 1000
    if milliseconds < _EARLIEST:
        return Fault("properties.time", "must be after 1971-01-01")
    if milliseconds > now_ms + _HOUR:
        return Fault("properties.time", "must not be more than one hour in the future")
    return None


def _person_fault(properties: Mapping[str, Any]) -> Fault | None:
    person = properties.get("distinct_id")
    if person is None and not (properties.get("$device_id") or properties.get("$user_id")):
        return Fault("properties.distinct_id", "must be present")
    if person is not None and (
        isinstance(person, bool) or not isinstance(person, (str, int, float))
    ):
        return Fault("properties.distinct_id", "must be a text")
    return _placeholder("properties.distinct_id", person)


def _insert_id_fault(own_id: Any) -> Fault | None:
    if not own_id:
        return None
    if not isinstance(own_id, str) or not _INSERT_ID.fullmatch(own_id):
        return Fault("properties.$insert_id", "must be 1 to 36 letters, digits or hyphens")
    return _placeholder("properties.$insert_id", own_id)


def _placeholder(field: str, value: Any) -> Fault | None:
    if value is not None and str(value).lower() in PLACEHOLDERS:
        return Fault(field, "must not be a placeholder such as 'undefined'")
    return None


def _size_fault(properties: Mapping[str, Any]) -> Fault | None:
    if len(properties) > _MOST_ENTRIES:
        return Fault("properties", f"must have at most {_MOST_ENTRIES} entries")
    for name, value in properties.items():
        if isinstance(value, (dict, list)) and (found := _nested(f"properties.{name}", value, 1)):
            return found
    return None


def _nested(field: str, value: Any, depth: int) -> Fault | None:
    if not isinstance(value, (dict, list)):
        return None
    inner = cast("dict[str, Any] | list[Any]", value)
    if depth > _DEEPEST:
        return Fault(field, f"must not be nested deeper than {_DEEPEST} levels")
    if len(inner) > _MOST_ENTRIES:
        return Fault(field, f"must have at most {_MOST_ENTRIES} entries")
    items = inner.values() if isinstance(inner, dict) else inner
    return next((found for item in items if (found := _nested(field, item, depth + 1))), None)
