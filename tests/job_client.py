"""A client of a server on a sandbox of its own, for jobs told from beginning to end."""

import json
import shutil
import tempfile
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from datetime import datetime
from fcntl import LOCK_EX, flock
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
from mcp import Client
from processes import away

from mixpanel_mcp.app import build
from mixpanel_mcp.confirming import Policy
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_sandbox import open_sandbox
from mixpanel_mcp_sandbox.cache import user_cache


@asynccontextmanager
async def at_work(
    sandbox: Literal["empty", "demo"],
    files: Path | None = None,
    now: Callable[[], datetime] | None = None,
    confirm: Policy = "never",
) -> AsyncGenerator[Client]:
    """A connected client that may call every tool, and use the files of one folder.

    What it changes in the demo is gone afterwards. `now` is the sandbox's clock, if not the real
    one. Changes are made at once unless `confirm` says otherwise.
    """
    settings = Settings(
        sandbox=sandbox,
        toolsets=("all",),
        result_format="json",
        files=files,
        # Jobs ask the same again to see what has changed, by a clock of their own.
        cache=False,
        confirm=confirm,
    )
    opener = None if now is None else partial(open_sandbox, now=now)
    sessions = Sessions(settings, away(), open_sandbox=opener)
    with own_demo() if sandbox == "demo" else nullcontext():
        async with Client(build(settings, away(), sessions=sessions)) as connected:
            yield connected


@asynccontextmanager
async def at_demo(settings: Settings) -> AsyncGenerator[Client]:
    """A client of a server with these settings, on a demo of its own."""
    with own_demo():
        async with Client(build(settings, away())) as connected:
            yield connected


@contextmanager
def own_demo() -> Generator[None]:
    """A cache folder of its own, with the demo that the first to ask has built."""
    user_cache().mkdir(exist_ok=True)
    with (user_cache() / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        with open_sandbox("demo"):
            built = list(user_cache().glob("demo-g*.duckdb"))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", folder)
        user_cache().mkdir()
        for file in built:
            shutil.copy2(file, user_cache())
        yield


async def told(client: Client, tool: str, /, **arguments: Any) -> Any:
    """The value of a good answer."""
    result = await client.call_tool(tool, arguments)
    text = "".join(getattr(block, "text", "") for block in result.content)
    assert not result.is_error, text
    return json.loads(text)["result"]


async def refused(client: Client, tool: str, /, **arguments: Any) -> dict[str, Any]:
    """The error of a refused call."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content["error"]
