"""Custom events: a number that stands for any of several events."""

from typing import cast

from .calls import Call, Endpoint, Json, ok
from .database import Database
from .entities import Entities
from .errors import wrong
from .fields import read_fields

KIND, NOUN = "custom_events", "Custom event"
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
    found = Entities(database, KIND, NOUN).find(number)
    if found is None:
        # Not 404: the report exists, one of its arguments is wrong.
        raise wrong(f"Custom event {number} not found")
    entries = found.get("alternatives") or []
    if not entries:
        raise wrong(f"Custom event {number} has no events")
    behaviors = [{**entry, "name": entry.get("event"), "type": "event"} for entry in entries]
    return found | {"alternatives": behaviors}


def create(call: Call) -> object:
    """Create a custom event of the events that a form names."""
    fields = read_fields(call)
    name, alternatives = fields.text("name"), fields.listing("alternatives")
    if not name:
        raise wrong("name is required")
    events = [_alternative(each) for each in alternatives or []]
    if not events:
        raise wrong("alternatives must name at least one event")
    documents = Entities(call.database, KIND, NOUN)
    document = {"id": documents.next_number(), "name": name, "alternatives": events}
    return ok({"custom_event": documents.put(document)})


def _alternative(entry: object) -> Json:
    if not isinstance(entry, dict) or not cast("Json", entry).get("event"):
        raise wrong("an alternative must be an object with an event")
    return cast("Json", entry)


ENDPOINTS = (Endpoint("POST", "/api/app/{scope}/custom_events/", create, writes=True),)
