"""The stored descriptions, worked out from the operations: `python -m mixpanel_mcp.snapshots`.

Run it after a change to an operation; the difference is what clients will see.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import mixpanel_mcp_tools
from mixpanel_mcp.catalogue import catalogue
from mixpanel_mcp.published import FOLDER, ORDER
from mixpanel_mcp.publishing import publish


def generated() -> Iterator[tuple[Path, str]]:
    """What the files should hold, worked out from the operations themselves."""
    toolsets = [mixpanel_mcp_tools.toolset(name) for name in mixpanel_mcp_tools.TOOLSETS]
    for toolset in (*toolsets, catalogue):
        folder = FOLDER / toolset.name
        yield folder / ORDER, _text(list(toolset.operations))
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
