"""Discovery: which events, properties and values a project has."""

import re
from datetime import timedelta
from typing import Annotated, Any, Literal, cast

from pydantic import Field

from mixpanel_mcp_core.api import PRODUCT
from mixpanel_mcp_core.errors import EventNotFoundError, QueryError
from mixpanel_mcp_core.fields import CountKind, EventName, FromDate, Limit, ToDate
from mixpanel_mcp_core.models.discovery import (
    BookmarkInfo,
    FunnelInfo,
    LexiconSchema,
    SavedCohort,
    SubProperties,
    TopEvent,
)
from mixpanel_mcp_core.models.reports import BookmarkType
from mixpanel_mcp_core.nearest import near_names, similar_events
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.outcome import read, unwrap
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.subproperties import subproperties_in

discovery = Toolset("discovery", "What the project has: events, properties, values, saved things")

LexiconKind = Annotated[Literal["event", "profile"], Field(description="Kind of schema.")]

_ORIGIN = {"query_origin": PRODUCT}
_BEGINNING = "2000-01-01"
_MANY_EVENTS = 5000
_LOOKBACK = re.compile(r"exceeds\s+(\d+)\s+days")


@discovery.reads
async def events(
    session: Session,
    limit: Limit = _MANY_EVENTS,
    from_date: FromDate | None = None,
    to_date: ToDate | None = None,
) -> list[str]:
    """List the names of all events, in alphabetical order. Start here.

    Narrow by the days on which they were seen. Cached for the session; the answer tells its age.
    Query API: GET events/names.
    """
    last = to_date or session.today().isoformat()
    key = events_key(session, limit, from_date, last)
    return await session.remember(key, lambda: _names(session, limit, from_date, last))


@discovery.reads
async def properties(session: Session, event: EventName) -> list[str]:
    """List the names of the properties that an event carries.

    EventNotFoundError names the nearest events. Cached for the session. Query API: GET
    events/properties/top.
    """
    return await session.remember(("properties", event), lambda: _names_of(session, event))


@discovery.reads
async def property_values(
    session: Session,
    property_name: Annotated[str, Field(min_length=1, description="Property, e.g. 'country'.")],
    event: Annotated[EventName, Field(description="Only values on this event.")] | None = None,
    limit: Limit = 100,
) -> list[str]:
    """List the most frequent values of an event property, e.g. before filtering on it.

    Values come as text. Cached for the session. Query API: GET events/properties/values.
    """

    async def ask() -> list[str]:
        values = await session.query.get(
            "events/properties/values", name=property_name, limit=limit, event=event or None
        )
        return [str(value) for value in _list(values)]

    return await session.remember(values_key(property_name, event, limit), ask)


@discovery.reads
async def funnels(session: Session) -> list[FunnelInfo]:
    """List the saved funnels by name, each with the id to run it by.

    Cached for the session. Query API: GET funnels/list.
    """

    async def ask() -> list[FunnelInfo]:
        found = read(_list(await session.query.get("funnels/list")), list[FunnelInfo])
        return sorted(found, key=lambda funnel: funnel.name)

    return await session.remember(("funnels",), ask)


@discovery.reads
async def subproperties(
    session: Session,
    property_name: Annotated[str, Field(min_length=1, description="Property, e.g. 'cart'.")],
    event: Annotated[EventName, Field(description="Only values on this event.")] | None = None,
    sample_size: Annotated[int, Field(ge=1, description="Values to look at.")] = 50,
) -> SubProperties:
    """List the keys inside a property that holds objects or lists of objects, with their types.

    Told from a sample of its values, so rare keys may be missing. Returns name, type and some
    values. Query API: GET events/properties/values.
    """
    return subproperties_in(await property_values(session, property_name, event, sample_size))


@discovery.reads
async def cohorts(session: Session) -> list[SavedCohort]:
    """List the saved cohorts by name, with id and number of people.

    The ids filter and break down queries. Cached for the session. Query API: POST cohorts/list.
    """

    async def ask() -> list[SavedCohort]:
        answer = await session.query.post("cohorts/list", None, in_query=True)
        return sorted(read(_list(answer), list[SavedCohort]), key=lambda cohort: cohort.name)

    return await session.remember(("cohorts",), ask)


@discovery.reads
async def list_bookmarks(
    session: Session,
    bookmark_type: Annotated[BookmarkType, Field(description="Only reports of this type.")]
    | None = None,
) -> list[BookmarkInfo]:
    """List the saved reports by id, name, type and dates, without their queries.

    list_bookmarks_v2 tells more of each. App API: GET bookmarks.
    """
    query = {"v": 2, "type": bookmark_type, "project_id": session.project_id}
    answer = await session.app.at_project.raw("GET", "bookmarks", {**query, **_ORIGIN})
    return read(_list(unwrap(answer)), list[BookmarkInfo])


@discovery.reads
async def lexicon_schemas(
    session: Session, entity_type: LexiconKind | None = None
) -> list[LexiconSchema]:
    """List the documented events and profiles: description, properties, tags, owners.

    Cached for the session. App API: GET schemas/{entity_type}.
    """

    async def ask() -> list[LexiconSchema]:
        path = f"schemas/{entity_type}" if entity_type else "schemas"
        answer = await session.app.at_project.raw("GET", path, dict(_ORIGIN))
        found = read(_list(answer), list[LexiconSchema])
        return sorted(found, key=lambda schema: (schema.entity_type, schema.name))

    return await session.remember(("schemas", entity_type), ask)


@discovery.reads
async def lexicon_schema(
    session: Session,
    entity_type: LexiconKind,
    name: Annotated[str, Field(min_length=1, description="Event name; $user for profiles.")],
) -> LexiconSchema:
    """Show how one event, or the profiles, are documented: description, properties, tags, owners.

    Cached for the session. App API: GET schemas/{entity_type}.
    """

    async def ask() -> LexiconSchema:
        query = {"entity_name": name, **_ORIGIN}
        answer = await session.app.at_project.raw("GET", f"schemas/{entity_type}", query)
        if answer == []:
            raise QueryError(
                f"name: no schema documents the {entity_type} {name!r}. `lexicon_schemas` lists "
                "those that there are.",
                details={"field": "name"},
            )
        entry = _list(answer)[0] if _list(answer) else answer
        if isinstance(entry, dict) and "schemaJson" not in entry:
            entry = {"entityType": entity_type, "name": name, "schemaJson": entry}
        return read(entry, LexiconSchema)

    return await session.remember(("schema", entity_type, name), ask)


@discovery.writes(idempotent=True)
async def clear_discovery_cache(session: Session) -> None:
    """Forget what was found out about the project, so that the next calls ask Mixpanel again.

    For when events, properties or cohorts were changed elsewhere. Sends nothing.
    """
    session.forget()


@discovery.reads
async def top_events(
    session: Session,
    type: CountKind = "general",
    limit: Limit | None = None,
) -> list[TopEvent]:
    """List today's most frequent events and their change since yesterday.

    Returns event, count and percent_change (0.5 is +50 %). Query API: GET events/top.
    """
    answer = await session.query.get("events/top", type=type, limit=limit)
    rows = [
        {"event": row["event"], "count": row["amount"], "percent_change": row["percent_change"]}
        for row in _list(answer.get("events") if isinstance(answer, dict) else None)  # pyright: ignore
    ]
    return read(rows, list[TopEvent])


def events_key(
    session: Session,
    limit: int = _MANY_EVENTS,
    from_date: str | None = None,
    last: str | None = None,
) -> tuple[Any, ...]:
    """Where the answer of `events` is remembered, by default that of all events."""
    return ("events", limit, from_date, last or session.today().isoformat())


def values_key(property_name: str, event: str | None, limit: int) -> tuple[Any, ...]:
    """Where the answer of `property_values` is remembered."""
    return ("values", property_name, event, limit)


async def _names(session: Session, limit: int, from_date: str | None, last: str) -> list[str]:
    async def ask(first: str) -> list[str]:
        answer = await session.query.get(
            "events/names", type="general", limit=limit, from_date=first, to_date=last
        )
        return sorted(map(str, _list(answer)))

    try:
        return await ask(from_date or _BEGINNING)
    except QueryError as error:
        days = _LOOKBACK.search(error.message)
        if from_date or error.status_code != 403 or days is None:
            raise
        # The plan's look-back limit: the server says how far back it lets us ask.
        return await ask((session.today() - timedelta(days=int(days[1]))).isoformat())


async def _names_of(session: Session, event: str) -> list[str]:
    try:
        answer = await session.query.get("events/properties/top", event=event)
    except QueryError as error:
        if error.status_code != 400:
            raise
        known = await events(session)
        similar, near = similar_events(event, known), near_names(event, known)
        raise EventNotFoundError(event, similar, near) from error
    return sorted(map(str, answer)) if isinstance(answer, dict) else []  # pyright: ignore


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
