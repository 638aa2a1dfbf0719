"""Every operation that changes something is restored, or says why not: tried one by one."""

import json
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest
from changes_to_undo import GROUPS, Call, Group, Made
from job_client import told
from mcp import Client
from processes import away

from mixpanel_mcp.app import build
from mixpanel_mcp.published import names, published
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_tools.changing.ways_back import way_back

pytestmark = pytest.mark.anyio

WAYS = {
    name: way_back(name, toolset)
    for name, toolset in names().items()
    if not published(name).tool["annotations"]["readOnlyHint"]
}
NUMBERS = count()
# What groups began with and was undone in the end.
UNDONE: set[str] = set()
# Only the demo has anomalies, and files are put to signed addresses by others; one is a template.
ELSEWHERE = {
    "update_anomaly",
    "bulk_update_anomalies",
    "mark_lookup_table_ready",
    "create_rca_dashboard",
}
# What differs between a thing and the same one made anew, or set back: ids, dates, who did it.
VOLATILE = (
    *("id", "created", "modified", "updated", "last_", "lastModified", "enabled_at"),
    *("new_content", "hash_salt", "custom_property_id", "layout", "token"),
)
SINCE = ("pinned_date", "deleted")


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def client(
    anyio_backend: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Client]:
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
    async with Client(build(settings, away(), sessions=sessions)) as connected:
        yield connected


async def run(client: Client, call: Call, made: Made) -> Any:
    """The answer to a call."""
    name, given = call
    asked = dict(given(made) if callable(given) else given)
    reads = published(name).tool["annotations"]["readOnlyHint"]
    runner = "run_read_operation" if reads else "run_write_operation"
    if not reads:
        return await told(client, runner, operation=name, arguments=asked)
    result = await client.call_tool(runner, {"operation": name, "arguments": asked})
    # Where there is nothing yet, that is a state too.
    return None if result.is_error else json.loads(getattr(result.content[0], "text", ""))["result"]


def lasting(value: Any) -> Any:
    """A state without what is never twice the same."""
    if isinstance(value, dict):
        if all(key.isdigit() for key in value):
            return [lasting(each) for each in value.values()]
        since = {name: bool(value[name]) for name in SINCE if name in value}
        return {k: lasting(v) for k, v in value.items() if not k.startswith(VOLATILE)} | since
    return [lasting(each) for each in value] if isinstance(value, list) else value or None


async def state(client: Client, group: Group, made: Made) -> Any:
    """What there is of the things of a group."""
    return [lasting(await run(client, call, made)) for call in group.look]


async def change(client: Client, call: Call, made: Made) -> str:
    """The id of a change, which is the last one that was given."""
    made.append(await run(client, call, made))
    return f"c{next(NUMBERS) - 1}"


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.changes[0][0])
async def test_what_is_changed_and_undone_is_as_it_was(group: Group, client: Client) -> None:
    """Each change is gone from the state, and in the end what was made.

    Undoing refuses where the state is as it was before: each change has changed something.
    """
    made: Made = []
    nothing = await run(client, group.look[0], made)
    first = [(call[0], await change(client, call, made)) for call in group.first]
    before = await state(client, group, made)
    assert None not in before
    for call in group.changes:
        last = await change(client, call, made)
        undone = await told(client, "undo_change", change_id=last)
        if undone["new_ids"] and isinstance(made[len(first) - 1], dict):
            made[len(first) - 1]["id"] = undone["new_ids"][0]
        assert await state(client, group, made) == before, call
    back = [(name, each) for name, each in first if WAYS[name].how != "not"]
    # Once is enough for what many groups begin with.
    if {name for name, _ in back} - UNDONE:
        for _, each in reversed(back):
            # What came back in the place of something else is other work, as far as one can tell.
            await told(client, "undo_change", change_id=each, overwrite=True)
        UNDONE.update(name for name, _ in back)
        if back == first:
            assert await run(client, group.look[0], made) == nothing


def test_every_operation_that_changes_something_says_whether_there_is_a_way_back() -> None:
    """One that nobody has thought of fails here; where there is none, it says why."""
    assert [name for name, way in WAYS.items() if way.how == "unknown"] == []
    assert [name for name, way in WAYS.items() if way.how != "restored" and not way.why] == []


def test_every_way_back_is_tried() -> None:
    """All that is called restored, wholly or in part, is changed and undone above."""
    tried = ELSEWHERE | {call[0] for group in GROUPS for call in (*group.first, *group.changes)}
    assert sorted({n for n, way in WAYS.items() if way.how in ("restored", "partly")} - tried) == []
