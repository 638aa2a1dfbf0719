"""Rows of a grouped statement to Mixpanel's nested series: ranked, cut, filled with zeros."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

OVERALL = "$overall"
Path = tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """A number at a path of segments in a bucket; `rank` is given once per path."""

    path: Path
    at: object
    value: Any
    rank: float | None = None


def tree(cells: Iterable[Cell], depth: int, keys: Mapping[object, str], limit: int) -> Any:
    """Return the node of a metric.

    Args:
        cells: of every level from 0 (`$overall`) to `depth`.
        depth: number of breakdowns.
        keys: wire key by bucket, in order; every one appears in every leaf.
        limit: most paths of the deepest level; the highest ranks stay.
    """
    values: dict[Path, dict[object, Any]] = defaultdict(dict)
    ranks: dict[Path, float] = {}
    for cell in cells:
        values[cell.path][cell.at] = cell.value
        if cell.rank is not None:
            ranks[cell.path] = cell.rank
    children = _children(_kept(ranks, depth, limit), ranks)

    def node(path: Path) -> Any:
        leaf = {key: plain(values[path].get(at)) for at, key in keys.items()}
        if len(path) == depth:
            return leaf
        return {OVERALL: leaf, **{child[-1]: node(child) for child in children[path]}}

    return node(())


def plain(value: Any) -> Any:
    """Return a number as short as JSON can write it; nothing counts as 0."""
    if value is None:
        return 0
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _kept(ranks: Mapping[Path, float], depth: int, limit: int) -> list[Path]:
    paths = [path for path in ranks if len(path) == depth]
    return sorted(paths, key=lambda path: (-ranks[path], path))[:limit]


def _children(kept: Iterable[Path], ranks: Mapping[Path, float]) -> dict[Path, list[Path]]:
    found: dict[Path, set[Path]] = defaultdict(set)
    for path in kept:
        for length in range(len(path)):
            found[path[:length]].add(path[: length + 1])
    children: dict[Path, list[Path]] = defaultdict(list)
    for parent, paths in found.items():
        children[parent] = sorted(paths, key=lambda path: (-ranks.get(path, 0), path))
    return children
