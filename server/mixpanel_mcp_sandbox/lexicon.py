"""The definitions of events and properties: read, change, delete."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from .bookmarks import listed, mapping
from .calls import Call, Endpoint, Json, ok
from .custom_events import PREFIX
from .definitions import EVENTS, PROPERTIES, Section, changed, forgotten
from .entities import Entities
from .errors import missing, one_of, wrong
from .inventory import (
    Seen,
    event_exists,
    events_seen,
    properties_of_events,
    properties_of_profiles,
    property_exists,
)
from .lexicon_tags import ensure

MOST_CHANGES = 4000


def event_rows(call: Call) -> list[Json]:
    """Return the definitions of all events: those of the data, and those that are planned."""
    seen, described = events_seen(call), EVENTS.described(call.database)
    own = {name for name in described if not name.startswith(PREFIX)}
    return [
        _dated(described.get(name) or EVENTS.blank(name), seen.get(name))
        for name in sorted({*seen, *own})
    ]


def property_rows(call: Call, resource: str, *, density: bool = False) -> list[Json]:
    """Return the definitions of all properties of events, or of profiles."""
    section = PROPERTIES[resource]
    counts, described = property_counts(call, resource), section.described(call.database)
    rows = [described.get(name) or section.blank(name) for name in sorted({*counts, *described})]
    if not density:
        return rows
    whole = _population(call, resource)
    return [{**row, "density": round(counts.get(row["name"], 0) / whole, 4)} for row in rows]


def property_counts(call: Call, resource: str) -> dict[str, int]:
    """Return how often the properties of a resource are set."""
    if resource == "User":
        return properties_of_profiles(call)
    counts: dict[str, int] = {}
    for carried in properties_of_events(call).values():
        for name, count in carried.items():
            counts[name] = counts.get(name, 0) + count
    return counts


def events(call: Call) -> object:
    """Return the definitions of the named events, without names of all."""
    if call.query.get("custom_event") == "true":
        return ok([_custom_row(call, event) for event in _custom_events(call).all()])
    return ok(_named(event_rows(call), call.repeated("name[]")))


def properties(call: Call) -> object:
    """Return the definitions of the named properties, without names of all."""
    given = call.query.get("resourceType")
    resources = list(PROPERTIES) if not given else [given] if given in PROPERTIES else []
    density = call.query.get("includeDensity") == "true"
    rows = [row for each in resources for row in property_rows(call, each, density=density)]
    if call.query.get("includeCustom") == "true":
        rows += [row for each in resources for row in _custom_properties(call, each)]
    return ok(_named(rows, call.repeated("name[]")))


def change_events(call: Call) -> object:
    """Change one event, a custom event, or several events at once."""
    return _changed(call, "events", _change_event)


def change_properties(call: Call) -> object:
    """Change one property, or several at once."""
    return _changed(call, "properties", _change_property)


def delete_event(call: Call) -> object:
    """Forget what is said about an event; a custom event goes as a whole."""
    body = call.json()
    if body.get("customEventId") is not None:
        event = _custom_event(call, body)
        _custom_events(call).delete(event["id"])
        forgotten(call, EVENTS, f"{PREFIX}{event['id']}")
    else:
        forgotten(call, EVENTS, known_event(call, body.get("name")))
    return None


def known_event(call: Call, name: object) -> str:
    """Return the name of an event that there is; 404 for any other."""
    if not isinstance(name, str) or not name:
        raise wrong("name is required")
    if not EVENTS.stored(call.database, name) and not event_exists(call, name):
        raise missing(f"{EVENTS.noun} {name!r} not found")
    return name


def known_property(call: Call, name: object, resource: object) -> Section:
    """Return the section that has a property; without a resource events come first."""
    if not isinstance(name, str) or not name:
        raise wrong("name is required")
    asked = [one_of(PROPERTIES, resource, "resourceType")] if resource else list(PROPERTIES)
    for each in asked:
        section = PROPERTIES[each]
        if section.stored(call.database, name) or property_exists(call, each, name):
            return section
    raise missing(f"{PROPERTIES[asked[0]].noun} {name!r} not found")


def _changed(call: Call, many: str, change: Callable[[Call, Json], Json]) -> object:
    body = call.json()
    if many not in body:
        return ok(change(call, body))
    changes = [mapping(entry, "a change") for entry in listed(body[many], many)]
    if len(changes) > MOST_CHANGES:
        raise wrong(f"a request may change at most {MOST_CHANGES} definitions")
    return ok([change(call, entry) for entry in changes])


def _change_event(call: Call, entry: Json) -> Json:
    ensure(call, entry.get("tags"))
    if entry.get("customEventId") is not None:
        return _change_custom_event(call, entry)
    name = known_event(call, entry.get("name") or _name_of(event_rows(call), entry.get("id")))
    return _dated(changed(call, EVENTS, name, entry), events_seen(call).get(name))


def _change_property(call: Call, entry: Json) -> Json:
    section = known_property(call, entry.get("name"), entry.get("resourceType"))
    return changed(call, section, entry["name"], entry)


def _change_custom_event(call: Call, entry: Json) -> Json:
    event = _custom_event(call, entry)
    if entry.get("displayName"):
        event = _custom_events(call).put({**event, "name": entry["displayName"]})
    changed(call, EVENTS, f"{PREFIX}{event['id']}", entry)
    return _custom_row(call, event)


def _custom_row(call: Call, event: Json) -> Json:
    definition = EVENTS.of(call.database, f"{PREFIX}{event['id']}")
    return {**definition, "displayName": event["name"], "customEventId": event["id"]}


def _custom_event(call: Call, entry: Json) -> Json:
    number: object = entry["customEventId"]
    if not isinstance(number, int):
        raise wrong(f"customEventId is not valid: {number!r}")
    return _custom_events(call).get(number)


def _custom_events(call: Call) -> Entities:
    return Entities(call.database, "custom_events", "Custom event")


def _custom_properties(call: Call, resource: str) -> list[Json]:
    owners = {"Event": "events", "User": "people"}
    documents = Entities(call.database, "custom_properties", "Custom property").all()
    return [
        {**PROPERTIES[resource].blank(each["name"]), "customPropertyId": each["id"]}
        for each in documents
        if each.get("resourceType") == owners[resource]
    ]


def _name_of(rows: Iterable[Json], number: object) -> str | None:
    found: Any = next((row["name"] for row in rows if row["id"] == number), None)
    if found is None and number is not None:
        raise missing(f"{EVENTS.noun} {number} not found")
    return found


def _named(rows: list[Json], names: list[str]) -> list[Json]:
    return [row for row in rows if not names or row["name"] in names]


def _dated(row: Json, seen: Seen | None) -> Json:
    """Return a definition with what the data tells of its event."""
    if seen is None:
        return {**row, "status": "planned", "createdUtc": row.get("createdUtc")}
    first = datetime.fromtimestamp(seen.first / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return {**row, "status": "ingested", "createdUtc": first}


def _population(call: Call, resource: str) -> int:
    table = "all_events" if resource == "Event" else "all_profiles"
    return int(call.database.value(f"select count(*) from {table}")) or 1


BASE = "/api/app/{scope}/data-definitions"
ENDPOINTS = (
    Endpoint("GET", f"{BASE}/events/", events),
    Endpoint("PATCH", f"{BASE}/events/", change_events, writes=True),
    Endpoint("DELETE", f"{BASE}/events/", delete_event, writes=True),
    Endpoint("GET", f"{BASE}/properties/", properties),
    Endpoint("PATCH", f"{BASE}/properties/", change_properties, writes=True),
)
