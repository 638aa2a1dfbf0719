"""The catalogue: every operation found, described and run within the server's bounds."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client
from mcp.types import CallToolResult
from recorder import CREDENTIALS, Recorder, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.published import names, published
from mixpanel_mcp.search import ranked
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def client(recorder: Recorder, **settings: Any) -> AsyncGenerator[Client]:
    """A client of a server that takes the recorder for Mixpanel."""
    environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
    async with Client(build(Settings(**settings), environ)) as connected:
        yield connected


def text(result: CallToolResult) -> str:
    """A result's text."""
    return "".join(getattr(block, "text", "") for block in result.content)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("delete several dashboards", "bulk_delete_dashboards"),
        ("raw events export", "stream_events"),
        ("note a release on the charts", "create_annotation"),
        ("conversion funnel", "query_funnel"),
        ("import events", "import_events"),
        ("unpin board", "unpin_dashboard"),
        ("text card", "update_text_card"),
        ("values of a property", "property_values"),
    ],
)
def test_words_of_users_find_the_operation(words: str, first: str) -> None:
    """The best match comes first, also for words that Mixpanel does not use."""
    found = ranked([published(name) for name in names()], words)
    assert first in [each.name for each in found[:3]]


async def test_search_answers_name_toolset_effect_and_sentence() -> None:
    """One line an operation is enough to choose by."""
    async with recording() as recorder, client(recorder) as connected:
        result = await connected.call_tool("search_operations", {"words": "pin", "limit": 1})
    assert text(result).splitlines()[1] == (
        "pin_dashboard [dashboards, writes]: Pin a dashboard to the top of everybody's list."
    )


async def test_description_is_the_published_tool() -> None:
    """What is described is what would be listed."""
    async with recording() as recorder, client(recorder) as connected:
        result = await connected.call_tool("describe_operation", {"operation": "pin_dashboard"})
    assert json.loads(text(result)) == published("pin_dashboard").tool


async def test_run_goes_the_way_of_a_direct_call() -> None:
    """The same request leaves, and the same checks are made."""
    async with recording() as recorder, client(recorder, lookups=False) as connected:
        recorder.answers.append({"status": 200, "body": {"status": "ok", "results": {}}})
        arguments = {"operation": "pin_dashboard", "arguments": {"dashboard_id": "7"}}
        done = await connected.call_tool("run_write_operation", arguments)
        arguments = {"operation": "pin_dashboard", "arguments": {"dashbord_id": 7}}
        refused = await connected.call_tool("run_write_operation", arguments)
    assert "done" in text(done)
    assert [request.path for request in recorder.requests] == [
        "/api/app/projects/12345/dashboards/7/pin"
    ]
    assert refused.is_error
    assert "Did you mean 'dashboard_id'?" in text(refused)


async def test_words_and_operation_go_by_other_names_too() -> None:
    """Models call what they look for a query, and what they run by its name."""
    async with recording() as recorder, client(recorder) as connected:
        found = await connected.call_tool("search_operations", {"query": "pin", "limit": 1})
        told = await connected.call_tool("describe_operation", {"name": "pin_dashboard"})
    assert "pin_dashboard" in text(found)
    assert json.loads(text(told)) == published("pin_dashboard").tool


async def test_read_tool_refuses_what_changes() -> None:
    """A client that approves reading has not approved writing."""
    async with recording() as recorder, client(recorder) as connected:
        arguments = {"operation": "delete_dashboard", "arguments": {"dashboard_id": 7}}
        result = await connected.call_tool("run_read_operation", arguments)
    assert result.is_error
    assert text(result).startswith("NOT_PERMITTED: delete_dashboard changes data")
    assert recorder.requests == []


async def test_unknown_operation_is_answered_with_the_nearest() -> None:
    """A guess is corrected, not just refused."""
    async with recording() as recorder, client(recorder) as connected:
        arguments = {"operation": "delete_dashbord"}
        result = await connected.call_tool("describe_operation", arguments)
    assert "Nearest: delete_dashboard" in text(result)


async def test_read_only_server_lists_and_runs_nothing_that_changes() -> None:
    """Read-only holds in the list, in the catalogue and in the call."""
    async with recording() as recorder, client(recorder, read_only=True) as connected:
        listed = [tool.name for tool in (await connected.list_tools()).tools]
        arguments = {"operation": "pin_dashboard", "arguments": {"dashboard_id": 7}}
        result = await connected.call_tool("run_read_operation", arguments)
    assert "run_write_operation" not in listed
    assert "create_board" not in listed
    assert result.is_error
    assert recorder.requests == []
