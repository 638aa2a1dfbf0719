"""Every operation that changes something is restored, or says why not: tried one by one."""

import os
from collections.abc import AsyncIterator
from itertools import count
from typing import Any, NamedTuple

import pytest
from changes_to_undo import GROUPS, Call, Group, Made
from job_client import told
from mcp import Client
from processes import away

from mixpanel_mcp.app import build
from mixpanel_mcp.binding import bound
from mixpanel_mcp.published import names, published
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.forms import put_signed
from mixpanel_mcp_core.plain import plain
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.changing.ways_back import way_back
from mixpanel_mcp_tools.governance.lookup_tables import get_lookup_upload_url

pytestmark = pytest.mark.anyio

WAYS = {
    name: way_back(name, toolset)
    for name, toolset in names().items()
    if not published(name).tool["annotations"]["readOnlyHint"]
}
NUMBERS = count()
LOOK_UP: Call = ("list_lookup_tables", {})
MARK_READY = "mark_lookup_table_ready"
# What groups began with and was undone in the end.
UNDONE: set[str] = set()
# Only the demo has anomalies.
ELSEWHERE = {"update_anomaly", "bulk_update_anomalies"}
# What differs between a thing and the same one made anew, or set back: ids, dates, who did it.
VOLATILE = (
    *("id", "created", "modified", "updated", "last_", "lastModified", "enabled_at"),
    *("new_content", "hash_salt", "custom_property_id", "layout", "token"),
)
SINCE = ("pinned_date", "deleted")


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


class Desk(NamedTuple):
    """A client, and the session in which it is seen what is there."""

    client: Client
    session: Session


@pytest.fixture(scope="module")
async def shared(
    anyio_backend: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    """A client of a server on one empty sandbox for all, whose changes are made at once."""
    files = tmp_path_factory.mktemp("files")
    (files / "two.csv").write_text("sku,brand\nP1,Birch\n", "utf-8")
    # All others are run by their names: to describe hundreds of tools takes longer than that.
    settings = Settings(
        sandbox="empty",
        toolsets=("changes",),
        confirm="never",
        cache=False,
        result_format="json",
        ledger="off",
        files=files,
    )
    sessions = Sessions(settings, away(), slug=lambda: str(next(NUMBERS)))
    with pytest.MonkeyPatch.context() as patch:
        # Nobody pulls the plug here.
        patch.setattr(os, "fsync", lambda _: None)
        async with Client(build(settings, away(), sessions=sessions)) as client:
            yield Desk(client, await sessions.session())


@pytest.fixture
def desk(shared: Desk) -> Desk:
    """A journal without the changes of other tests, which would be read again and again."""
    journal = shared.session.journal
    assert journal is not None
    journal.path.unlink(missing_ok=True)
    return shared


def asked(call: Call, made: Made) -> dict[str, Any]:
    """The arguments of a call."""
    _, given = call
    return dict(given(made) if callable(given) else given)


async def seen(desk: Desk, call: Call, made: Made) -> Any:
    """What a call shows; where there is nothing yet, that is a state too."""
    try:
        return plain(await bound(call[0]).operation.call(desk.session, **asked(call, made)))
    except MixpanelError:
        return None


def lasting(value: Any) -> Any:
    """A state without what is never twice the same."""
    if isinstance(value, dict):
        if all(key.isdigit() for key in value):
            return [lasting(each) for each in value.values()]
        since = {name: bool(value[name]) for name in SINCE if name in value}
        return {k: lasting(v) for k, v in value.items() if not k.startswith(VOLATILE)} | since
    return [lasting(each) for each in value] if isinstance(value, list) else value or None


async def state(desk: Desk, group: Group, made: Made) -> Any:
    """What there is of the things of a group."""
    return [lasting(await seen(desk, call, made)) for call in group.look]


async def change(desk: Desk, call: Call, made: Made) -> str:
    """The id of a change, which is the last one that was given."""
    arguments = {"operation": call[0], "arguments": asked(call, made)}
    made.append(await told(desk.client, "run_write_operation", **arguments))
    return f"c{next(NUMBERS) - 1}"


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.changes[0][0])
async def test_what_is_changed_and_undone_is_as_it_was(group: Group, desk: Desk) -> None:
    """Each change is gone from the state, and in the end what was made.

    Undoing refuses where the state is as it was before: each change has changed something.
    """
    made: Made = []
    nothing = await seen(desk, group.look[0], made)
    first = [(call[0], await change(desk, call, made)) for call in group.first]
    before = await state(desk, group, made)
    assert None not in before
    for call in group.changes:
        last = await change(desk, call, made)
        undone = await told(desk.client, "undo_change", change_id=last)
        if undone["new_ids"] and isinstance(made[len(first) - 1], dict):
            made[len(first) - 1]["id"] = undone["new_ids"][0]
        assert await state(desk, group, made) == before, call
    back = [(name, each) for name, each in first if WAYS[name].how != "not"]
    # Once is enough for what many groups begin with.
    if {name for name, _ in back} - UNDONE:
        for _, each in reversed(back):
            # What came back in the place of something else is other work, as far as one can tell.
            await told(desk.client, "undo_change", change_id=each, overwrite=True)
        UNDONE.update(name for name, _ in back)
        if back == first:
            assert await seen(desk, group.look[0], made) == nothing


async def test_table_of_a_file_that_was_put_elsewhere_is_undone(desk: Desk) -> None:
    """The file is put to its address by whoever has it; then a table is made of it."""
    nothing = await seen(desk, LOOK_UP, [])
    place = await get_lookup_upload_url(desk.session)
    await put_signed(desk.session.app, place.url, b"sku,brand\nP1,Birch\n", "text/csv")
    ready: Call = (MARK_READY, {"name": "Brands", "key": place.key})
    last = await change(desk, ready, [])
    assert await seen(desk, LOOK_UP, []) != nothing
    assert (await told(desk.client, "undo_change", change_id=last))["did"] == [
        "delete_lookup_tables"
    ]
    assert await seen(desk, LOOK_UP, []) == nothing


def test_every_operation_that_changes_something_says_whether_there_is_a_way_back() -> None:
    """One that nobody has thought of fails here; where there is none, it says why."""
    assert [name for name, way in WAYS.items() if way.how == "unknown"] == []
    assert [name for name, way in WAYS.items() if way.how != "restored" and not way.why] == []


def test_every_way_back_is_tried() -> None:
    """All that is called restored, wholly or in part, is changed and undone above."""
    tried = (
        ELSEWHERE
        | {MARK_READY}
        | {call[0] for group in GROUPS for call in (*group.first, *group.changes)}
    )
    assert sorted({n for n, way in WAYS.items() if way.how in ("restored", "partly")} - tried) == []
