"""`mixpanel-mcp call`: one tool call, exactly as a client would make it."""

import argparse
import asyncio
import json
import os
import stat
import sys
from collections.abc import Sequence
from typing import Any

from mcp import Client
from mcp.client.extension import ClientExtension
from mcp.types import CallToolResult, ElicitResult, TextContent

from mixpanel_mcp.app import build
from mixpanel_mcp.arguments import settings_of
from mixpanel_mcp.commands import pictures
from mixpanel_mcp.listing import Listing
from mixpanel_mcp.logs import configure
from mixpanel_mcp.published import catalogue_tools, names
from mixpanel_mcp.secrets import Masker
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings
from mixpanel_mcp.terminal import Terminal
from mixpanel_mcp_core.errors import InvalidInputError, NotPermittedError

_UNBOUNDED = 10_000_000
_PICTURE = "A terminal cannot show the picture: --chart FILE.png with the query itself writes it."
_UNASKED = CallToolResult(
    content=[
        TextContent(
            type="text",
            text="NOT_CONFIRMED: Nobody can be asked here, so nothing was changed. Run it in a "
            "terminal to be asked, or with --yes to go ahead unasked.",
        )
    ],
    is_error=True,
)


def run(options: argparse.Namespace) -> int:
    """Print the answer on stdout, or the error on stderr with exit status 1."""
    catalogued = options.tool in {tool["name"] for tool in catalogue_tools()}
    if not catalogued and options.tool not in names():
        raise unknown_tool(options.tool)
    settings = settings_of(
        options,
        toolsets=("core",) if catalogued else ("all",),
        transport="stdio",
        result_format=options.format,
        max_tokens=options.max_tokens or _UNBOUNDED,
        **({"confirm": "never"} if options.yes else {}),
    )
    listing = Listing(settings)
    if not catalogued and not listing.allows(options.tool):
        raise NotPermittedError(listing.why_not(options.tool))
    arguments = read_arguments(options.arguments)
    if options.chart is None:
        return printed(asyncio.run(_call(settings, options.tool, arguments)))
    pictures.check(options.chart)
    result = asyncio.run(_call(settings, options.tool, arguments, [pictures.SHOWS_CHARTS]))
    return printed(result) or pictures.write(options, result)


def printed(result: CallToolResult) -> int:
    """Print an answer on stdout, or an error on stderr; the exit status."""
    stream = sys.stderr if result.is_error else sys.stdout
    for block in result.content:
        print(getattr(block, "text", _PICTURE), file=stream)
    return 1 if result.is_error else 0


async def _call(
    settings: Settings,
    tool: str,
    arguments: dict[str, Any],
    extensions: Sequence[ClientExtension] = (),
) -> CallToolResult:
    masker = Masker(os.environ)
    configure(settings.log_level, masker)
    sessions = Sessions(settings)
    server = build(settings, masker=masker, sessions=sessions)
    person = _Person()
    async with Client(server, extensions=extensions, elicitation_callback=person.asked) as client:
        result = await client.call_tool(tool, arguments)
        if sessions.working:
            print("Waiting for what the call began; interrupt to stop.", file=sys.stderr)
            await sessions.finish()
        return _UNASKED if person.absent else result


class _Person:
    """Whoever sits at the terminal; where nobody does, the answer is no."""

    absent = False

    async def asked(self, context: Any, params: Any) -> ElicitResult:
        """Whether the person agrees."""
        print(params.message, file=sys.stderr)
        if not sys.stdin.isatty():
            self.absent = True
            return ElicitResult(action="cancel")
        typed = await Terminal().ask("y or n", secret=False)
        agrees = (typed or "").lower() in ("y", "yes")
        return ElicitResult(action="accept" if agrees else "decline")


def unknown_tool(name: str) -> InvalidInputError:
    """The error for a tool that does not exist, with the nearest ones."""
    from difflib import get_close_matches

    known = [*names(), *(tool["name"] for tool in catalogue_tools())]
    near = get_close_matches(name, known, n=3)
    hint = f" Did you mean {', '.join(near)}?" if near else " `mixpanel-mcp tools` lists them."
    return InvalidInputError(f"There is no tool {name!r}.{hint}")


def read_arguments(words: Sequence[str]) -> dict[str, Any]:
    """Arguments from one JSON object, from `key=value` pairs, or from standard input."""
    if not words:
        return _object(sys.stdin.read()) if _is_piped() else {}
    if list(words) == ["-"]:
        return _object(sys.stdin.read())
    if words[0].lstrip().startswith("{"):
        return _object(" ".join(words))
    pairs = [word.partition("=") for word in words]
    if wrong := [key for key, equals, _ in pairs if not equals]:
        raise InvalidInputError(
            f"{wrong[0]!r} is neither JSON nor key=value, e.g. last=7 or '{{\"last\": 7}}'."
        )
    return {key: value for key, _, value in pairs}


def _is_piped() -> bool:
    if sys.stdin is None or sys.stdin.closed:
        return False
    mode = os.fstat(sys.stdin.fileno()).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _object(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except ValueError as error:
        raise InvalidInputError(f"The arguments are not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise InvalidInputError('The arguments must be one JSON object, e.g. {"last": 7}.')
    return value
