"""A read-only server changes nothing, whichever way round its bounds a caller tries."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from mcp import Client, MCPError
from recorder import CREDENTIALS, Recorder, recording

import mixpanel_mcp_tools
from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_core.session import Session

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def read_only(**settings: Any) -> AsyncGenerator[tuple[Client, Recorder]]:
    """A client of a read-only server, and what its Mixpanel was asked."""
    async with recording() as recorder:
        environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
        async with Client(build(Settings(read_only=True, **settings), environ)) as client:
            yield client, recorder


@pytest.mark.parametrize("toolsets", [("core",), ("all",), ("dashboards", "ingestion")])
async def test_list_has_only_what_reads(toolsets: tuple[str, ...]) -> None:
    """Whatever toolsets are asked for, no tool that changes anything is offered."""
    async with read_only(toolsets=toolsets) as (client, _):
        tools = (await client.list_tools()).tools
        changing = [t.name for t in tools if not (t.annotations and t.annotations.read_only_hint)]
        assert (len(tools) > 4, changing) == (True, [])


async def test_tool_that_changes_is_unknown_even_if_it_is_asked_for() -> None:
    """Naming it among the tools to list does not bring it back."""
    async with read_only(tools=("delete_dashboard", "get_dashboard")) as (client, recorder):
        with pytest.raises(MCPError, match="Unknown tool: delete_dashboard"):
            await client.call_tool("delete_dashboard", {"dashboard_id": 1})
        assert recorder.requests == []


@pytest.mark.parametrize(
    ("operation", "arguments", "reason"),
    [
        ("delete_dashboard", {"dashboard_id": 1}, "delete_dashboard changes data and this server"),
        ("run_write_operation", {"operation": "delete_dashboard"}, "there is no operation"),
        ("import_events", {"events": []}, "import_events changes data and this server"),
    ],
)
async def test_dispatch_refuses_what_changes(
    operation: str, arguments: dict[str, Any], reason: str
) -> None:
    """The catalogue runs nothing that the list leaves out; nothing is sent."""
    async with read_only() as (client, recorder):
        call = {"operation": operation, "arguments": arguments}
        result = await client.call_tool("run_read_operation", call)
        assert result.is_error
        assert reason in getattr(result.content[0], "text", "")
        assert recorder.requests == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_client_sends_no_change_for_an_operation_that_says_it_reads(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operation that is declared wrongly is stopped where its request would leave."""

    async def get_dashboard(session: Session, dashboard_id: int) -> Any:
        return await session.app.raw(method, f"dashboards/{dashboard_id}", {})

    operations = mixpanel_mcp_tools.toolset("dashboards").operations
    wrong = replace(operations["get_dashboard"], call=get_dashboard)
    monkeypatch.setattr("mixpanel_mcp.binding.bound", _declared(wrong))
    async with read_only() as (client, recorder):
        result = await client.call_tool("get_dashboard", {"dashboard_id": 1})
        assert result.structured_content == {
            "error": {
                "type": "NotPermittedError",
                "code": "NOT_PERMITTED",
                "message": "This server is read-only: nothing was sent to Mixpanel.",
                "details": {},
            }
        }
        assert recorder.requests == []


def _declared(operation: Any) -> Any:
    from mixpanel_mcp.binding import Bound
    from mixpanel_mcp.parameters import parameters_of

    return lambda name: Bound(operation, parameters_of(operation))  # pyright: ignore
