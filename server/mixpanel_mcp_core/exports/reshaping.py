"""Records taken apart, so that they are easier to read. Pure."""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

from mixpanel_mcp_core.clock import MILLISECONDS_FROM

Record = dict[str, Any]

_EPOCH = datetime.fromtimestamp(0, UTC)


def inside(record: Record, name: str) -> Record:
    """The object that a record holds under a name, empty where it holds none."""
    held = record.get(name)
    return cast("Record", held) if isinstance(held, dict) else {}


def normalised(raw: Record) -> Record:
    """An exported event, which is taken apart: name, time, person and id beside the properties."""
    properties = inside(raw, "properties")
    return {
        "event_name": raw.get("event"),
        "event_time": _moment(properties),
        "distinct_id": properties.pop("distinct_id", ""),
        "insert_id": properties.pop("$insert_id", None) or str(uuid4()),
        "properties": properties,
    }


def _moment(properties: Record) -> datetime:
    """The time, taken out of the properties; 1970 where there is none."""
    seconds = properties.pop("time", 0)
    try:
        return datetime.fromtimestamp(
            seconds if seconds < MILLISECONDS_FROM else seconds / 1000, UTC
        )
    except (TypeError, ValueError, OverflowError, OSError):
        # What is no time stays a property, where it is not lost.
        properties["time"] = seconds
        return _EPOCH


def normalised_profile(raw: Record) -> Record:
    """A profile, which is taken apart: id and last activity beside the properties."""
    properties = inside(raw, "$properties")
    return {
        "distinct_id": raw.get("$distinct_id", ""),
        "last_seen": properties.pop("$last_seen", None),
        "properties": properties,
    }
