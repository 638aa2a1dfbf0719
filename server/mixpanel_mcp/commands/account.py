"""`mixpanel-mcp login`, `accounts`, `session` and `targets`: the operations of accounts."""

import argparse
import asyncio
import os
import sys
from typing import Any

from mcp import Client
from mcp.types import CallToolResult

from mixpanel_mcp.account_commands import arguments_of
from mixpanel_mcp.app import build
from mixpanel_mcp.arguments import settings_of
from mixpanel_mcp.commands.call import printed
from mixpanel_mcp.logs import configure
from mixpanel_mcp.progress import WAITING
from mixpanel_mcp.secrets import Masker
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings
from mixpanel_mcp.terminal import Terminal


def run(options: argparse.Namespace) -> int:
    """Print the answer on stdout, or the error on stderr with exit status 1."""
    # Whoever typed the command has decided, and shares this process with nobody.
    settings = settings_of(
        options,
        toolsets=("all",),
        transport="stdio",
        result_format=options.format,
        confirm="never",
    )
    typed = vars(options)
    person = Terminal(
        stdin=bool(typed.get("secret_stdin")),
        file=typed.get("secret_file"),
        asked=bool(typed.get("secret")),
    )
    return printed(asyncio.run(_called(settings, person, options)))


async def _called(
    settings: Settings, person: Terminal, options: argparse.Namespace
) -> CallToolResult:
    masker = Masker(os.environ)
    configure(settings.log_level, masker)
    sessions = Sessions(settings, person=person)

    # That it goes on the person sees, who may be typing.
    said = [WAITING]

    async def told(progress: float, total: float | None, message: str | None) -> None:
        if message and not message.startswith(tuple(said)):
            said.append(message)
            print(message, file=sys.stderr, flush=True)

    async with Client(build(settings, sessions=sessions, masker=masker)) as client:
        arguments: dict[str, Any] = arguments_of(options)
        return await client.call_tool(options.operation, arguments, progress_callback=told)
