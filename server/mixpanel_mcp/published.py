"""The stored descriptions of all tools: what is listed without importing a single operation.

One file a tool, `published/<toolset>/<tool>.json` in the tools package, in the order of
TOOLSETS; within a toolset, in the order of declaration.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import mixpanel_mcp_tools

FOLDER = Path(mixpanel_mcp_tools.__file__).parent / "published"
CATALOGUE = "catalogue"
ORDER = "_order.json"


class Published(NamedTuple):
    """A tool as it is stored: its toolset and what `tools/list` says of it."""

    toolset: str
    tool: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The tool's name."""
        return self.tool["name"]

    @property
    def read_only(self) -> bool:
        """Whether a call changes nothing."""
        return self.tool["annotations"]["readOnlyHint"]


@cache
def names() -> Mapping[str, str]:
    """Every tool's name with its toolset, in listing order."""
    return {
        name: toolset
        for toolset in mixpanel_mcp_tools.TOOLSETS
        for name in json.loads((FOLDER / toolset / ORDER).read_text("utf-8"))
    }


@cache
def catalogue_tools() -> tuple[Mapping[str, Any], ...]:
    """The catalogue's own tools, as they are listed."""
    folder = FOLDER / CATALOGUE
    order = json.loads((folder / ORDER).read_text("utf-8"))
    return tuple(json.loads((folder / f"{name}.json").read_text("utf-8")) for name in order)


@cache
def published(name: str) -> Published:
    """One stored tool; KeyError when there is none."""
    toolset = names()[name]
    return Published(toolset, json.loads((FOLDER / toolset / f"{name}.json").read_text("utf-8")))


def for_models(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    """A tool as a model reads it, without what is for its host."""
    return {key: each for key, each in tool.items() if key != "_meta"}


def effect(tool: Mapping[str, Any]) -> str:
    """What a call does, in one word."""
    annotations = tool["annotations"]
    if annotations["readOnlyHint"]:
        return "reads"
    return "destroys" if annotations["destructiveHint"] else "writes"
