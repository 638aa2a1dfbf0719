"""`/api/query/events` and `/events/properties`: counts of several events, or of one by value."""

from .calls import Call, Endpoint
from .counting import charted, dates_of, days_of, kind_of, named
from .database import literal
from .lookup_tables import event_property
from .plan import Breakdown
from .segments import texts

DEFAULT_LIMIT = 255
MOST_VALUES = 10_000


def events(call: Call) -> object:
    """Return events, users or events per user of each of some events by date."""
    kind, days = kind_of(call), days_of(call)
    counts = {event: named(call, event).points(kind) for event in call.texts("event")}
    return charted(dates_of(days).values(), counts)


def values(call: Call) -> object:
    """Return the same of one event by the values of a property, or by some of them."""
    found, kind = named(call, call.required("event")), kind_of(call)
    owner = event_property(call.database, call.required("name"))
    found.scope.properties.add(owner)
    lists = texts(Breakdown(owner, "string"))
    if call.query.get("values"):
        wanted = ", ".join(map(literal, call.texts("values")))
        lists = f"list_intersect({lists}, [{wanted}]::varchar[])"
    limit = call.number("limit", DEFAULT_LIMIT, MOST_VALUES)
    return charted(found.dates().values(), found.segments(kind, lists, limit))


ENDPOINTS = (
    Endpoint("GET", "/api/query/events", events),
    Endpoint("GET", "/api/query/events/properties", values),
)
