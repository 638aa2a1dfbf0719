"""Sessions: where they begin and end, and what their ends know."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox_client import Client, open_empty

from mixpanel_mcp_sandbox.calls import Call
from mixpanel_mcp_sandbox.properties import Property
from mixpanel_mcp_sandbox.scan import holdings
from mixpanel_mcp_sandbox.sessions import numbered, session_events


def event(time: str, name: str = "A", person: str = "u1", **properties: Any) -> dict[str, Any]:
    """Return an event of the second of February unless the time has a date."""
    moment = time if "-" in time else f"2026-02-02T{time}Z"
    return {"event": name, "distinct_id": person, "time": moment, "properties": properties}


def sessions(client: Client) -> list[int | None]:
    """Return the session of each event, by person and time."""
    return [row[0] for row in rows(client, "select session from {numbered} order by uid, t, seq")]


def rows(client: Client, statement: str, *owners: Property) -> list[tuple[Any, ...]]:
    """Return the rows of a statement over the numbered events."""
    store = client.sandbox.store
    with store.read() as database:
        held = holdings(Call(store, database, store.now()))
        zone = store.project.timezone
        relation = f"({numbered(held.rows(owners), held.hidden, zone, held.rest)})"
        return database.rows(statement.format(numbered=relation))


def ends(client: Client, name: str, names: Iterable[str]) -> dict[str, Any]:
    """Return the properties of the only event of an end, texts as they are shown."""
    owners = [Property(each) for each in names]
    columns = ", ".join(f"value_text({owner.column})" for owner in owners)
    statement = f"select {columns} from ({session_events(name, '{numbered}', owners)})"
    (values,) = rows(client, statement, *owners)
    return dict(zip(names, values, strict=True))


def test_a_rest_of_half_an_hour_ends_a_session(client: Client) -> None:
    """A millisecond less does not, and the rest is counted from event to event."""
    times = ("10:00:00", "10:29:59.999", "10:59:59", "11:29:59")
    client.load(event(time) for time in times)
    assert sessions(client) == [1, 1, 1, 2]


def test_a_session_ends_at_local_midnight() -> None:
    """Midnight is the project's: in New York it is five o'clock in London."""
    times = ("2026-02-02T23:59:00Z", "2026-02-03T00:01:00Z", "04:59:00", "05:01:00")
    with open_empty(timezone="America/New_York") as sandbox:
        client = Client(sandbox)
        client.load(event(time) for time in times)
        assert sessions(client) == [1, 2, 3, 3]


def test_hidden_events_and_nobody_have_no_session(client: Client) -> None:
    """They neither start nor extend one, and each person's sessions are counted from 1."""
    client.hide(["H"])
    client.load([event("10:00:00"), event("10:20:00", "H"), event("10:40:00")])
    client.load([event("10:00:00", person=""), event("10:05:00", "$identify")])
    assert sorted(sessions(client), key=str) == [1, 2, None, None, None]


def test_the_ends_of_a_session_know_its_course_and_its_visitor(client: Client) -> None:
    """What an event says of the visitor comes from the first that says anything."""
    client.load([event("10:00:00", "A", city="Oslo"), event("10:00:01", "B", utm_source="mail")])
    client.load([event("10:09:30.500", "C", utm_source="ad")])
    names = ["$duration_s", "$event_count", "$origin_start", "$origin_end", "utm_source", "city"]
    known = {"$duration_s": "570", "$event_count": "3", "$origin_start": "A", "$origin_end": "C"}
    for name in ("$session_start", "$session_end"):
        assert ends(client, name, names) == {**known, "utm_source": "mail", "city": "null"}
