"""Drop filters: events that are thrown away on arrival."""

from .calls import Call, Endpoint, Json, ok
from .conditions import only_equality, read_conditions
from .documents import stamp
from .entities import Entities
from .errors import wrong
from .records import Record

LIMIT = 15


def drop_filters(call: Call) -> Entities:
    """Return the documents."""
    return Entities(call.database, "drop_filters", "Drop filter")


def unfiltered(call: Call, records: list[Record]) -> list[Record]:
    """Leave out the records that an active filter means."""
    filters = [
        (each["eventName"], read_conditions(each["filters"]))
        for each in drop_filters(call).all()
        if each["active"]
    ]
    return [
        record
        for record in records
        if not any(
            record.event == event and all(each.holds(record.properties) for each in conditions)
            for event, conditions in filters
        )
    ]


def listed(call: Call) -> object:
    """Return all drop filters, as every change does too."""
    return ok(drop_filters(call).all())


def limits(call: Call) -> object:
    """Return how many there may be."""
    return ok({"filterLimit": LIMIT})


def create(call: Call) -> object:
    """Drop events of a name from now on."""
    body, documents = call.json(), drop_filters(call)
    if len(documents.all()) >= LIMIT:
        raise wrong(f"A project may have at most {LIMIT} drop filters")
    fields = {"eventName": _event(body), "filters": _filters(body), "active": True}
    number = documents.next_number()
    documents.put(
        {"id": number, **fields, "displayName": fields["eventName"], "created": stamp(call)}
    )
    return listed(call)


def change(call: Call) -> object:
    """Change event, conditions or activity of a filter."""
    body, documents = call.json(), drop_filters(call)
    after = documents.get(_number(body))
    if body.get("event_name") is not None:
        after["eventName"] = after["displayName"] = _event(body)
    if body.get("filters") is not None:
        after["filters"] = _filters(body)
    if body.get("active") is not None:
        if not isinstance(body["active"], bool):
            raise wrong(f"active must be true or false, not {body['active']!r}")
        after["active"] = body["active"]
    documents.put(after)
    return listed(call)


def delete(call: Call) -> object:
    """Let the events of a filter through again."""
    drop_filters(call).delete(_number(call.json()))
    return listed(call)


def _event(body: Json) -> str:
    name = body.get("event_name")
    if not isinstance(name, str) or not name.strip():
        raise wrong("event_name is required")
    return name


def _filters(body: Json) -> list[Json]:
    conditions = only_equality(read_conditions(body.get("filters")))
    return [each._asdict() for each in conditions]


def _number(body: Json) -> int:
    number = body.get("id")
    if isinstance(number, bool) or not isinstance(number, int):
        raise wrong("id is required")
    return number


PATH = "/api/app/{scope}/data-definitions/events/drop-filters/"
ENDPOINTS = (
    Endpoint("GET", PATH, listed),
    Endpoint("POST", PATH, create, writes=True),
    Endpoint("PATCH", PATH, change, writes=True),
    Endpoint("DELETE", PATH, delete, writes=True),
    Endpoint("GET", f"{PATH}limits/", limits),
)
