"""The stored descriptions of all tools: what is listed without importing a single operation.

One file a tool, `published/<toolset>/<tool>.json` in the tools package, in the order of
TOOLSETS; within a toolset, in the order of declaration.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import mixpanel_mcp_tools

FOLDER = Path(mixpanel_mcp_tools.__file__).parent / "published"
CATALOGUE = "catalogue"
_ORDER = "_order.json"


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
        for name in json.loads((FOLDER / toolset / _ORDER).read_text("utf-8"))
    }


@cache
def catalogue_tools() -> tuple[Mapping[str, Any], ...]:
    """The catalogue's own tools, as they are listed."""
    folder = FOLDER / CATALOGUE
    order = json.loads((folder / _ORDER).read_text("utf-8"))
    return tuple(json.loads((folder / f"{name}.json").read_text("utf-8")) for name in order)


@cache
def published(name: str) -> Published:
    """One stored tool; KeyError when there is none."""
    toolset = names()[name]
    return Published(toolset, json.loads((FOLDER / toolset / f"{name}.json").read_text("utf-8")))


def generated() -> Iterator[tuple[Path, str]]:
    """What the files should hold, worked out from the operations themselves."""
    from mixpanel_mcp.catalogue import catalogue
    from mixpanel_mcp.publishing import publish

    toolsets = [mixpanel_mcp_tools.toolset(name) for name in mixpanel_mcp_tools.TOOLSETS]
    for toolset in (*toolsets, catalogue):
        folder = FOLDER / toolset.name
        yield folder / _ORDER, _text(list(toolset.operations))
        for operation in toolset.operations.values():
            yield folder / f"{operation.name}.json", _text(publish(operation))


def _text(value: Mapping[str, Any] | Sequence[str]) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def write() -> list[Path]:
    """Bring the stored files up to date; returns those that changed or went."""
    wanted = dict(generated())
    changed = [
        path for path, text in wanted.items() if not path.exists() or path.read_text() != text
    ]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8")
    stale = [path for path in FOLDER.rglob("*.json") if path not in wanted]
    for path in stale:
        path.unlink()
    return changed + stale


if __name__ == "__main__":
    for changed_path in write():
        print(changed_path.relative_to(FOLDER))
