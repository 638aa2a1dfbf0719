"""Who may reach the server over HTTP, and what it does with what is thrown at it."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from processes import COMMAND, away, environment, http_server, warm

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings
from mixpanel_mcp.transports import http_app
from mixpanel_mcp_core.errors import ConfigError

pytestmark = pytest.mark.anyio

TOKEN = "a-token-of-sixteen-or-more"
EMPTY = ["--sandbox", "empty"]
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
ACCEPT = {"Accept": "application/json, text/event-stream"}


def posted(url: str, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    """A POST to the server as a client would make it."""
    with httpx.Client(trust_env=False, timeout=20) as client:
        return client.post(url, headers={**ACCEPT, **(headers or {})}, **body)


async def test_health_is_open_and_says_nothing_private() -> None:
    """A load balancer needs no secret."""
    async with http_server(EMPTY, {"MIXPANEL_MCP_HTTP_TOKEN": TOKEN}) as url:
        answer = await asyncio.to_thread(httpx.get, url.replace("/mcp", "/health"), trust_env=False)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Bearer {TOKEN}"}, 200),
        ({"Authorization": f"Bearer {TOKEN}", "Host": "evil.example"}, 421),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "https://evil.example"}, 403),
    ],
    ids=["no token", "wrong token", "good", "foreign host", "foreign origin"],
)
async def test_request_is_judged_by_token_host_and_origin(
    headers: dict[str, str], status: int
) -> None:
    """A page in a browser on this machine cannot use the server behind its user's back."""
    async with http_server(EMPTY, {"MIXPANEL_MCP_HTTP_TOKEN": TOKEN}) as url:
        answer = await asyncio.to_thread(posted, url, headers, json=INITIALIZE)
    assert answer.status_code == status
    assert TOKEN not in answer.text


async def test_client_with_the_token_works() -> None:
    """The token is a header that every MCP client can send."""
    import httpx2

    async with (
        http_server(EMPTY, {"MIXPANEL_MCP_HTTP_TOKEN": TOKEN}) as url,
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        assert not (await client.call_tool("events", {})).is_error


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"host": "0.0.0.0"}, "Set MIXPANEL_MCP_HTTP_TOKEN"),
        ({"host": "192.0.2.1"}, "Set MIXPANEL_MCP_HTTP_TOKEN"),
        ({"host": "0.0.0.0", "http_token": "short"}, "at least 16 characters"),
    ],
)
def test_open_address_without_a_token_is_refused(settings: dict[str, str], told: str) -> None:
    """Nobody serves a Mixpanel account to a network by accident."""
    chosen = Settings(transport="http", **settings)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConfigError, match=told):
        http_app(build(chosen, away()), chosen)


async def test_body_of_ten_megabytes_is_refused_and_the_server_lives() -> None:
    """413 for the body; the next request is answered."""
    async with http_server(EMPTY) as url:
        huge = await asyncio.to_thread(posted, url, None, content=b"[" + b" " * 10_000_000 + b"]")
        after = await asyncio.to_thread(posted, url, None, json=INITIALIZE)
    assert (huge.status_code, after.status_code) == (413, 200)


async def test_client_that_leaves_in_mid_call_does_no_harm(tmp_path: Path) -> None:
    """The connection is cut while a call runs; the server goes on answering."""
    file = tmp_path / "own.duckdb"
    call = {
        "jsonrpc": "2.0",
        "id": 2,
        "method": "tools/call",
        "params": {"name": "events", "arguments": {}},
    }
    async with http_server(["--sandbox", str(file)]) as url:
        host, port = url.split("/")[2].split(":")
        body = json.dumps(call).encode()
        head = (
            f"POST /mcp HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
            f"Accept: application/json, text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        for _ in range(3):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(head.encode() + body)
            await writer.drain()
            writer.transport.abort()
        async with Client(url) as client:
            assert not (await client.call_tool("events", {})).is_error


async def run(
    command: list[str], arguments: list[str], stdin: bytes
) -> tuple[int | None, bytes, bytes]:
    """A stdio server that reads exactly these bytes: its status, stdout and stderr."""
    process = await asyncio.create_subprocess_exec(
        *command,
        "serve",
        *arguments,
        env=environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(stdin), 30)
    return process.returncode, out, err


async def test_rubbish_on_stdin_is_survived() -> None:
    """Bytes that are no message are passed over; the message after them is answered."""
    rubbish = b"\xff\xfe\x00\x01 not json \n{\n\n[1,2\n"
    status, out, err = await run(warm(), EMPTY, rubbish + json.dumps(INITIALIZE).encode() + b"\n")
    answers = [json.loads(line) for line in out.splitlines()]
    assert [each["id"] for each in answers if "result" in each] == [1]
    assert status == 0
    assert b"Traceback" not in err


async def test_stdout_carries_nothing_but_the_protocol() -> None:
    """Every line of standard output is a JSON-RPC message."""
    _, out, _ = await run(COMMAND, EMPTY, json.dumps(INITIALIZE).encode() + b"\n")
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in out.splitlines())


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_interrupt_ends_the_server_quietly(transport: str) -> None:
    """Ctrl-C leaves no traceback on the user's screen."""
    process = await asyncio.create_subprocess_exec(
        *warm(),
        "serve",
        "--transport",
        transport,
        "--port",
        "0",
        *EMPTY,
        env=environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    if transport == "stdio":
        process.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
        await asyncio.wait_for(process.stdout.readline(), 30)
    else:
        await asyncio.wait_for(process.stderr.readline(), 30)
    process.send_signal(signal.SIGINT)
    await asyncio.sleep(0)
    process.stdin.close()
    _, err = await asyncio.wait_for(process.communicate(), 15)
    assert b"Traceback" not in err, err.decode()
