"""A client of a server on a sandbox of its own, for jobs told from beginning to end."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from mcp import Client
from processes import away

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings


@asynccontextmanager
async def at_work(
    sandbox: Literal["empty", "demo"], files: Path | None = None
) -> AsyncGenerator[Client]:
    """A connected client that may call every tool, and use the files of one folder."""
    settings = Settings(sandbox=sandbox, toolsets=("all",), result_format="json", files=files)
    async with Client(build(settings, away())) as connected:
        yield connected


async def told(client: Client, tool: str, **arguments: Any) -> Any:
    """The value of a good answer."""
    result = await client.call_tool(tool, arguments)
    text = "".join(getattr(block, "text", "") for block in result.content)
    assert not result.is_error, text
    return json.loads(text)["result"]


async def refused(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The error of a refused call."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content["error"]
