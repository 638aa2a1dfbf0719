"""The schema registry: what events and profiles should carry, in JSON Schema.

What a schema says about an event, and about its properties, is what the Lexicon says from then on.
"""

from collections.abc import Mapping
from typing import cast

from .bookmarks import listed, mapping
from .calls import Call, Endpoint, Json, ok
from .definitions import EVENTS, PROPERTIES, Section, all_texts, changed, planned
from .enforcement import follow
from .entities import Entities
from .errors import Refusal, missing, one_of, wrong

ENTITY_TYPES = ("event", "custom_event", "profile")
PROFILE = "$user"
TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
MOST_ENTRIES = 4000
MOST_DELETED = 3000
OURS = "com.mixpanel"
RENAMED = {"teamContacts": "team_contacts"}


def registered(call: Call, entity_type: str | None = None) -> list[Json]:
    """Return the registered schemas, of one type or of all, by type and name."""
    entries = [_shown(entry) for entry in _entries(call).all()]
    kept = [e for e in entries if entity_type is None or e["entityType"] == entity_type]
    return sorted(kept, key=lambda entry: (entry["entityType"], entry["name"]))


def list_schemas(call: Call) -> object:
    """Return the schemas, of one type, or of one name where the query has one."""
    kind = call.path.get("entity_type")
    if kind is not None:
        one_of(ENTITY_TYPES, kind, "entity_type")
    name = call.query.get("entity_name")
    return ok([e for e in registered(call, kind) if name is None or e["name"] == name])


def get_schema(call: Call) -> object:
    """Return one schema, without the envelope of the others."""
    return _found(call, *_asked(call))["schemaJson"]


def create_schema(call: Call) -> object:
    """Register a schema in the place of the one there is."""
    _put(call, *_asked(call), call.json())
    return {"status": "ok"}


def update_schema(call: Call) -> object:
    """Add to a schema; 404 when there is none."""
    return ok(_shown(_merge(call, *_asked(call), call.json())))


def create_schemas(call: Call) -> object:
    """Register several schemas; with `truncate` those that were there go first."""
    entries, body = _given(call)
    deleted = 0
    if body.get("truncate") is True:
        deleted = _delete(call, body.get("entityType"), None)
    for entry in entries:
        _put(call, *_named(entry), entry.get("schemaJson"), entry.get("version"))
    return ok({"added": len(entries), "deleted": deleted})


def update_schemas(call: Call) -> object:
    """Add to several schemas and say of each what came of it."""
    entries, body = _given(call)
    if body.get("truncate") is True:
        raise wrong("truncate is for creating schemas, not for changing them")
    return ok([_outcome(call, entry) for entry in entries])


def delete_schemas(call: Call) -> object:
    """Delete one schema, those of a type, or all."""
    kind, name = call.path.get("entity_type"), call.path.get("entity_name")
    if kind is not None:
        one_of(ENTITY_TYPES, kind, "entity_type")
    return ok({"delete_count": _delete(call, kind, name)})


def _outcome(call: Call, entry: Json) -> Json:
    told = {"entityType": entry.get("entityType"), "name": entry.get("name")}
    try:
        _merge(call, *_named(entry), entry.get("schemaJson"))
    except Refusal as refusal:
        return {**told, "status": "error", "error": str(refusal)}
    return {**told, "status": "ok"}


def _put(call: Call, kind: str, name: str, schema: object, version: object = None) -> Json:
    after = _checked(schema)
    documents, before = _entries(call), _find(call, kind, name)
    if before:
        after = _with_metadata(before["schemaJson"], after)
    entry: Json = {
        "id": before["id"] if before else documents.next_number(),
        "entityType": kind,
        "name": name,
        "version": version,
        "schemaJson": after,
    }
    return _stored(call, entry)


def _merge(call: Call, kind: str, name: str, schema: object) -> Json:
    entry = _found(call, kind, name)
    merged = _merged(entry["schemaJson"], mapping(schema, "a schema"))
    return _stored(call, {**entry, "schemaJson": _checked(merged)})


def _stored(call: Call, entry: Json) -> Json:
    _entries(call).put(entry)
    _tell_lexicon(call, entry)
    follow(call, entry)
    return entry


def _delete(call: Call, kind: object, name: str | None) -> int:
    going = [
        entry
        for entry in _entries(call).all()
        if kind in (None, entry["entityType"]) and name in (None, entry["name"])
    ]
    if len(going) > MOST_DELETED:
        raise wrong(f"a request may delete at most {MOST_DELETED} schemas")
    for entry in going:
        _entries(call).delete(entry["id"])
        follow(call, entry, gone=True)
    return len(going)


def _tell_lexicon(call: Call, entry: Json) -> None:
    if entry["entityType"] == "custom_event":
        return
    schema = entry["schemaJson"]
    resource = "User" if entry["entityType"] == "profile" else "Event"
    if resource == "Event":
        planned(call, EVENTS, entry["name"])
        _tell(call, EVENTS, entry["name"], schema)
    properties: Mapping[str, Json] = schema.get("properties") or {}
    for name, each in properties.items():
        planned(call, PROPERTIES[resource], name)
        _tell(call, PROPERTIES[resource], name, each)


def _tell(call: Call, section: Section, name: str, said: Json) -> None:
    fields: Json = (said.get("metadata") or {}).get(OURS) or {}
    fields = {RENAMED.get(key, key): value for key, value in fields.items()}
    if "description" in said:
        fields["description"] = said["description"]
    changed(call, section, name, fields, "schema")


def _checked(schema: object) -> Json:
    checked = mapping(schema, "a schema")
    for name, each in mapping(checked.get("properties", {}), "properties").items():
        kinds: object = mapping(each, f"properties.{name}").get("type", [])
        for kind in cast("list[object]", kinds) if isinstance(kinds, list) else [kinds]:
            one_of(TYPES, kind, f"properties.{name}.type")
    if not all_texts(checked.get("required", [])):
        raise wrong("required must be a list of names")
    return checked


def _merged(before: Json, after: Json) -> Json:
    """Return the one object with the other's keys in it, however deep; null removes a key."""
    result = dict(before)
    for key, value in after.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _merged(result[key], cast("Json", value))
        else:
            result[key] = value
    return {key: value for key, value in result.items() if value is not None}


def _with_metadata(before: Json, after: Json) -> Json:
    """Return a new schema that keeps what it does not say of the old one's metadata."""
    kept = (before.get("metadata") or {}).get(OURS)
    return (
        {**after, "metadata": _merged({OURS: kept}, after.get("metadata") or {})} if kept else after
    )


def _given(call: Call) -> tuple[list[Json], Json]:
    body = call.json()
    entries = listed(body.get("entries"), "entries")
    given = [mapping(entry, "an entry") for entry in entries]
    if len(given) > MOST_ENTRIES:
        raise wrong(f"a request may hold at most {MOST_ENTRIES} entries")
    if body.get("entityType") not in (None, "event"):
        raise wrong("entityType must be event where many schemas come at once")
    return given, body


def _asked(call: Call) -> tuple[str, str]:
    return _named({"entityType": call.path["entity_type"], "name": call.path["entity_name"]})


def _named(entry: Json) -> tuple[str, str]:
    kind = one_of(ENTITY_TYPES, entry.get("entityType"), "entityType")
    name = entry.get("name")
    if not isinstance(name, str) or not name:
        raise wrong("name is required")
    if kind == "profile" and name != PROFILE:
        raise wrong(f"a profile is called {PROFILE}, not {name!r}")
    return kind, name


def _found(call: Call, kind: str, name: str) -> Json:
    entry = _find(call, kind, name)
    if entry is None:
        raise missing(f"There is no schema of {kind} {name!r}")
    return entry


def _find(call: Call, kind: str, name: str) -> Json | None:
    entries = _entries(call).all()
    return next((e for e in entries if (e["entityType"], e["name"]) == (kind, name)), None)


def _entries(call: Call) -> Entities:
    return Entities(call.database, "schemas", "Schema")


def _shown(entry: Json) -> Json:
    return {key: value for key, value in entry.items() if key != "id" and value is not None}


MANY = "/api/app/{scope}/schemas"
TYPE = f"{MANY}/{{entity_type}}"
ONE = f"{TYPE}/{{entity_name:path}}"
ENDPOINTS = (
    Endpoint("GET", MANY, list_schemas),
    Endpoint("POST", MANY, create_schemas, writes=True),
    Endpoint("PATCH", MANY, update_schemas, writes=True),
    Endpoint("DELETE", MANY, delete_schemas, writes=True),
    Endpoint("GET", TYPE, list_schemas),
    Endpoint("DELETE", TYPE, delete_schemas, writes=True),
    Endpoint("GET", ONE, get_schema),
    Endpoint("POST", ONE, create_schema, writes=True),
    Endpoint("PATCH", ONE, update_schema, writes=True),
    Endpoint("DELETE", ONE, delete_schemas, writes=True),
)
