"""`POST /api/query/engage/`: profiles, selected, sorted, and read page by page."""

import orjson

from .calls import Call, Endpoint, Json
from .database import Row
from .errors import one_of, wrong
from .expressions import Scope, value
from .fields import Fields, read_fields
from .profile_query import read_people
from .properties import LAST_SEEN

PAGE_SIZE = 1000
COLUMNS = f"p.distinct_id, p.props::json, {LAST_SEEN}, count(*) over ()"
DIRECTIONS = {"ascending": "asc", "descending": "desc"}
# Numbers, then texts, then anything else; what is missing comes last in both directions.
RANK = "case kind({key}) when 'number' then 0 when 'string' then 1 else 2 end"


def profiles(call: Call) -> object:
    """Return a page of profiles; 400 for a wrong expression or a session that is over."""
    fields = read_fields(call)
    page = fields.number("page", 0) or 0
    session = fields.text("session_id")
    if session is None and page:
        raise wrong(f"Page {page} needs the session_id that came with page 0.")
    rows = _selected(call, fields) if session is None else _held(call, session)
    if session is None and len(rows) > PAGE_SIZE:
        session = call.store.snapshots.keep(rows)
    following = (page + 1) * PAGE_SIZE
    names = fields.listing("output_properties")
    return {
        "page": page,
        "page_size": PAGE_SIZE,
        "results": [_profile(row, names) for row in rows[following - PAGE_SIZE : following]],
        "session_id": session if following < len(rows) else None,
        "total": rows[0][3] if rows else 0,
        "status": "ok",
        "computed_at": call.now.isoformat(),
    }


def _selected(call: Call, fields: Fields) -> list[Row]:
    people = read_people(call, fields, "where")
    limit = fields.number("limit", 1)
    rest = f"order by {_order(fields, people.scope)}" + (f" limit {limit}" if limit else "")
    return call.database.rows(people.sql(COLUMNS, rest))


def _held(call: Call, session: str) -> list[Row]:
    rows = call.store.snapshots.find(session)
    if rows is None:
        raise wrong("The session of this query is over; begin again with page 0.")
    return rows


def _order(fields: Fields, scope: Scope) -> str:
    expression = fields.text("sort_key")
    if expression is None:
        return "p.distinct_id"
    word = one_of(DIRECTIONS, fields.text("sort_order") or "ascending", "sort_order")
    key = f"({value(expression, scope).sql})::variant"
    ranks = (RANK.format(key=key), f"number_in({key})", f"lower(value_text({key}))")
    turned = ", ".join(f"{rank} {DIRECTIONS[word]}" for rank in ranks)
    return f"kind({key}) = 'null', {turned}, p.distinct_id"


def _profile(row: Row, names: list[object] | None) -> Json:
    distinct_id, text, seen, _ = row
    properties: Json = orjson.loads(text)
    if seen is not None:
        properties["$last_seen"] = seen
    if names is not None:
        properties = {name: each for name, each in properties.items() if name in names}
    return {"$distinct_id": distinct_id, "$properties": properties}


ENDPOINTS = (
    Endpoint("POST", "/api/query/engage/", profiles),
    Endpoint("POST", "/api/query/engage", profiles),
)
