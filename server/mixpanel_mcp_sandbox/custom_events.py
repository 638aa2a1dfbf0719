"""Custom events: a number that stands for any of several events."""

from .calls import Json
from .database import Database
from .entities import Entities
from .errors import wrong

PREFIX = "$custom_event:"


def custom_event_number(behavior: Json) -> int | None:
    """Return the number of the custom event that a behavior names, None for any other event."""
    name = str(behavior.get("name") or "")
    if behavior.get("type") == "custom-event" and behavior.get("id") is not None:
        number = str(behavior["id"])
    elif name.startswith(PREFIX):
        number = name.removeprefix(PREFIX)
    else:
        return None
    if not number.isdecimal():
        raise wrong(f"{number!r} is not the number of a custom event.")
    return int(number)


def custom_event(number: int, database: Database) -> Json:
    """Return a custom event: its `name`, and `alternatives` that are behaviors themselves."""
    found = Entities(database, "custom_events", "Custom event").find(number)
    if found is None:
        # Not 404: the report exists, one of its arguments is wrong.
        raise wrong(f"Custom event {number} not found")
    entries = found.get("alternatives") or []
    if not entries:
        raise wrong(f"Custom event {number} has no events")
    behaviors = [{**entry, "name": entry.get("event"), "type": "event"} for entry in entries]
    return found | {"alternatives": behaviors}
