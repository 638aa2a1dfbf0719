"""Undoing when things go wrong around it: asked twice at once, given up, not told what was left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import count
from time import time
from typing import Any

import pytest
from desk import Desk, desk_with

from mixpanel_mcp_tools.changing import journaling
from mixpanel_mcp_tools.changing.history import History

pytestmark = pytest.mark.anyio

NOTE = {"date": "2026-01-01 00:00:00", "description": "Release"}
TOOLS = (
    *("create_annotation", "update_annotation", "delete_annotation", "list_annotations"),
    *("create_schema", "delete_schemas", "import_events"),
    *("bulk_update_event_definitions", "delete_event_definition", "get_event_definitions"),
    *("undo_change", "list_changes"),
)
NOW = int(time())
BUY = {"entity_type": "event", "entity_name": "Buy", "schema_json": {"properties": {}}}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for all tests, which share a server."""
    return "asyncio"


@pytest.fixture(scope="module")
async def desk(anyio_backend: str) -> AsyncIterator[Desk]:
    """All tests' desk."""
    numbers = count()
    async with desk_with(tools=TOOLS, slug=lambda: str(next(numbers))) as opened:
        yield opened


async def test_change_that_is_undone_twice_at_once_is_undone_once(desk: Desk) -> None:
    """Of two calls one makes anew what was deleted, and the other is told so."""
    note = await desk.does("create_annotation", **NOTE)
    await desk.does("delete_annotation", annotation_id=note["id"])
    call = {"change_id": await desk.last()}
    both = await asyncio.gather(*(desk.client.call_tool("undo_change", call) for _ in range(2)))
    assert sorted(each.is_error for each in both) == [False, True]
    assert [each["description"] for each in await desk.does("list_annotations")] == ["Release"]


async def test_list_says_of_schemas_that_were_added_that_they_are_undone(desk: Desk) -> None:
    """All of them, and no rest."""
    await desk.does("create_schema", **BUY)
    creation = await desk.last()
    await desk.does("undo_change", change_id=creation)
    undoing, change = (await desk.does("list_changes", limit=2))["changes"]
    assert (change["id"], change["undo"]) == (creation, f"undone by {undoing['id']}")


async def test_definition_of_too_many_to_be_read_is_not_taken_for_a_new_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Undoing leaves alone what nobody looked at before the change."""
    monkeypatch.setattr(journaling, "_MOST_KEPT", 1)
    names = ["First", "Second"]
    seen = [{"event": name, "properties": {"time": NOW, "distinct_id": "ann"}} for name in names]
    await desk.does("import_events", events=seen)
    for hidden in (False, True):
        events = [{"name": name, "hidden": hidden} for name in names]
        await desk.does("bulk_update_event_definitions", events=events)
    undone = await desk.does("undo_change", change_id=await desk.last())
    assert undone["did"] == ["bulk_update_event_definitions"]
    assert undone["not_restored"] == ["event definition Second: what was there before is not known"]
    now = await desk.does("get_event_definitions", names=names)
    assert {each["name"]: each["hidden"] for each in now} == {"First": False, "Second": True}


@pytest.mark.parametrize("end", [asyncio.CancelledError, KeyError])
async def test_change_that_was_made_is_done_whatever_came_after_it(
    end: type[BaseException], desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given up, or not understood, while its answer was looked at: the journal says that it is."""

    async def broken(*_: Any) -> Any:
        raise end

    monkeypatch.setattr(journaling, "_left", broken)
    result: Any = None
    with suppress(asyncio.CancelledError):
        result = await desk.client.call_tool("create_annotation", NOTE)
    assert (result is not None and not result.is_error) == (end is KeyError)
    session = await desk.session()
    assert session.journal is not None
    assert History(session.journal.lines()).changes[-1].outcome == "done"
