"""Somebody at work on an empty sandbox, whose changes are made at once and kept in a journal."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from job_client import told
from mcp import Client
from processes import away

from mixpanel_mcp.app import build
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.slugs import new_slug


class Desk:
    """A client, and the session that its calls run in, whose own changes are in no journal."""

    def __init__(self, client: Client, sessions: Sessions) -> None:
        self.client = client
        self._sessions = sessions

    async def does(self, tool: str, **arguments: Any) -> Any:
        """Call a tool; its value."""
        return await told(self.client, tool, **arguments)

    async def last(self) -> str:
        """The id of the last change."""
        return (await self.does("list_changes", limit=1))["changes"][0]["id"]

    async def session(self) -> Session:
        """The session; what is sent in it stands for somebody else's work."""
        return await self._sessions.session()


@asynccontextmanager
async def desk_with(
    *,
    tools: Sequence[str] = (),
    toolsets: Sequence[str] = (),
    slug: Callable[[], str] = new_slug,
) -> AsyncGenerator[Desk]:
    """A desk with these tools, or all of these toolsets."""
    settings = Settings(
        sandbox="empty",
        tools=tuple(tools),
        toolsets=tuple(toolsets),
        result_format="json",
        confirm="never",
        cache=False,
    )
    sessions = Sessions(settings, away(), slug=slug)
    async with Client(build(settings, away(), sessions=sessions)) as client:
        yield Desk(client, sessions)
