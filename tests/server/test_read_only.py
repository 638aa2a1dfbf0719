"""A read-only server changes nothing, whichever way round its bounds a caller tries."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp.types import CallToolResult, PromptReference, ResourceTemplateReference
from processes import Mode
from recorder import CREDENTIALS, Recorder, recording

import mixpanel_mcp_tools
from mixpanel_mcp.app import build
from mixpanel_mcp.binding import Bound
from mixpanel_mcp.parameters import parameters_of
from mixpanel_mcp.published import names, published
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_core.guarded import let_through
from mixpanel_mcp_core.session import Session

pytestmark = pytest.mark.anyio

CHANGING = [name for name in names() if not published(name).read_only]
both_eras = pytest.mark.parametrize("mode", ["legacy", "auto"])


@asynccontextmanager
async def read_only(
    mode: Mode = "auto", **settings: Any
) -> AsyncGenerator[tuple[Client, Recorder]]:
    """A client of a read-only server, and what its Mixpanel was asked."""
    async with recording() as recorder:
        environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
        server = build(Settings(read_only=True, **settings), environ)
        async with Client(server, mode=mode) as client:
            yield client, recorder


def refusal(result: CallToolResult) -> str:
    """What an error says."""
    assert result.is_error, result.content
    return getattr(result.content[0], "text", "")


@pytest.mark.parametrize(
    ("mode", "toolsets"),
    [("legacy", ("core",)), ("auto", ("all",)), ("auto", ("dashboards", "ingestion"))],
)
async def test_list_has_only_what_reads(mode: Mode, toolsets: tuple[str, ...]) -> None:
    """Whatever toolsets are asked for, no tool that changes anything is offered."""
    async with read_only(mode, toolsets=toolsets) as (client, _):
        tools = (await client.list_tools()).tools
        changing = [t.name for t in tools if not (t.annotations and t.annotations.read_only_hint)]
        assert (len(tools) > 4, changing) == (True, [])


async def test_no_tool_that_changes_runs_by_its_name() -> None:
    """Not one of them, called directly, nor by the tool that runs what is not listed."""
    async with read_only() as (client, recorder):
        for name in CHANGING:
            with pytest.raises(MCPError, match=f"Unknown tool: {name}"):
                await client.call_tool(name, {})
            result = await client.call_tool("run_read_operation", {"operation": name})
            assert f"{name} changes data and this server is read-only" in refusal(result)
        assert recorder.requests == []
    assert len(CHANGING) > 140


async def test_tool_that_changes_is_unknown_even_if_it_is_asked_for() -> None:
    """Naming it among the tools to list does not bring it back."""
    async with read_only(tools=("delete_dashboard", "get_dashboard")) as (client, recorder):
        with pytest.raises(MCPError, match="Unknown tool: delete_dashboard"):
            await client.call_tool("delete_dashboard", {"dashboard_id": 1})
        assert recorder.requests == []


@both_eras
async def test_no_other_tool_runs_what_changes(mode: Mode) -> None:
    """Tools that take another one's name take none that changes something; nothing is sent."""
    board = {"operation": "delete_dashboard", "arguments": {"dashboard_id": 1, "confirm": "yes"}}
    undo = {"operation": "undo_change", "arguments": {"change_id": "c1"}}
    across = {"tool": "delete_dashboard", "targets": ["/1", "/2"], "arguments": {}}
    tries: list[tuple[str, dict[str, Any]]] = [
        ("run_read_operation", {"operation": "run_write_operation", "arguments": board}),
        ("run_read_operation", undo),
        ("describe_operation", {"operation": "delete_dashboard"}),
        ("preview_change", board),
        ("query_targets", across),
        ("draw_chart", {"tool": "create_bookmark", "arguments": {"name": "x"}}),
    ]
    toolsets = ("core", "changes", "targets", "compositions")
    async with read_only(mode, toolsets=toolsets) as (client, recorder):
        for tool, arguments in tries:
            refusal(await client.call_tool(tool, arguments))
        assert recorder.requests == []


@both_eras
async def test_names_of_tools_are_only_names_elsewhere(mode: Mode) -> None:
    """In a resource, a prompt or a completion they run nothing."""
    name = "delete_dashboard"
    async with read_only(mode) as (client, recorder):
        for kind in ("events", "properties", "reports", "dashboards", "lexicon"):
            with pytest.raises(MCPError):
                await client.read_resource(f"mixpanel://{kind}/{name}")
        filled = await client.get_prompt("dashboard-from-question", {"question": f"{name} 1"})
        assert "may not run, so leave out: create_board" in str(filled.messages[0].content)
        for ref in (
            PromptReference(type="ref/prompt", name="explore-project"),
            ResourceTemplateReference(type="ref/resource", uri="mixpanel://events/{event}"),
        ):
            await client.complete(ref, {"name": "event", "value": name})
        assert {each.method for each in recorder.requests} == {"GET"}


Send = Callable[[Session], Any]


@pytest.mark.parametrize(
    "send",
    [
        lambda session: session.app.raw("POST", "dashboards", {}),
        lambda session: session.app.raw("PUT", "dashboards/1", {}),
        lambda session: session.app.raw("PATCH", "dashboards/1", {}),
        lambda session: session.app.raw("DELETE", "dashboards/1", {}),
        lambda session: session.app.at_project.delete("dashboards/1"),
        lambda session: session.ingest.records("/track", [{}]),
        lambda session: session.ingest.form("/track", {}),
        lambda session: session.ingest.put_csv("/lookup-tables/1", b"a"),
        lambda session: replace(session, on_change=let_through).app.raw("DELETE", "x", {}),
        lambda session: session.in_workspace(3).app.raw("DELETE", "x", {}),
    ],
)
async def test_client_sends_no_change_for_an_operation_that_says_it_reads(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operation that is declared wrongly is stopped where its request would leave."""

    async def get_dashboard(session: Session, dashboard_id: int) -> Any:
        return await send(session)

    operations = mixpanel_mcp_tools.toolset("dashboards").operations
    wrong = replace(operations["get_dashboard"], call=get_dashboard)
    bound = Bound(wrong, parameters_of(wrong))
    monkeypatch.setattr("mixpanel_mcp.binding.bound", lambda _: bound)  # pyright: ignore
    async with read_only(tools=("get_dashboard",)) as (client, recorder):
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


def contents(home: Path) -> dict[Path, bytes]:
    """Every file in a home."""
    return {each: each.read_bytes() for each in home.rglob("*") if each.is_file()}


async def test_accounts_of_this_machine_stay_as_they_are(tmp_path: Path) -> None:
    """Tools that look at them write nothing, not even what a call learns by the way."""
    environ = {"HOME": str(tmp_path), "MP_API_BASE_URL": "http://127.0.0.1:9"}
    config = tmp_path / ".mp/config.toml"
    config.parent.mkdir(0o700)
    config.touch(0o600)
    config.write_text('[accounts.a]\ntype = "oauth_token"\nregion = "us"\ntoken = "token-of-a"\n')
    before = contents(tmp_path)
    toolsets = ("session", "accounts", "targets")
    async with Client(build(Settings(read_only=True, toolsets=toolsets), environ)) as client:
        for tool in (await client.list_tools()).tools:
            if not tool.input_schema.get("required"):
                await client.call_tool(tool.name, {})
    assert contents(tmp_path) == before
