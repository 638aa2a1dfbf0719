"""Drop filters: events that are thrown away on arrival."""

from .calls import Call, Endpoint, Json, ok
from .conditions import only_equality, read_conditions
from .documents import own_number, stamp
from .entities import Entities
from .errors import wrong
from .fields import filled
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
    if not filters:
        return records
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
    fields = {"eventName": filled(body, "event_name"), "filters": _filters(body), "active": True}
    number = documents.next_number()
    documents.put(
        {"id": number, **fields, "displayName": fields["eventName"], "created": stamp(call)}
    )
    return listed(call)


def change(call: Call) -> object:
    """Change event, conditions or activity of a filter."""
    body, documents = call.json(), drop_filters(call)
    after = documents.get(own_number(body))
    if body.get("event_name") is not None:
        after["eventName"] = after["displayName"] = filled(body, "event_name")
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
    drop_filters(call).delete(own_number(call.json()))
    return listed(call)


def _filters(body: Json) -> list[Json]:
    conditions = only_equality(read_conditions(body.get("filters")))
    return [each._asdict() for each in conditions]


PATH = "/api/app/{scope}/data-definitions/events/drop-filters/"
ENDPOINTS = (
    Endpoint("GET", PATH, listed),
    Endpoint("POST", PATH, create, writes=True),
    Endpoint("PATCH", PATH, change, writes=True),
    Endpoint("DELETE", PATH, delete, writes=True),
    Endpoint("GET", f"{PATH}limits/", limits),
)
