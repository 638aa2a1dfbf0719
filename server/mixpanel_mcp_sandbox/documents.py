"""The verbs that every collection of the App API has, made from its row in the table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from .calls import Call, Endpoint, Json, ok
from .entities import Entities
from .errors import wrong
from .project import USER_EMAIL, USER_ID, USER_NAME


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

    def entities(self, call: Call) -> Entities:
        """Return its documents as this request sees them."""
        return Entities(call.database, self.kind, self.noun)


def endpoints(collection: Collection) -> tuple[Endpoint, ...]:
    """Return list, create, get, change and delete of a collection."""
    end = "/" if collection.slash else ""
    many = f"/api/app/{{scope}}/{collection.path}{end}"
    one = f"/api/app/{{scope}}/{collection.path}/{{id:int}}{end}"
    return (
        Endpoint("GET", many, partial(_list, collection)),
        Endpoint("POST", many, partial(_create, collection), writes=True),
        Endpoint("GET", one, partial(_get, collection)),
        Endpoint("PATCH", one, partial(_change, collection), writes=True),
        Endpoint("DELETE", one, partial(_delete, collection), writes=True),
    )


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
    return call.now.strftime("%Y-%m-%dT%H:%M:%S")


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
    body = call.json()
    for name in sorted(collection.required):
        if body.get(name) is None:
            raise wrong(f"{name} is required")
    fields = checked(collection, body, frozenset(collection.fields))
    documents = collection.entities(call)
    entity = collection.create(call, documents.next_number(), fields)
    return ok(documents.put(entity, call.project.workspace_id))


def _get(collection: Collection, call: Call) -> object:
    return ok(collection.entities(call).get(number(call)))


def _change(collection: Collection, call: Call) -> object:
    documents = collection.entities(call)
    fields = checked(collection, call.json(), collection.changeable)
    entity = collection.change(call, documents.get(number(call)), fields)
    return ok(documents.put(entity, call.project.workspace_id))


def _delete(collection: Collection, call: Call) -> object:
    collection.entities(call).delete(number(call))
    return None
