"""Saved metrics and behaviors as entities; every answer about them is keyed by number."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from .bookmarks import mapping
from .calls import Call, Endpoint, Json, ok
from .documents import Collection, entries, number, stamp, whole_number
from .errors import Refusal, one_of, wrong
from .project import USER, USER_ID
from .saved_definitions import BEHAVIOR_TYPES, BEHAVIORS, METRICS

LONGEST = 255
RIGHTS = {"can_view": True, "can_update_basic": True, "can_share": True}
# What a definition must hold, by the kind of metric.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "metric": ("behavior", "measurement"),
    "formula": ("formula",),
    "warehouse": ("query", "metricType"),
}


def _metric(entity: Json) -> None:
    kind = one_of(NEEDED, entity["type"], "type")
    definition = entity["definition"]
    for name in NEEDED[kind]:
        if not definition.get(name):
            raise _misshapen(f"'{name}' is a required property", definition)
    if kind == "formula" and not mapping(definition["formula"], "formula").get("referencedMetrics"):
        raise _misshapen("a formula needs metrics", definition["formula"], "formula")
    if kind == "warehouse" and entity.get("warehouse_source_id") is None:
        raise wrong("warehouse_source_id is required")


def _behavior(entity: Json) -> None:
    one_of(BEHAVIOR_TYPES, entity["type"], "type")
    behavior: Any = entity["definition"].get("behavior")
    if not isinstance(behavior, dict):
        raise _misshapen("'behavior' is a required property", entity["definition"])
    found = cast("Json", behavior).get("type")
    if found != entity["type"]:
        raise _misshapen(f"{found!r} is not {entity['type']!r}", found, "behavior", "type")


def _misshapen(sentence: str, data: object, *path: str) -> Refusal:
    details = {"path": list(path), "schema": {}, "data": data}
    return Refusal(400, sentence, {"status": "error", "error": sentence, "details": details})


def _created(check: Callable[[Json], None], call: Call, number: int, fields: Json) -> Json:
    entity = {
        "id": number,
        "description": "",
        "contacts": list[Json](),
        **{name: value for name, value in fields.items() if value is not None},
        "created": stamp(call),
        "created_by": USER,
        "owned_by": None,
        "verified": False,
        "last_verified": None,
        "last_verified_by": None,
        "is_visible": True,
        "is_locked": False,
        **RIGHTS,
    }
    return _checked(check, call, entity)


def _changed(check: Callable[[Json], None], call: Call, before: Json, fields: Json) -> Json:
    after = before | {name: value for name, value in fields.items() if value is not None}
    if fields.get("owned_by"):
        after["owned_by"] = _user(fields["owned_by"])
    if fields.get("verified"):
        after |= {"last_verified": stamp(call), "last_verified_by": USER}
    return _checked(check, call, after)


def _checked(check: Callable[[Json], None], call: Call, entity: Json) -> Json:
    for name in ("name", "description"):
        if len(entity[name]) > LONGEST:
            raise wrong(f"{name} may have at most {LONGEST} characters")
    if not entity["name"].strip():
        raise wrong("name is required")
    check(entity)
    return entity | {"modified": stamp(call)}


def _user(owner: Json) -> Json:
    found = whole_number(owner.get("id"), "owned_by.id")
    return USER if found == USER_ID else {"id": found}


def _collection(kind: str, noun: str, check: Callable[[Json], None]) -> Collection:
    changes = {"name": str, "description": str, "definition": dict, "owned_by": dict}
    return Collection(
        kind=kind,
        path=kind,
        noun=noun,
        fields={**changes, "verified": bool, "type": str, "warehouse_source_id": int},
        required=frozenset({"type", "name", "definition"}),
        changeable=frozenset({*changes, "verified"}),
        create=partial(_created, check),
        change=partial(_changed, check),
        pick=lambda _, entities: entities,
    )


def _keyed(*entities: Json) -> Json:
    return ok({str(entity["id"]): entity for entity in entities})


def _list(collection: Collection, call: Call) -> object:
    return _keyed(*collection.entities(call).all())


def _get(collection: Collection, call: Call) -> object:
    return _keyed(collection.entities(call).get(number(call)))


def _create(collection: Collection, call: Call) -> object:
    return _keyed(collection.made(call, call.json()))


def _change(collection: Collection, call: Call) -> object:
    return _keyed(collection.changed(call, number(call), call.json()))


def _change_several(collection: Collection, call: Call) -> object:
    changes = entries(call, collection.path)
    return _keyed(*(collection.changed(call, one, entry) for one, entry in changes))


def _delete_several(collection: Collection, call: Call) -> object:
    for one, _ in entries(call, collection.path):
        collection.removed(call, one)
    return None


def _endpoints(collection: Collection) -> tuple[Endpoint, ...]:
    # Mixpanel keeps them in the project, whatever the workspace.
    many = f"/api/app/projects/{{project_id:int}}/{collection.path}"
    one = f"{many}/{{id:int}}"
    return (
        Endpoint("GET", many, partial(_list, collection)),
        Endpoint("POST", many, partial(_create, collection), writes=True),
        Endpoint("PATCH", many, partial(_change_several, collection), writes=True),
        Endpoint("DELETE", many, partial(_delete_several, collection), writes=True),
        Endpoint("GET", one, partial(_get, collection)),
        Endpoint("PATCH", one, partial(_change, collection), writes=True),
    )


ENDPOINTS = (
    *_endpoints(_collection(METRICS, "Metric", _metric)),
    *_endpoints(_collection(BEHAVIORS, "Behavior", _behavior)),
)
