"""What a preview shows of data that no table of kinds knows: people's profiles, and events.

Nothing of it goes into the journal, which keeps nobody's personal data.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import mixpanel_mcp_tools
from mixpanel_mcp_core.models.changes import FieldChange, Thing
from mixpanel_mcp_core.session import Session

Given = Mapping[str, Any]


class Data(NamedTuple):
    """The things concerned, the fields that change, what would be gone, and remarks."""

    things: list[Thing]
    changes: list[FieldChange]
    before: list[dict[str, Any]]
    notes: list[str]


async def _person(session: Session, operation: str, given: Given) -> Data:
    distinct_id = given["distinct_id"]
    found = await _run("queries", "query_user", session, mode="profiles", distinct_id=distinct_id)
    now = found.profiles[0]["properties"] if found.profiles else None
    name = (now or {}).get("$name") or (now or {}).get("$email")
    person = Thing(kind="person", id=distinct_id, name=name if isinstance(name, str) else None)
    notes = [f"looked up in project {session.project_id}; the token says in which it changes"]
    if now is None:
        notes.append(f"not found: {distinct_id}")
    after = _after(operation, given, now or {})
    changes = [
        FieldChange(thing=person.words(), field=field, before=(now or {}).get(field), after=value)
        for field, value in after.items()
        if (now or {}).get(field) != value
    ]
    gone = [now] if now and operation == "profile_delete" else []
    return Data([person], changes, gone, notes)


def _after(operation: str, given: Given, now: Given) -> dict[str, Any]:
    """The properties that are set or removed, as they will be."""
    values: Given = given.get("values") or {}
    match operation:
        case "profile_set":
            return dict(values)
        case "profile_set_once":
            return {name: value for name, value in values.items() if name not in now}
        case "profile_unset":
            return dict.fromkeys(given["property_names"])
        case _:
            return {}


async def _events(session: Session, operation: str, given: Given) -> Data:
    name, first, last = given["event_name"], given["from_date"], given["to_date"]
    asked = {"events": [name], "from_date": first, "to_date": last}
    counted = await _run("live_query", "event_counts", session, **asked)
    count = sum(sum(days.values()) for days in counted.series.values())
    few = " at most, fewer by the filters" if given.get("filters") else ""
    thing = Thing(kind="event", id=name, name=f"{count:,.0f} of {first} to {last}{few}")
    return Data([thing], [], [], [])


_SEEN: Mapping[str, Callable[[Session, str, Given], Awaitable[Data]]] = {
    "profile_set": _person,
    "profile_set_once": _person,
    "profile_unset": _person,
    "profile_delete": _person,
    "create_deletion_request": _events,
}


async def data_seen(session: Session, operation: str, given: Given) -> Data | None:
    """Read what an operation on data would change; None where nothing of it can be shown."""
    seen = _SEEN.get(operation)
    return await seen(session, operation, given) if seen and session.lookups else None


async def _run(toolset: str, read: str, session: Session, **query: Any) -> Any:
    return await mixpanel_mcp_tools.toolset(toolset).operations[read].call(session, **query)
