"""`/api/query/segmentation` and its numeric forms: one event by time and by an expression."""

from .calls import Call, Endpoint
from .counting import charted, kind_of, named
from .expressions import number, segments
from .segments import around, extremes_of, spread

DEFAULT_LIMIT = 60
MOST_SEGMENTS = 10_000


def segmentation(call: Call) -> object:
    """Return events, users or events per user by segment and date."""
    event, kind = call.required("event"), kind_of(call)
    found = named(call, event)
    dates = found.dates().values()
    if not (on := call.query.get("on")):
        return charted(dates, {event: found.points(kind)})
    return charted(dates, found.segments(kind, segments(on, found.scope), _limit(call)))


def numeric(call: Call) -> object:
    """Return the same by automatic buckets of a number; other values are in none of them."""
    found, kind = named(call, call.required("event")), kind_of(call)
    value = number(call.required("on"), found.scope)
    (extremes,) = call.database.rows(extremes_of(value, found.source))
    dates, buckets = found.dates().values(), around(extremes)
    if buckets is None:
        return charted(dates, {})
    shown = spread(value, buckets)
    lists = f"case when {value} is not null then {shown.sql} else [] end"
    return charted(dates, found.segments(kind, lists, _limit(call), shown.label))


def total(call: Call) -> object:
    """Return the sum of a number by date; other values add nothing."""
    return _figure(call, "coalesce(sum(number), 0)")


def average(call: Call) -> object:
    """Return the mean of a number over all events by date; other values count as 0."""
    return _figure(call, "coalesce(sum(number), 0) / count(*)")


def _figure(call: Call, figure: str) -> object:
    found = named(call, call.required("event"))
    results = found.points(figure, number(call.required("on"), found.scope))
    return {"status": "ok", "computed_at": call.now.isoformat(), "results": results}


def _limit(call: Call) -> int:
    return call.number("limit", DEFAULT_LIMIT, MOST_SEGMENTS)


ENDPOINTS = (
    Endpoint("GET", "/api/query/segmentation", segmentation),
    Endpoint("GET", "/api/query/segmentation/numeric", numeric),
    Endpoint("GET", "/api/query/segmentation/sum", total),
    Endpoint("GET", "/api/query/segmentation/average", average),
)
