"""What there is: event names, their properties, values, and today's most frequent events."""

from datetime import timedelta

from .calls import Call, Endpoint
from .database import literal
from .definitions import EVENTS, PROPERTIES
from .errors import one_of, wrong
from .inventory import event_exists
from .lookup_tables import event_property
from .scan import holdings
from .timeline import DAY, day_start, parse_day, today

DEFAULT_DAYS = 31
YESTERDAY_UNKNOWN = 1


def names(call: Call) -> object:
    """Return event names by frequency, of the last 31 days unless dates are given.

    What the Lexicon hides or drops is left out, here and below: it can be asked for by name.
    """
    end = today(call.now, call.project.timezone)
    first = end - timedelta(days=DEFAULT_DAYS - 1)
    if text := call.query.get("from_date"):
        first = parse_day(text)
    if text := call.query.get("to_date"):
        end = parse_day(text)
    zone = call.project.timezone
    rows = call.database.rows(
        f"select event from all_events where t >= $start and t < $end and {_shown(call)}"
        " group by event order by count(*) desc, event limit $limit",
        {
            "start": day_start(first, zone),
            "end": day_start(end + timedelta(days=1), zone),
            "limit": call.number("limit", 255, 100_000),
        },
    )
    return [row[0] for row in rows]


def properties(call: Call) -> object:
    """Return the most frequent properties of an event with their counts."""
    event = call.required("event")
    events = holdings(call).scan(extra=["variant_keys(props) as names"])
    rows = call.database.rows(
        "select name, count(*) as n from"
        f" (select unnest(names) as name from {events} where e.event = $event)"
        " where not list_contains($unlisted::varchar[], name)"
        " group by name order by n desc, name limit $limit",
        {
            "event": event,
            "limit": call.number("limit", 10, 100_000),
            "unlisted": sorted(PROPERTIES["Event"].unlisted(call.database)),
        },
    )
    if not rows and not event_exists(call, event):
        raise wrong(f"Event {event!r} does not exist")
    return {name: {"count": count} for name, count in rows}


def values(call: Call) -> object:
    """Return the most frequent values of a property as texts."""
    key = event_property(call.database, call.required("name"))
    event = call.query.get("event")
    condition = f"e.event = {literal(event)}" if event else "true"
    rows = call.database.rows(
        f"select text, count(*) as n from"
        f" (select unnest({key.item_texts}) as text from {holdings(call).scan([key])}"
        f"  where {condition} and kind({key.sql}) <> 'null')"
        f" group by text order by n desc, text limit $limit",
        {"limit": call.number("limit", 255, 10_000)},
    )
    return [row[0] for row in rows]


def top(call: Call) -> object:
    """Return today's events by count, each with its change against yesterday."""
    kinds = {"general": "count(*)", "average": "count(*)", "unique": "count(distinct uid)"}
    kind = one_of(kinds, call.query.get("type", "general"), "type")
    people = " and uid <> 0" if kind == "unique" else ""
    midnight = day_start(today(call.now, call.project.timezone), call.project.timezone)
    yesterday = midnight - DAY
    rows = call.database.rows(
        f"select event, {kinds[kind]} filter (t >= $midnight{people}) as amount,"
        f" {kinds[kind]} filter (t < $midnight{people}) as earlier"
        f" from all_events where t >= $yesterday and t <= $now and {_shown(call)}"
        " group by event having amount > 0 order by amount desc, event limit $limit",
        {
            "midnight": midnight,
            "yesterday": yesterday,
            "now": call.now_ms,
            "limit": call.number("limit", 100, 10_000),
        },
    )
    elapsed = (call.now_ms - midnight) / DAY
    return {
        "type": kind,
        "events": [
            {"event": event, "amount": amount, "percent_change": _change(amount, before, elapsed)}
            for event, amount, before in rows
        ],
    }


def _shown(call: Call) -> str:
    """Return the SQL condition for events that the Lexicon neither hides nor drops."""
    unlisted = sorted(EVENTS.unlisted(call.database))
    return f"event not in ({', '.join(map(literal, unlisted))})" if unlisted else "true"


def _change(amount: int, before: int, elapsed: float) -> float:
    if not before or not elapsed:
        return YESTERDAY_UNKNOWN
    return amount / (before * elapsed) - 1


ENDPOINTS = (
    Endpoint("GET", "/api/query/events/names", names),
    Endpoint("GET", "/api/query/events/properties/top", properties),
    Endpoint("GET", "/api/query/events/properties/values", values),
    Endpoint("GET", "/api/query/events/top", top),
)
