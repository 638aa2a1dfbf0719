"""The schema registry: what events and profiles should carry, in JSON Schema.

Mixpanel takes five requests a minute from an organization, and changes to 4,000 events and
properties. Here as many come as like: whoever tries things out would wait most of the time.
"""

from .bookmarks import listed, mapping
from .calls import Call, Endpoint, Json, ok
from .enforcement import follow
from .errors import Refusal, one_of, wrong
from .schema_entries import (
    ENTITY_TYPES,
    Changes,
    entries,
    kind_and_name,
    missing_schema,
    schema_number,
)

MOST_ENTRIES = 4000
MOST_DELETED = 3000


def registered(call: Call, entity_type: str | None = None) -> list[Json]:
    """Return the registered schemas, of one type or of all, by type and name."""
    shown = [_shown(entry) for entry in entries(call).all()]
    kept = [e for e in shown if entity_type is None or e["entityType"] == entity_type]
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
    kind, name = _asked(call)
    entry = entries(call).find(schema_number(kind, name))
    if entry is None:
        raise missing_schema(kind, name)
    return entry["schemaJson"]


def create_schema(call: Call) -> object:
    """Register a schema in the place of the one there is."""
    changes = Changes(call)
    changes.put(*_asked(call), call.json())
    changes.store()
    return {"status": "ok"}


def update_schema(call: Call) -> object:
    """Add to a schema; 404 when there is none."""
    changes = Changes(call)
    entry = changes.merge(*_asked(call), call.json())
    changes.store()
    return ok(_shown(entry))


def create_schemas(call: Call) -> object:
    """Register several schemas; with `truncate` those that were there go first."""
    given, body = _given(call)
    deleted = 0
    if body.get("truncate") is True:
        deleted = _delete(call, body.get("entityType"), None)
    changes = Changes(call)
    for entry in given:
        changes.put(*kind_and_name(entry), entry.get("schemaJson"), entry.get("version"))
    changes.store()
    return ok({"added": len(given), "deleted": deleted})


def update_schemas(call: Call) -> object:
    """Add to several schemas and say of each what came of it."""
    given, body = _given(call)
    if body.get("truncate") is True:
        raise wrong("truncate is for creating schemas, not for changing them")
    changes = Changes(call)
    outcomes = [_outcome(changes, entry) for entry in given]
    changes.store()
    return ok(outcomes)


def delete_schemas(call: Call) -> object:
    """Delete one schema, those of a type, or all."""
    kind, name = call.path.get("entity_type"), call.path.get("entity_name")
    if kind is not None:
        one_of(ENTITY_TYPES, kind, "entity_type")
    return ok({"delete_count": _delete(call, kind, name)})


def _outcome(changes: Changes, entry: Json) -> Json:
    told = {"entityType": entry.get("entityType"), "name": entry.get("name")}
    try:
        changes.merge(*kind_and_name(entry), entry.get("schemaJson"))
    except Refusal as refusal:
        return {**told, "status": "error", "error": str(refusal)}
    return {**told, "status": "ok"}


def _delete(call: Call, kind: object, name: str | None) -> int:
    going = [
        entry
        for entry in entries(call).all()
        if kind in (None, entry["entityType"]) and name in (None, entry["name"])
    ]
    if len(going) > MOST_DELETED:
        raise wrong(f"a request may delete at most {MOST_DELETED} schemas")
    for entry in going:
        entries(call).delete(entry["id"])
    follow(call, going, gone=True)
    return len(going)


def _given(call: Call) -> tuple[list[Json], Json]:
    body = call.json()
    given = [mapping(entry, "an entry") for entry in listed(body.get("entries"), "entries")]
    if len(given) > MOST_ENTRIES:
        raise wrong(f"a request may hold at most {MOST_ENTRIES} entries")
    if body.get("entityType") not in (None, "event"):
        raise wrong("entityType must be event where many schemas come at once")
    return given, body


def _asked(call: Call) -> tuple[str, str]:
    return kind_and_name({"entityType": call.path["entity_type"], "name": call.path["entity_name"]})


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
