"""What a preview shows of what no table of kinds knows: people, groups, events, rows, accounts.

Nothing of it goes into the journal, which keeps nobody's personal data.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from mixpanel_mcp_core.errors import APIError, MixpanelError
from mixpanel_mcp_core.models.changes import Thing
from mixpanel_mcp_core.queries.filters import Filter
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.changing.kinds import MOST_ROWS, Given, Image, image_of, run
from mixpanel_mcp_tools.changing.profiles_seen import (
    MOST_PROFILES,
    Data,
    groups,
    looked_up_in,
    name_in,
    people,
    profiles_found,
)
from mixpanel_mcp_tools.changing.told_as_arguments import lookup_table

_DAYS_COUNTED = 365


async def _events(session: Session, given: Given) -> Data:
    name, first, last = given["event_name"], given["from_date"], given["to_date"]
    asked = {"events": [name], "from_date": first, "to_date": last}
    counted = await run("live_query", "event_counts", session, **asked)
    count = sum(sum(days.values()) for days in counted.series.values())
    few = " at most, fewer by the filters" if given.get("filters") else ""
    return Data([Thing(kind="event", id=name, name=f"{count:,.0f} of {first} to {last}{few}")])


async def _erasure(session: Session, given: Given) -> Data:
    """The people named, of many the first, and how many events are theirs."""
    ids: list[str] = list(dict.fromkeys(given["distinct_ids"]))
    some = ids[:MOST_PROFILES]
    found = await profiles_found(session, some)
    things = [Thing(kind="person", id=each, name=name_in(found.get(each))) for each in ids]
    missing = [each for each in some if each not in found]
    none = [f"without a profile: {', '.join(missing)}"] if missing else []
    more = [f"looked up are the first {len(some)} of {len(ids):,}"] if len(some) < len(ids) else []
    notes = [looked_up_in(session), *more, *none, await _counted(session, some)]
    return Data(things, notes=notes)


async def _counted(session: Session, ids: Sequence[str]) -> str:
    own = Filter(property="$distinct_id", operator="equals", value=list(ids))
    asked = {"events": ["$all_events"], "where": [own], "mode": "total", "last": _DAYS_COUNTED}
    try:
        answer = await run("queries", "query", session, **asked)
    except APIError as error:
        # Who may ask to delete is not always who may query: the people are named all the same.
        if error.status_code not in (401, 403):
            raise
        return f"events not counted: {error.message}"
    count = sum(sum(each.values()) for each in answer.series.values())
    return f"{count:,.0f} events in the last {_DAYS_COUNTED} days are theirs"


async def _rows(session: Session, given: Given) -> Data:
    """The table that the ingestion host knows by a UUID, and how many rows go."""
    number = str(given["lookup_table_id"])
    known = await run("lookup_tables", "ingest_list_lookup_tables", session)
    name = next((each.name for each in known if str(each.id) == number), None)
    thing = Thing(kind="lookup table", id=number, name=name)
    if name is None:
        return Data([thing], notes=[f"not found: {number}"])
    listed = await run("governance", "list_lookup_tables", session)
    same = [each.id for each in listed if each.name == name]
    # Only the name joins the two lists of tables.
    if len(same) != 1:
        return Data([thing], notes=[f"rows not counted: {len(same)} tables are called {name!r}"])
    which = {"data_group_id": same[0], "limit": MOST_ROWS + 1}
    text = await run("governance", "download_lookup_table", session, **which)
    rows = len(lookup_table({"csv": text})["rows"] or ())
    count = f"more than {MOST_ROWS:,}" if rows > MOST_ROWS else f"{rows:,}"
    return Data([thing], notes=[f"rows that go: {count}"])


async def _service_account(session: Session, given: Given) -> Data:
    found = image_of(await run("service_accounts", "get_service_account", session, **given))
    try:
        members = await run("service_accounts", "list_project_service_accounts", session)
        role = next((image_of(each).get("role") for each in members if _is(each, found)), None)
        notes = [f"role in project {session.project_id}: {role or 'none'}"]
    except MixpanelError as error:
        notes = [f"role not read: {error.message}"]
    thing = Thing(kind="service account", id=found["id"], name=found["username"])
    return Data([thing], before=[found], notes=notes)


def _is(member: Any, account: Image) -> bool:
    return image_of(member).get("id") == account["id"]


DATA: Mapping[str, Callable[[Session, Given], Awaitable[Data]]] = {
    "create_deletion_request": _events,
    "gdpr_create_deletion": _erasure,
    "replace_lookup_table": _rows,
    "delete_service_account": _service_account,
}


async def data_seen(
    session: Session, operation: str, given: Given, request: Mapping[str, Any] | None
) -> Data | None:
    """Read what an operation on data would change; None where nothing of it can be shown."""
    seen = DATA.get(operation)
    updates = _updates(request) if request else []
    if seen is None and not updates:
        return None
    if not session.lookups:
        return Data(notes=["not read: lookups are off"])
    if seen is not None:
        return await seen(session, given)
    return await (groups if "$group_key" in updates[0] else people)(session, updates)


def _updates(request: Mapping[str, Any]) -> list[Image]:
    """The updates of profiles that a request sends, if it does."""
    path = str(request["url"]).rpartition("/")[2]
    body = request.get("body")
    return body if path in ("engage", "groups") and isinstance(body, list) else []
