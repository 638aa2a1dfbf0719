"""Changes to the Lexicon: to one event or property, or to many at once."""

from collections.abc import Iterable

from .bookmarks import listed, mapping
from .calls import Call, Endpoint, Json, ok
from .custom_events import custom_event_number
from .definition_changes import change_all, forgotten
from .definitions import EVENTS, Section
from .errors import missing, wrong
from .inventory import Seen, events_seen
from .lexicon import (
    BASE,
    custom_events,
    custom_name,
    custom_row,
    dated,
    known_event,
    known_property,
)
from .lexicon_tags import ensure

MOST_CHANGES = 4000


def change_events(call: Call) -> object:
    """Change one event, a custom event, or several events at once."""
    entries, seen = _entries(call, "events"), events_seen(call)
    for entry in entries:
        ensure(call, entry.get("tags"))
    names = [_event_named(call, seen, entry) for entry in entries]
    rows = change_all(call, EVENTS, _by_name(names, entries), "update")
    return _told(call, "events", [_event(call, seen, rows[name]) for name in names])


def change_properties(call: Call) -> object:
    """Change one property, or several at once."""
    entries = _entries(call, "properties")
    owners = [known_property(call, e.get("name"), e.get("resourceType")) for e in entries]
    rows = {owner: _change_of(call, owner, owners, entries) for owner in set(owners)}
    changed = [rows[owner][e["name"]] for owner, e in zip(owners, entries, strict=True)]
    return _told(call, "properties", changed)


def delete_event(call: Call) -> object:
    """Forget what is said about an event; a custom event goes as a whole."""
    body = call.json()
    if body.get("customEventId") is None:
        forgotten(call, EVENTS, known_event(call, body.get("name")))
        return None
    event = _custom_event(call, body["customEventId"])
    custom_events(call).delete(event["id"])
    forgotten(call, EVENTS, custom_name(event))
    return None


def _entries(call: Call, many: str) -> list[Json]:
    body = call.json()
    if many not in body:
        return [body]
    entries = [mapping(entry, "a change") for entry in listed(body[many], many)]
    if len(entries) > MOST_CHANGES:
        raise wrong(f"a request may change at most {MOST_CHANGES} definitions")
    return entries


def _told(call: Call, many: str, rows: list[Json]) -> object:
    """Answer as it was asked: for several with a list, for one with its definition."""
    return ok(rows if many in call.json() else rows[0])


def _by_name(names: Iterable[str], entries: Iterable[Json]) -> dict[str, Json]:
    """Return the changes by name; what comes later to the same name wins."""
    wanted: dict[str, Json] = {}
    for name, entry in zip(names, entries, strict=True):
        wanted[name] = wanted.get(name, {}) | entry
    return wanted


def _event_named(call: Call, seen: Iterable[str], entry: Json) -> str:
    """Return the name that the definition of an event has; a custom one is renamed."""
    if entry.get("customEventId") is not None:
        event = _custom_event(call, entry["customEventId"])
        if entry.get("displayName"):
            event = custom_events(call).put({**event, "name": entry["displayName"]})
        return custom_name(event)
    if entry.get("name") is None and entry.get("id") is not None:
        return _name_of(call, seen, entry["id"])
    return known_event(call, entry.get("name"))


def _event(call: Call, seen: dict[str, Seen], row: Json) -> Json:
    number = custom_event_number({"name": row["name"]})
    if number is None:
        return dated(row, seen.get(row["name"]))
    return custom_row(custom_events(call).get(number), row)


def _change_of(
    call: Call, owner: Section, owners: list[Section], entries: list[Json]
) -> dict[str, Json]:
    own = [entry for other, entry in zip(owners, entries, strict=True) if other is owner]
    return change_all(call, owner, _by_name((entry["name"] for entry in own), own), "update")


def _custom_event(call: Call, number: object) -> Json:
    if not isinstance(number, int):
        raise wrong(f"customEventId is not valid: {number!r}")
    return custom_events(call).get(number)


def _name_of(call: Call, seen: Iterable[str], number: object) -> str:
    stored = EVENTS.entities(call.database).find(number) if isinstance(number, int) else None
    if stored:
        return stored["name"]
    for name in seen:
        if EVENTS.number(name) == number:
            return name
    raise missing(f"{EVENTS.noun} {number} not found")


ENDPOINTS = (
    Endpoint("PATCH", f"{BASE}/events/", change_events, writes=True),
    Endpoint("DELETE", f"{BASE}/events/", delete_event, writes=True),
    Endpoint("PATCH", f"{BASE}/properties/", change_properties, writes=True),
)
