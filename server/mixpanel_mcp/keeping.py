"""Keeping what an answer had no room for, so that a call can go on with it."""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

import mixpanel_mcp_tools
from mixpanel_mcp.listing import Listing
from mixpanel_mcp.results import Keep
from mixpanel_mcp_core.tables import Table

if TYPE_CHECKING:
    from mixpanel_mcp_core.handles.store import Store

_WAYS = {"read_result": "page, filter, sort", "query_result": "SQL"}


def store_of(listing: Listing) -> "Store":
    """The results that were kept, for a server that may write to its own folder of files."""
    from mixpanel_mcp_core.handles.store import Store

    return Store(listing.settings.files)


def keeper(
    listing: Listing, tool: str, given: Mapping[str, Any], source: Mapping[str, Any] | None
) -> Keep | None:
    """What keeps a table of a tool's answer; None where none may be kept, or nothing could read it.

    It returns how to go on, or None where the table could not be kept.
    """
    ways = [f"{name} ({what})" for name, what in _WAYS.items() if listing.allows(name)]
    if not ways or tool in mixpanel_mcp_tools.REVEALING:
        return None
    unlisted = not all(name in listing.listed for name in _WAYS if listing.allows(name))
    through = " through run_read_operation" if unlisted and listing.with_catalogue else ""

    def keep(table: Table) -> str | None:
        handle = store_of(listing).keep(tool, _digest(given), source, table)
        return handle and f"go on with handle {handle}: {' or '.join(ways)}{through}"

    return keep


def _digest(given: Mapping[str, Any]) -> str:
    """What tells a call's arguments apart from others."""
    options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    return hashlib.sha256(orjson.dumps(given, default=repr, option=options)).hexdigest()
