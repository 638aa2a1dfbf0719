"""A client of a server whose Mixpanel is a recorder."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from mcp import Client
from mcp.types import CallToolResult
from recorder import CREDENTIALS, Recorder, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings


@asynccontextmanager
async def connected(
    *answers: Mapping[str, Any], **settings: Any
) -> AsyncGenerator[tuple[Client, Recorder]]:
    """A client of a server, of these further settings, whose Mixpanel gives these answers."""
    async with recording() as recorder:
        recorder.answers += answers
        environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
        usual: dict[str, Any] = {"toolsets": ("all",), "confirm": "never"}
        chosen = Settings(**(usual | settings))
        sessions = Sessions(chosen, environ)
        async with Client(build(chosen, environ, sessions=sessions)) as client:
            yield client, recorder


def whole(result: CallToolResult) -> str:
    """Everything that an answer says."""
    return result.model_dump_json()
