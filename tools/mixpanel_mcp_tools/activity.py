"""The activity feed and its earlier form, the live queries that tell single events."""

import json
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field

from mixpanel_mcp_core.caller import given
from mixpanel_mcp_core.dates import check_range
from mixpanel_mcp_core.errors import QueryError
from mixpanel_mcp_core.fields import EventName, FromDate, ToDate
from mixpanel_mcp_core.models.activity import (
    Activity,
    ActivityAnswer,
    ActivityFeed,
    SearchedProperty,
)
from mixpanel_mcp_core.outcome import read
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.workspaces import resolve_workspace

_DAYS = 30

Users = Annotated[list[str], Field(min_length=1, description="Ids of the users.")]


async def activity_feed(
    session: Session,
    distinct_ids: Users,
    from_date: FromDate | None = None,
    to_date: ToDate | None = None,
    limit: Annotated[
        int | None, Field(ge=0, le=15_000, description="Most events of a page.")
    ] = None,
    include_events: Annotated[
        list[EventName] | None, Field(description="Only these events.")
    ] = None,
    exclude_events: Annotated[
        list[EventName] | None, Field(description="All events but these.")
    ] = None,
    sentinel_event: Annotated[
        dict[str, Any] | None,
        Field(description="That of the page before, unchanged, for the next page."),
    ] = None,
    paging_window: Annotated[
        int | None, Field(ge=1, le=30, description="Days that Mixpanel looks through at a time.")
    ] = None,
    search: Annotated[
        str | None, Field(description="Text in the event name, or in the search_properties.")
    ] = None,
    search_properties: Annotated[
        list[SearchedProperty] | None, Field(description="Properties to search instead of names.")
    ] = None,
    use_custom_events: Annotated[
        bool, Field(description="Whether custom events are known, too.")
    ] = False,
) -> ActivityFeed:
    """List what named users did, event by event, newest first: for one person's story.

    Without dates the last 30 days. Returns event, time, distinct_id and all properties, and a
    sentinel_event while there is more, at most 15,000 events in all; `stream_events` exports
    everybody's. include_events and exclude_events rule each other out. Query API: POST
    stream/bookmark.
    """
    check_range(from_date, to_date)
    if include_events and exclude_events:
        raise _refused("exclude_events", "cannot be given together with include_events; choose one")
    if search_properties and not search:
        raise _refused("search", "is needed where search_properties are given")
    body = {
        "project_id": session.project_id,
        "workspace_id": await resolve_workspace(session),
        "bookmark": {"dateRange": _date_range(from_date, to_date), "entries": []},
        "distinct_ids": distinct_ids,
        "mode": "raw",
        "limit": limit,
        "include_events": include_events or None,
        "exclude_events": exclude_events or None,
        "sentinel_event": sentinel_event,
        "paging_window": paging_window,
        "search": search,
        "search_properties": search_properties,
        "use_custom_events": use_custom_events or None,
    }
    answer = await session.query.post("stream/bookmark", given(**body))
    found = read(answer, ActivityAnswer).results
    return ActivityFeed(
        distinct_ids=distinct_ids,
        from_date=from_date,
        to_date=to_date,
        event_count=len(found.events),
        events=found.events,
        sentinel_event=found.sentinel_event,
    )


async def activity_feed_legacy(
    session: Session,
    distinct_ids: Users,
    from_date: FromDate | None = None,
    to_date: ToDate | None = None,
) -> Activity:
    """List what named users did, oldest first and all at once; prefer `activity_feed`.

    Mixpanel only maintains this earlier form. `activity_feed` tells the same newest first, page
    by page, and can choose events and search them. Without from_date the last 30 days up to
    to_date. Returns event, time, distinct_id and all properties. Query API: GET stream/query.
    """
    check_range(from_date, to_date)
    answer = await session.query.get(
        "stream/query", distinct_ids=json.dumps(distinct_ids), from_date=from_date, to_date=to_date
    )
    events = read(answer, ActivityAnswer).results.events
    return Activity(
        distinct_ids=distinct_ids,
        from_date=from_date,
        to_date=to_date,
        event_count=len(events),
        events=events,
    )


def _date_range(from_date: str | None, to_date: str | None) -> dict[str, Any]:
    if to_date:
        first = from_date or str(date.fromisoformat(to_date) - timedelta(days=_DAYS))
        return {"type": "between", "from": first, "to": to_date}
    if from_date:
        return {"type": "since", "from": from_date}
    return {"type": "relative_after", "window": {"unit": "day", "value": _DAYS}}


def _refused(field: str, sentence: str) -> QueryError:
    return QueryError(f"{field} {sentence}.", details={"status_code": 400, "field": field})
