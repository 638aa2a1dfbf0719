"""Keeping what an answer had no room for, so that a call can go on with it."""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from pydantic_core import to_jsonable_python

import mixpanel_mcp_tools
from mixpanel_mcp.addressing import add_address
from mixpanel_mcp.listing import Listing
from mixpanel_mcp.results import Keep, Renderer
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp_core.errors import InvalidInputError
from mixpanel_mcp_core.lenient_json import written
from mixpanel_mcp_core.tables import Table

if TYPE_CHECKING:
    from mixpanel_mcp_core.handles.store import Store

_LARGEST_RESOURCE = 5_000_000
_UNBOUNDED = 100_000_000
_WAYS = {"query_result": "SQL", "read_result": "page, filter, sort"}


def store_of(listing: Listing, sessions: Sessions) -> "Store":
    """The results that were kept, for a server that may write to its own folder of files.

    Over HTTP, whose callers need not be this machine's user, they are those of its accounts.
    """
    from mixpanel_mcp_core.handles.store import Store, the_user

    settings = listing.settings
    owner_of = sessions.owner if settings.transport == "http" else the_user
    return Store(settings.files, owner_of=owner_of)


def keeper(
    listing: Listing,
    sessions: Sessions,
    tool: str,
    given: Mapping[str, Any],
    source: Mapping[str, Any] | None,
) -> Keep | None:
    """What keeps a table of a tool's answer; None where none may be kept, or nothing could read it.

    It returns how to go on, or None where the table could not be kept.
    """
    ways = [_way(listing, name) for name in _WAYS if listing.allows(name)]
    if not ways or tool in mixpanel_mcp_tools.REVEALING:
        return None

    def keep(table: Table) -> str | None:
        handle = store_of(listing, sessions).keep(tool, digest(given), source, table)
        return handle and f"go on with handle {handle}: {' or '.join(ways)}"

    return keep


def _way(listing: Listing, name: str) -> str:
    """A tool that goes on with a result: what it does, and how to call it where unlisted."""
    unlisted = listing.with_catalogue and name not in listing.listed
    return f"{name} ({_WAYS[name]}{', through run_read_operation' if unlisted else ''})"


def add_kept_results(server: MCPServer[Any], listing: Listing, sessions: Sessions) -> None:
    """Let clients read whole results as resources, where the server may read them at all."""
    if not listing.allows("read_result"):
        return

    async def result(handle: str) -> str:
        """A long result, whose answer was cut: all its rows as CSV, below where they came from."""
        await sessions.home()
        try:
            kept = store_of(listing, sessions).find(handle)
        except InvalidInputError as error:
            raise ResourceNotFoundError(error.message) from None
        if kept.path.stat().st_size > _LARGEST_RESOURCE:
            raise ResourceError(f"{handle} is too large for a resource: use read_result.")
        whole = Renderer("csv", _UNBOUNDED)
        return whole.render(kept.header.tool, kept, kept.header.source)

    add_address(server, "mixpanel://results/{handle}", result, "Long result")


def digest(given: Mapping[str, Any]) -> str:
    """What tells a call's arguments apart from others."""
    options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    return hashlib.sha256(written(to_jsonable_python(given, fallback=repr), options)).hexdigest()
