"""The definitions of events and properties, of what the data holds and what is planned."""

from .calls import Call, Endpoint, Json, ok
from .custom_events import PREFIX
from .definitions import EVENTS, PROPERTIES, Section
from .entities import Entities
from .errors import missing, one_of, wrong
from .groups import GROUP_PROFILE, group_property_rows
from .inventory import (
    Seen,
    event_exists,
    events_seen,
    properties_of_events,
    properties_of_profiles,
    property_exists,
)
from .timeline import written


def event_rows(call: Call) -> list[Json]:
    """Return the definitions of all events: those of the data, and those that are planned."""
    seen, described = events_seen(call), EVENTS.described(call.database)
    own = {name for name in described if not name.startswith(PREFIX)}
    return [
        dated(described.get(name) or EVENTS.blank(name), seen.get(name))
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
        return ok([_custom_row(call, event) for event in custom_events(call).all()])
    return ok(_named(event_rows(call), call.repeated("name[]")))


def properties(call: Call) -> object:
    """Return the definitions of the named properties, without names of all."""
    given = call.query.get("resourceType")
    resources = list(PROPERTIES) if not given else [given] if given in PROPERTIES else []
    density = call.query.get("includeDensity") == "true"
    rows = [row for each in resources for row in property_rows(call, each, density=density)]
    if given == GROUP_PROFILE:
        rows = group_property_rows(call.database)
    if call.query.get("includeCustom") == "true":
        rows += [row for each in resources for row in _custom_properties(call, each)]
    return ok(_named(rows, call.repeated("name[]")))


def custom_events(call: Call) -> Entities:
    """Return the documents of the custom events."""
    return Entities(call.database, "custom_events", "Custom event")


def custom_name(event: Json) -> str:
    """Return the name that the definition of a custom event has."""
    return f"{PREFIX}{event['id']}"


def custom_row(event: Json, definition: Json) -> Json:
    """Return the definition of a custom event, which is called as the event is."""
    return {**definition, "displayName": event["name"], "customEventId": event["id"]}


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


def _custom_row(call: Call, event: Json) -> Json:
    return custom_row(event, EVENTS.of(call.database, custom_name(event)))


def _custom_properties(call: Call, resource: str) -> list[Json]:
    owners = {"Event": "events", "User": "people"}
    documents = Entities(call.database, "custom_properties", "Custom property").all()
    return [
        {**PROPERTIES[resource].blank(each["name"]), "customPropertyId": each["id"]}
        for each in documents
        if each.get("resourceType") == owners[resource]
    ]


def _named(rows: list[Json], names: list[str]) -> list[Json]:
    return [row for row in rows if not names or row["name"] in names]


def dated(row: Json, seen: Seen | None) -> Json:
    """Return a definition with what the data tells of its event."""
    if seen is None:
        return {**row, "status": "planned", "createdUtc": row.get("createdUtc")}
    first = written(seen.first)
    return {**row, "status": "ingested", "createdUtc": first}


def _population(call: Call, resource: str) -> int:
    table = "all_events" if resource == "Event" else "all_profiles"
    return int(call.database.value(f"select count(*) from {table}")) or 1


BASE = "/api/app/{scope}/data-definitions"
ENDPOINTS = (
    Endpoint("GET", f"{BASE}/events/", events),
    Endpoint("GET", f"{BASE}/properties/", properties),
)
