"""The protocol itself, in both of its eras: what the server says of itself, and how calls end."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from mcp import Client, MCPError
from processes import Mode, http_server, over_http, over_stdio

from mixpanel_mcp import __version__
from mixpanel_mcp.app import instructions
from mixpanel_mcp.listing import Listing
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

MODERN = "2026-07-28"
SERVER = {"name": "mixpanel-mcp", "title": "Mixpanel (unofficial)", "version": __version__}
FIXED = {"listChanged": False}
CAPABILITIES = {
    "completions": {},
    "prompts": FIXED,
    "tools": FIXED,
    "resources": {**FIXED, "subscribe": False},
}

CONNECTIONS: list[tuple[str, Mode]] = [
    ("stdio", "legacy"),
    ("stdio", "auto"),
    ("http", "legacy"),
    ("http", "auto"),
]
connections = pytest.mark.parametrize(("transport", "mode"), CONNECTIONS)


def connected(
    transport: str, mode: Mode, *arguments: str, env: dict[str, str] | None = None
) -> AbstractAsyncContextManager[Client]:
    """A client of a server process."""
    connect = over_stdio if transport == "stdio" else over_http
    return connect(arguments, mode=mode, env=env)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Where a server on an empty sandbox listens."""
    async with http_server(["--sandbox", "empty"]) as address:
        yield address


async def posted(
    url: str, method: str, params: dict[str, Any], headers: dict[str, str] | None = None
) -> httpx.Response:
    """The answer to one JSON-RPC request."""
    sent = {"Accept": "application/json, text/event-stream", **(headers or {})}
    body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        return await client.post(url, json=body, headers=sent)


async def modern(url: str, method: str, **params: Any) -> tuple[int, dict[str, Any]]:
    """The status and message that a request of the modern era is answered with."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": method}
    if "name" in params:
        headers["Mcp-Name"] = params["name"]
    answer = await posted(url, method, {**params, "_meta": meta}, headers)
    return answer.status_code, message_of(answer)


async def initialized(url: str, revision: str) -> httpx.Response:
    """The answer to a handshake that asks for a revision."""
    client = {"name": "test", "version": "1"}
    params = {"protocolVersion": revision, "capabilities": {}, "clientInfo": client}
    return await posted(url, "initialize", params)


def message_of(answer: httpx.Response) -> dict[str, Any]:
    """The one message of a JSON answer or an event stream."""
    if answer.headers["content-type"] == "application/json":
        return answer.json()
    data = [line[5:] for line in answer.text.splitlines() if line.startswith("data:")]
    (message,) = [json.loads(each) for each in data if each.strip()]
    return message


async def test_server_is_described_without_a_handshake(url: str) -> None:
    """`server/discover` names the revision, the lists that do not change, and the server."""
    status, message = await modern(url, "server/discover")
    assert status == 200
    assert message["result"] == {
        "resultType": "complete",
        "supportedVersions": [MODERN],
        "capabilities": {**CAPABILITIES, "extensions": {"io.modelcontextprotocol/ui": {}}},
        "instructions": instructions(Listing(Settings(sandbox="empty")), sandbox=True),
        "ttlMs": 0,
        "cacheScope": "private",
        "_meta": {"io.modelcontextprotocol/serverInfo": SERVER},
    }


async def test_lists_say_how_long_they_hold(url: str) -> None:
    """They are fixed while the server runs: a client need not ask again and again."""
    lists = {"tools": "tools", "prompts": "prompts", "resources": "resources"}
    for items, method in {**lists, "resourceTemplates": "resources/templates"}.items():
        status, message = await modern(url, f"{method}/list")
        assert message["result"].pop(items)
        assert (status, message["result"]) == (
            200,
            {
                "resultType": "complete",
                "ttlMs": 300_000,
                "cacheScope": "public",
                "_meta": {"io.modelcontextprotocol/serverInfo": SERVER},
            },
        )


async def test_methods_of_the_handshake_are_not_found_in_the_modern_era(url: str) -> None:
    """404 and -32601, as the revision wants."""
    for method in ("initialize", "ping"):
        status, message = await modern(url, method)
        assert (method, status, message["error"]["code"]) == (method, 404, -32601)


async def test_ping_is_answered_with_nothing_in_a_session(url: str) -> None:
    """Clients of the handshake ping to see whether the server lives."""
    session = (await initialized(url, "2025-11-25")).headers["mcp-session-id"]
    answer = await posted(url, "ping", {}, {"Mcp-Session-Id": session})
    assert (answer.status_code, message_of(answer)["result"]) == (200, {})


async def test_handshake_settles_on_a_revision_that_both_know(url: str) -> None:
    """A known revision is kept; an unknown one, or one without handshake, becomes the newest."""
    settled: dict[str, str] = {}
    for asked in ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", MODERN, "1999-01-01"):
        result = message_of(await initialized(url, asked))["result"]
        assert (result["serverInfo"], result["capabilities"]) == (SERVER, CAPABILITIES)
        settled[asked] = result["protocolVersion"]
    assert settled == {
        "2024-11-05": "2024-11-05",
        "2025-03-26": "2025-03-26",
        "2025-06-18": "2025-06-18",
        "2025-11-25": "2025-11-25",
        MODERN: "2025-11-25",
        "1999-01-01": "2025-11-25",
    }


@pytest.mark.parametrize("toolsets", [("core",), ("all",)])
@pytest.mark.parametrize("sandbox", [True, False])
def test_instructions_are_read_to_their_end(toolsets: tuple[str, ...], sandbox: bool) -> None:
    """Claude Code cuts them at 2,048 characters; another sentence fits in still."""
    assert len(instructions(Listing(Settings(toolsets=toolsets)), sandbox)) < 2000


@pytest.mark.parametrize(
    ("chosen", "told"), [(None, True), ("demo", True), ("empty", False), ("own.duckdb", False)]
)
def test_demo_shop_is_named_where_it_is(chosen: str | None, told: bool) -> None:
    """A model is not told of data that an empty or a saved sandbox does not hold."""
    text = instructions(Listing(Settings(sandbox=chosen)), sandbox=True)
    assert ("Northwind Trail" in text) is told


@connections
async def test_unknown_name_is_a_protocol_error_that_tells_it(transport: str, mode: Mode) -> None:
    """-32602 with the name of the tool or prompt, and the connection lives on."""
    async with connected(transport, mode, "--sandbox", "empty") as client:
        with pytest.raises(MCPError) as tool:
            await client.call_tool("nothing", {})
        with pytest.raises(MCPError) as prompt:
            await client.get_prompt("nothing", {})
        assert (await client.list_tools()).tools
    errors = [raised.value.error for raised in (tool, prompt)]
    assert [(error.code, error.message, error.data) for error in errors] == [
        (-32602, "Unknown tool: nothing", {"tool": "nothing"}),
        (-32602, "Unknown prompt: nothing", {"prompt": "nothing"}),
    ]


async def test_call_without_a_name_is_refused_as_malformed(url: str) -> None:
    """-32602, and no talk of a tool called None."""
    status, message = await modern(url, "tools/call", arguments={})
    assert (status, message["error"]["code"]) == (400, -32602)
    assert "None" not in message["error"]["message"]


@connections
async def test_import_reports_its_progress(transport: str, mode: Mode) -> None:
    """One report a batch of 2,000 events, each with a sentence; the last one says all."""
    reports: list[tuple[float, float | None, str | None]] = []

    async def report(progress: float, total: float | None, message: str | None) -> None:
        reports.append((progress, total, message))

    event = {"event": "Ping", "properties": {"time": 1780000000, "distinct_id": "u"}}
    arguments = {"events": [event] * 4001, "gzip": False}
    options = ("--sandbox", "empty", "--toolsets", "all")
    async with connected(transport, mode, *options) as client:
        result = await client.call_tool("import_events", arguments, progress_callback=report)
    assert not result.is_error
    assert reports == [
        (2000, 4001, "2,000 of 4,001 events sent"),
        (4000, 4001, "4,000 of 4,001 events sent"),
        (4001, 4001, "4,001 of 4,001 events sent"),
    ]


@connections
async def test_cancelled_call_hangs_up_on_mixpanel(transport: str, mode: Mode) -> None:
    """The request that nobody waits for ends at once, and the next call is answered."""
    asked, hung_up = asyncio.Event(), asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()
        hung_up.set()
        writer.close()

    mixpanel = await asyncio.start_server(silent, "127.0.0.1", 0)
    env = {
        "MP_USERNAME": "sa.user",
        "MP_SECRET": "hunter2-secret",
        "MP_PROJECT_ID": "1",
        "MP_REGION": "us",
        "MP_API_BASE_URL": f"http://127.0.0.1:{mixpanel.sockets[0].getsockname()[1]}",
    }
    async with mixpanel, connected(transport, mode, env=env) as client:
        call = asyncio.create_task(client.call_tool("events", {}))
        await asyncio.wait_for(asked.wait(), 20)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(hung_up.wait(), 5)
        assert not (await client.call_tool("search_operations", {"words": "funnel"})).is_error
