"""What the Lexicon tells beside definitions: histories, origins, the export, who carries what."""

from collections.abc import Callable

from .bookmarks import listed
from .calls import Call, Endpoint, Json, ok, parse_json
from .definition_changes import history
from .definitions import EVENTS, Section
from .errors import one_of
from .inventory import events_seen, properties_of_events
from .lexicon import BASE, event_rows, known_event, known_property, property_rows
from .properties import Property
from .scan import holdings
from .timeline import written

RESOURCES = {"event": "Event", "user": "User"}
SOURCES = Property("mp_lib"), Property("$lib_version"), Property("$os")


def event_history(call: Call) -> object:
    """Return the changes of an event's definition, newest first."""
    return ok(history(call, EVENTS, known_event(call, call.path["name"])))


def property_history(call: Call) -> object:
    """Return the changes of a property's definition, newest first."""
    word = call.required("entity_type").lower()
    resource = RESOURCES[one_of(RESOURCES, word, "entity_type")]
    name = call.path["name"]
    section: Section = known_property(call, name, resource)
    return ok(history(call, section, name))


def tracking_metadata(call: Call) -> object:
    """Return where an event's records come from, and when the first and last one did."""
    name = known_event(call, call.required("event_name"))
    seen = events_seen(call).get(name)
    libraries, versions, systems = (_texts(call, name, each) for each in SOURCES)
    return ok(
        {
            "eventName": name,
            "sources": libraries,
            "libraryVersions": versions,
            "operatingSystems": systems,
            "firstSeen": written(seen.first) if seen else None,
            "lastSeen": written(seen.last) if seen else None,
            "count": seen.count if seen else 0,
        }
    )


def export(call: Call) -> object:
    """Return the definitions of all that is asked for, at once rather than by mail."""
    wanted = listed(parse_json(call.required("export_type")), "export_type")
    exported: Json = {}
    for each in wanted:
        exported |= EXPORTED[one_of(EXPORTED, each, "export_type")](call)
    return ok(exported)


def events_with_properties(call: Call) -> object:
    """Return every event with the properties that its records carry."""
    carried = properties_of_events(call)
    return ok(
        [
            {**row, "properties": [{"name": name} for name in carried.get(row["name"], ())]}
            for row in event_rows(call)
        ]
    )


def _exported_events(call: Call) -> Json:
    carried, described = properties_of_events(call), property_rows(call, "Event")
    rows = {row["name"]: row for row in described}
    return {
        "events": [
            {**event, "properties": [rows[name] for name in carried.get(event["name"], ())]}
            for event in event_rows(call)
        ]
    }


def _exported_profiles(call: Call) -> Json:
    return {"userProperties": property_rows(call, "User")}


EXPORTED: dict[str, Callable[[Call], Json]] = {
    "All Events and Properties": _exported_events,
    "All User Profile Properties": _exported_profiles,
}


def _texts(call: Call, event: str, owner: Property) -> list[str]:
    rows = call.database.rows(
        f"select distinct value_text({owner.sql}) as text from {holdings(call).scan([owner])}"
        f" where e.event = $event and {owner.present} order by text",
        {"event": event},
    )
    return [row[0] for row in rows]


ENDPOINTS = (
    Endpoint("GET", f"{BASE}/events/tracking-metadata/", tracking_metadata),
    # The name is a path, since it may hold slashes.
    Endpoint("GET", f"{BASE}/events/{{name:path}}/history/", event_history),
    Endpoint("GET", f"{BASE}/properties/{{name:path}}/history/", property_history),
    Endpoint("GET", f"{BASE}/export/", export),
    Endpoint("GET", "/api/query/data_definitions/events", events_with_properties),
)
