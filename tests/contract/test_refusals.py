"""Every measured refusal of a query, through the real server: nothing leaves, the codes arrive."""

import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.types import CallToolResult
from recorder import CREDENTIALS, Recorder, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

PROBLEMS = Path(__file__).parent.parent / "queries/problems.txt"
BUILDERS = {
    "query": "build_params",
    "query_funnel": "build_funnel_params",
    "query_retention": "build_retention_params",
    "query_flow": "build_flow_params",
    "query_user": "build_user_params",
}
# Models write "" for a list that they leave out; the server reads it as absent.
EMPTY_IS_ABSENT = ("group_by", "holding_constant")


def lines(tool: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Arguments of a tool and what they are refused with."""
    within = ""
    for line in PROBLEMS.read_text("utf-8").splitlines():
        if line.startswith("## "):
            within = line.removeprefix("## ")
        elif within == tool:
            arguments, expected = line.split(" → ")
            yield json.loads(arguments), expected


@asynccontextmanager
async def connected() -> AsyncGenerator[tuple[Client, Recorder]]:
    """A client on a server whose Mixpanel is a recorder."""
    async with recording() as recorder:
        environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
        settings = Settings(toolsets=("all",), result_format="json")
        sessions = Sessions(settings, environ)
        async with Client(build(settings, environ, sessions=sessions)) as client:
            yield client, recorder


def told(result: CallToolResult) -> str:
    """A refusal as the file writes it; `ok` for an answer."""
    if not result.is_error:
        return "ok"
    assert result.structured_content is not None
    error = result.structured_content["error"]
    problems = error["details"].get("errors")
    if problems is None:
        return f"{error['code']} (construction)"
    return "; ".join(f"{each['code']} @ {each['path']}" for each in problems)


def told_alike(arguments: dict[str, Any], expected: str) -> str:
    """An expectation without the suggestions and details, which other tests compare."""
    if any(arguments.get(name) == "" for name in EMPTY_IS_ABSENT):
        return "ok"
    if expected[0].islower() and expected != "ok":
        return "INVALID_INPUT (construction)"
    parts = [part.split(" sugg ")[0].split(" details ")[0] for part in expected.split("; ")]
    return "; ".join(parts)


@pytest.mark.parametrize("tool", BUILDERS)
async def test_refusals_reach_the_client_with_their_codes(tool: str) -> None:
    """A refused query never reaches Mixpanel, and its twin that only compiles says the same."""
    async with connected() as (client, recorder):
        for arguments, expected in lines(tool):
            built = await client.call_tool(BUILDERS[tool], arguments)
            assert told(built) == told_alike(arguments, expected), arguments
            if built.is_error:
                run = await client.call_tool(tool, arguments)
                assert told(run) == told(built)
    assert recorder.requests == []
