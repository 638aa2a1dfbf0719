"""The verbs that every collection of the App API has, made from its row in the table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import cast

from .bookmarks import listed
from .calls import Call, Endpoint, Json, ok
from .entities import Entities
from .errors import wrong
from .fields import require
from .project import USER_EMAIL, USER_ID, USER_NAME
from .timeline import written

# What changes with every change, and so tells nothing.
EDITOR = ("modified", "last_modified_by_id", "last_modified_by_name", "last_modified_by_email")


def as_stored(call: Call, entity: Json) -> Json:
    """Return an entity as it is."""
    return entity


def nothing(call: Call, entity: Json) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Collection:
    """A kind of entity as data.

    Attributes:
        kind: its name in the table `entities`.
        path: its path behind the scope; `slash` when Mixpanel's paths end with one.
        noun: what an error calls one of them.
        fields: the types of what a request may set.
        required: what a new one must have.
        changeable: what a change may set.
        create: the whole new entity from its number and the checked fields.
        change: the entity after the checked fields.
        pick: what a list shows, in its order.
        show: how an answer about one shows it.
        before_delete: what else has to go when one goes.
    """

    kind: str
    path: str
    noun: str
    fields: Mapping[str, type | tuple[type, ...]]
    required: frozenset[str]
    changeable: frozenset[str]
    create: Callable[[Call, int, Json], Json]
    change: Callable[[Call, Json, Json], Json]
    pick: Callable[[Call, list[Json]], list[Json]]
    slash: bool = False
    show: Callable[[Call, Json], Json] = as_stored
    before_delete: Callable[[Call, Json], None] = nothing

    def entities(self, call: Call) -> Entities:
        """Return its documents as this request sees them."""
        return Entities(call.database, self.kind, self.noun)

    def made(self, call: Call, body: Json) -> Json:
        """Store a new entity and return it; 400 when the body is wrong."""
        require(body, sorted(self.required))
        fields = checked(self, body, frozenset(self.fields))
        documents = self.entities(call)
        entity = self.create(call, documents.next_number(), fields)
        return documents.put(entity, call.project.workspace_id)

    def changed(self, call: Call, number: int, body: Json) -> Json:
        """Store an entity after a change and return it; 404 when there is none."""
        documents = self.entities(call)
        fields = checked(self, body, self.changeable)
        entity = self.change(call, documents.get(number), fields)
        return documents.put(entity, call.project.workspace_id)

    def removed(self, call: Call, number: int) -> None:
        """Remove an entity; 404 when there is none."""
        documents = self.entities(call)
        self.before_delete(call, documents.get(number))
        documents.delete(number)


def endpoints(collection: Collection) -> tuple[Endpoint, ...]:
    """Return list, create, get, change and delete of a collection."""
    return (
        Endpoint("GET", _many(collection), partial(_list, collection)),
        Endpoint("GET", _one(collection), partial(_get, collection)),
        *writes(collection),
    )


def writes(collection: Collection) -> tuple[Endpoint, ...]:
    """Return create, change and delete of a collection."""
    many, one = _many(collection), _one(collection)
    return (
        Endpoint("POST", many, partial(_create, collection), writes=True),
        Endpoint("PATCH", one, partial(_change, collection), writes=True),
        Endpoint("DELETE", one, partial(_delete, collection), writes=True),
    )


def _many(collection: Collection) -> str:
    return f"/api/app/{{scope}}/{collection.path}{'/' if collection.slash else ''}"


def _one(collection: Collection) -> str:
    return f"/api/app/{{scope}}/{collection.path}/{{id:int}}{'/' if collection.slash else ''}"


def checked(collection: Collection, body: Json, allowed: frozenset[str]) -> Json:
    """Return the known fields of a body; 400 for a wrong type, null where something must be."""
    known = {name: value for name, value in body.items() if name in allowed}
    for name, value in known.items():
        if value is None and name not in collection.required:
            continue
        kinds = collection.fields[name]
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is int):
            raise wrong(f"{name} is not valid: {value!r}")
    return known


def stamp(call: Call) -> str:
    """Return the moment of a request as the App API writes it."""
    return written(call.now_ms)


def creator(call: Call) -> Json:
    """Return the fields that say who made an entity and when."""
    return {
        "creator_id": USER_ID,
        "creator_name": USER_NAME,
        "creator_email": USER_EMAIL,
        "created": stamp(call),
        **editor(call),
    }


def editor(call: Call) -> Json:
    """Return the fields that say who changed an entity and when."""
    return {
        "modified": stamp(call),
        "last_modified_by_id": USER_ID,
        "last_modified_by_name": USER_NAME,
        "last_modified_by_email": USER_EMAIL,
    }


def number(call: Call, name: str = "id") -> int:
    """Return a number of the path."""
    return int(call.path[name])


def _list(collection: Collection, call: Call) -> object:
    return ok(collection.pick(call, collection.entities(call).all()))


def _create(collection: Collection, call: Call) -> object:
    return ok(collection.show(call, collection.made(call, call.json())))


def _get(collection: Collection, call: Call) -> object:
    return ok(collection.show(call, collection.entities(call).get(number(call))))


def _change(collection: Collection, call: Call) -> object:
    return ok(collection.show(call, collection.changed(call, number(call), call.json())))


def _delete(collection: Collection, call: Call) -> object:
    collection.removed(call, number(call))
    return None


def bulk_delete(collection: Collection, field: str, call: Call) -> object:
    """Delete several; 404 when one does not exist, and then none is deleted."""
    for each in listed(call.json().get(field), field):
        collection.removed(call, whole_number(each, field))
    return None


def bulk_change(collection: Collection, field: str, call: Call) -> object:
    """Change several, each by its `id`; 404 when one does not exist, and then none is changed."""
    for one, entry in entries(call, field):
        collection.changed(call, one, entry)
    return None


def entries(call: Call, field: str) -> list[tuple[int, Json]]:
    """Return the objects of a list in the body, each after its `id`; 400 for anything else."""
    found: list[tuple[int, Json]] = []
    for each in listed(call.json().get(field), field):
        if not isinstance(each, dict):
            raise wrong(f"{field} must hold objects")
        entry = cast("Json", each)
        found.append((whole_number(entry.get("id"), f"{field}.id"), entry))
    return found


def picked_by_ids(call: Call, entities: list[Json]) -> list[Json]:
    """Keep those that the query parameter `ids` names, all without it."""
    ids = {part for part in call.query.get("ids", "").split(",") if part}
    return [entity for entity in entities if not ids or str(entity["id"]) in ids]


def changes(before: Json, after: Json) -> Json:
    """Return what differs between two states of an entity, by field, but for who changed it."""
    names = [name for name in after if name not in EDITOR and before.get(name) != after[name]]
    return {name: {"before": before.get(name), "after": after[name]} for name in names}


def whole_number(value: object, name: str) -> int:
    """Return a number of a body; 400 for anything else."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(f"{name}: {value!r} is not a number")
    return value


def own_number(body: Json) -> int:
    """Return the `id` of a body; 400 without one."""
    value = body.get("id")
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong("id is required")
    return value
