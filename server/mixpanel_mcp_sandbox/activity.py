"""What some people did: newest first and page by page, or in the earlier form all at once.

`POST /api/query/stream/bookmark` and `GET /api/query/stream/query`.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import orjson

from .bookmarks import listed, mapping
from .calls import Call, Endpoint, Json
from .clauses import read_selection
from .database import literal
from .errors import not_emulated, one_of, wrong
from .identity import load
from .lookup_tables import event_property
from .plan import Selection
from .predicates import Clock, Filter, disjunction
from .properties import CANONICAL, SOURCES, Property
from .scan import Holdings, holdings
from .selections import properties_of, selected
from .timeline import Range, checked, parse_day, today

MOST_EVENTS = 15_000
MOST_WINDOW = 30
# Where a page ended, in what is opaque to everybody else.
PLACE = "place"


def stream(call: Call) -> object:
    """Return a page of the events of some people, and what to send back for the next one."""
    body = call.json()
    # How far one look reaches back: the pages are the same whatever it is.
    _number(body, "paging_window", MOST_WINDOW)
    most = _number(body, "limit", MOST_EVENTS) or MOST_EVENTS
    held = holdings(call)
    chosen, chosen_from = _chosen(call, held, body)
    found, found_in = _found(call, held.clock, body)
    tests = [chosen, found]
    if sentinel := body.get("sentinel_event"):
        tests.append(_after(mapping(sentinel, "sentinel_event")))
    date_range = mapping(mapping(body.get("bookmark"), "bookmark").get("dateRange"), "dateRange")
    done = _done_by(
        call, held, _texts(body, "distinct_ids"), _days(call, date_range), [*chosen_from, *found_in]
    )
    rows = call.database.rows(
        f"{done} and {' and '.join(tests)} order by e.t desc, e.seq desc limit {most + 1}"
    )
    page = rows[:most]
    results: Json = {"events": [_event(*row[:5]) for row in page], "sentinel_event": None}
    if len(rows) > most:
        _, time, _, insert_id, _, seq = page[-1]
        place = {"time": time // 1000, "$insert_id": insert_id, PLACE: [time, seq]}
        results["sentinel_event"] = place
    return {"status": "ok", "results": results}


def earlier(call: Call) -> object:
    """Return the events of some people, oldest first, by default those of the last 30 days."""
    last = parse_day(call.query.get("to_date") or today(call.now, call.project.timezone))
    back = timedelta(days=MOST_WINDOW)
    first = parse_day(call.query.get("from_date") or last - back)
    days = checked(Range(first, last, "day", call.project.timezone))
    done = _done_by(call, holdings(call), call.texts("distinct_ids"), days)
    rows = call.database.rows(f"{done} order by e.t, e.seq limit {MOST_EVENTS}")
    return {"status": "ok", "results": {"events": [_event(*row[:5]) for row in rows]}}


def _done_by(
    call: Call, held: Holdings, ids: list[str], days: Range, owners: Iterable[Property] = ()
) -> str:
    """Return the SELECT of what people did on some days, its columns those of `_event`."""
    if not ids:
        raise wrong("distinct_ids must name somebody")
    links = load(call.project.identity, call.database)
    people = ", ".join(f"hash({literal(links.canonical(each))})" for each in ids)
    source = held.scan([Property("$distinct_id"), *owners], extra=["props"])
    return (
        f"select e.event, e.t, {CANONICAL}, e.insert_id, e.props::json, e.seq from {source} "
        f"where e.uid in ({people}) and e.t >= {days.start} and e.t < {days.end}"
    )


def _days(call: Call, entry: Json) -> Range:
    last = today(call.now, call.project.timezone)
    match one_of(("between", "since", "relative_after"), entry.get("type"), "dateRange.type"):
        case "between":
            first, last = parse_day(entry.get("from")), parse_day(entry.get("to"))
        case "since":
            first = parse_day(entry.get("from"))
        case _:
            window = mapping(entry.get("window"), "dateRange.window")
            if window.get("unit") != "day":
                raise not_emulated("activity of the last hours, weeks or months")
            first = last - timedelta(days=_number(window, "value", 10_000) or MOST_WINDOW)
    return Range(first, last, "day", call.project.timezone)


def _chosen(call: Call, held: Holdings, body: Json) -> tuple[str, list[Property]]:
    """Return the condition on names, those of custom events included; hidden events stay."""
    included = _selections(call, body, "include_events")
    excluded = _selections(call, body, "exclude_events")
    some, others = (
        " or ".join(selected(each, held.hidden, held.clock) for each in selections)
        for selections in (included, excluded)
    )
    return f"({some or 'true'}) and not ({others or 'false'})", properties_of(*included, *excluded)


def _selections(call: Call, body: Json, name: str) -> list[Selection]:
    return [read_selection({"name": each}, call.database) for each in _texts(body, name)]


def _found(call: Call, clock: Clock, body: Json) -> tuple[str, list[Property]]:
    """Return the condition that a text is in the event's name, or in a value of some properties."""
    search = body.get("search")
    if not search:
        return "true", []
    places = [mapping(e, "search_properties") for e in _list(body, "search_properties")]
    if not places:
        return f"contains(lower(e.event), lower({literal(str(search))}))", []
    filters = tuple(Filter(_owner(call, place), "contains", str(search)) for place in places)
    return disjunction(filters, clock), [each.property for each in filters]


def _owner(call: Call, place: Json) -> Property:
    kind = one_of(SOURCES, place.get("resourceType"), "search_properties.resourceType")
    return event_property(call.database, str(place.get("value")), SOURCES[kind])


def _after(sentinel: Json) -> str:
    match sentinel.get(PLACE):
        case [int(time), int(seq)]:
            return f"(e.t < {time} or e.t = {time} and e.seq < {seq})"
        case _:
            raise wrong("sentinel_event must be what the page before ended with")


def _event(name: str, time: int, person: str, insert_id: str | None, props: str) -> Json:
    known: Json = {"time": time // 1000, "$distinct_id": person}
    if insert_id is not None:
        known["$insert_id"] = insert_id
    return {"event": name, "properties": {**known, **orjson.loads(props)}}


def _texts(body: Json, name: str) -> list[str]:
    return [str(each) for each in _list(body, name)]


def _list(body: Json, name: str) -> list[Any]:
    return listed(body.get(name) or [], name)


def _number(body: Json, name: str, most: int) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise wrong(f"{name} must be a number from 1 to {most}, not {value!r}")
    return value


ENDPOINTS = (
    Endpoint("POST", "/api/query/stream/bookmark", stream),
    Endpoint("GET", "/api/query/stream/query", earlier),
)
