"""Rows of a grouped statement to Mixpanel's nested series: ranked, cut, filled with zeros."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

OVERALL = "$overall"
UNRANKED = float("-inf")
Path = tuple[str, ...]
Points = list[Any]


@dataclass(frozen=True)
class Cell:
    """A number at a path of segments in a bucket; `rank` is given once per path."""

    path: Path
    at: object
    value: Any
    rank: float | None = None


@dataclass(frozen=True)
class Series:
    """The numbers of a metric by path of segments and bucket.

    Attributes:
        depth: number of segments in the deepest paths; () is the whole.
        buckets: in order.
        values: by path and bucket, without the empty buckets.
        ranks: of every path; the whole may lack one.
        nothing: the value of an empty bucket.
    """

    depth: int
    buckets: tuple[object, ...]
    values: Mapping[Path, Mapping[object, Any]]
    ranks: Mapping[Path, float]
    nothing: Any = 0

    def points(self, path: Path) -> Points:
        """Return the values of a path in all buckets."""
        known = self.values.get(path, {})
        return [known.get(bucket, self.nothing) for bucket in self.buckets]

    def top(self, limit: int) -> "Series":
        """Keep the `limit` deepest paths of the highest ranks and what lies above them."""
        paths = _with_those_above(_kept(self.ranks, self.depth, limit))
        ranks = {path: self.ranks.get(path, UNRANKED) for path in paths}
        return replace(self, values={p: self.values.get(p, {}) for p in paths}, ranks=ranks)

    def mapped(self, change: Callable[[Points], Sequence[Any]]) -> "Series":
        """Return the series whose points are changed path by path."""
        points = {path: map(shortest, change(self.points(path))) for path in self.values}
        values = {p: dict(zip(self.buckets, row, strict=True)) for p, row in points.items()}
        return replace(self, values=values)

    def since(self, place: int) -> "Series":
        """Leave out the buckets before a place."""
        return replace(self, buckets=self.buckets[place:])

    def tree(self, keys: Sequence[str]) -> Any:
        """Return the node of a metric, its leaves keyed by the wire's names of the buckets."""

        def leaf(path: Path) -> Any:
            return dict(zip(keys, self.points(path), strict=True))

        return nested(self.ranks, self.depth, len(self.ranks), leaf)


def collected(
    cells: Iterable[Cell], depth: int, buckets: Iterable[object], nothing: Any = 0
) -> Series:
    """Return the series of cells of every level from 0 (the whole) to `depth`."""
    values: dict[Path, dict[object, Any]] = defaultdict(dict)
    ranks: dict[Path, float] = {}
    for cell in cells:
        values[cell.path][cell.at] = plain(cell.value)
        if cell.rank is not None:
            ranks[cell.path] = cell.rank
    # Before a rolling mean there may be segments that the range does not have.
    known = {path: ranks.get(path, UNRANKED) for path in values}
    return Series(depth, tuple(buckets), values, known, nothing)


def combined(
    operands: Sequence[Series], limit: int, function: Callable[[Sequence[Any]], Any]
) -> Series:
    """Return the series of a function of several series of one depth, point by point.

    Segments come in the order of the first series, followed by those that only later ones have.
    """
    ranked = (sorted(series.ranks, key=_order(series.ranks)) for series in operands)
    paths = dict.fromkeys(path for series in ranked for path in series)
    ranks = {path: -float(place) for place, path in enumerate(paths)}
    frame = replace(operands[0], values={}, ranks=ranks).top(limit)

    def row(path: Path) -> dict[object, Any]:
        columns = zip(*(series.points(path) for series in operands), strict=True)
        return dict(zip(frame.buckets, map(shortest, map(function, columns)), strict=True))

    return replace(frame, values={path: row(path) for path in frame.values})


def tree(cells: Iterable[Cell], depth: int, keys: Mapping[object, str], limit: int) -> Any:
    """Return the node of a metric.

    Args:
        cells: of every level from 0 (`$overall`) to `depth`.
        depth: number of breakdowns.
        keys: wire key by bucket, in order; every one appears in every leaf.
        limit: most paths of the deepest level; the highest ranks stay.
    """
    return collected(cells, depth, keys).top(limit).tree(list(keys.values()))


def nested(ranks: Mapping[Path, float], depth: int, limit: int, leaf: Callable[[Path], Any]) -> Any:
    """Return the node of a metric whose leaves, `$overall` ones included, are made by `leaf`."""
    children = _children(_kept(ranks, depth, limit), ranks)

    def node(path: Path) -> Any:
        if len(path) == depth:
            return leaf(path)
        return {OVERALL: leaf(path), **{child[-1]: node(child) for child in children[path]}}

    return node(())


def plain(value: Any) -> Any:
    """Return a number as short as JSON can write it; nothing counts as 0."""
    return 0 if value is None else shortest(value)


def shortest(value: Any) -> Any:
    """Return a number, or those of a summary, as short as JSON can write it; null stays null."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in cast("dict[str, Any]", value).items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _order(ranks: Mapping[Path, float]) -> Callable[[Path], tuple[float, Path]]:
    return lambda path: (-ranks.get(path, 0), path)


def _kept(ranks: Mapping[Path, float], depth: int, limit: int) -> list[Path]:
    paths = [path for path in ranks if len(path) == depth]
    return sorted(paths, key=_order(ranks))[:limit]


def _with_those_above(paths: Iterable[Path]) -> set[Path]:
    return {path[:length] for path in paths for length in range(len(path) + 1)} | {()}


def _children(kept: Iterable[Path], ranks: Mapping[Path, float]) -> dict[Path, list[Path]]:
    above = _with_those_above(kept)
    children: dict[Path, list[Path]] = defaultdict(list)
    for path in sorted(above - {()}, key=_order(ranks)):
        children[path[:-1]].append(path)
    return children
