"""`mixpanel-mcp tools`: what a client would list, and what it weighs."""

import argparse
import json
from collections.abc import Mapping
from typing import Any

from mixpanel_mcp.app import catalogue_of
from mixpanel_mcp.arguments import settings_of
from mixpanel_mcp.listing import Listing, tools_of
from mixpanel_mcp.published import CATALOGUE, effect, for_models, published
from mixpanel_mcp.rendering import aligned_lines
from mixpanel_mcp_core.tables import Table

# Measured over tool lists with a common tokenizer.
_BYTES_A_TOKEN = 4.06


def run(options: argparse.Namespace) -> int:
    """Print the listed tools as a table, under what every toolset weighs, or as JSON."""
    overrides = {"toolsets": options.toolset} if options.toolset else {}
    listing = Listing(settings_of(options, **overrides))
    listed = [(each.toolset, each.tool) for each in tools_of(listing)]
    listed += [(CATALOGUE, tool) for tool in catalogue_of(listing)]
    if options.json:
        print(json.dumps([tool for _, tool in listed], ensure_ascii=False, indent=1))
        return 0
    print("\n".join([*aligned_lines(_toolsets(listing)), ""]))
    rows = [[toolset, tool["name"], effect(tool), weight(tool)] for toolset, tool in listed]
    total = sum(weight(tool) for _, tool in listed)
    rows.append(["", f"{len(listed)} tools", "", total])
    print("\n".join(aligned_lines(Table(["toolset", "tool", "effect", "tokens"], rows))))
    return 0


def _toolsets(listing: Listing) -> Table:
    """Every toolset with what it would cost a model to list all of it."""
    tools: dict[str, list[Mapping[str, Any]]] = {}
    for name in listing.reachable:
        each = published(name)
        tools.setdefault(each.toolset, []).append(each.tool)
    rows = [[name, len(found), sum(map(weight, found))] for name, found in tools.items()]
    return Table(["every toolset", "tools", "tokens"], rows)


def weight(tool: Mapping[str, Any]) -> int:
    """About how many tokens a tool costs in a model's window."""
    text = json.dumps(for_models(tool), ensure_ascii=False, separators=(",", ":"))
    return round(len(text.encode()) / _BYTES_A_TOKEN)
