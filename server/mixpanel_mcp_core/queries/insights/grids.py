"""Insights as a person draws them: a column for each line of the chart, periods side by side."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from mixpanel_mcp_core.queries.nodes import day_of
from mixpanel_mcp_core.tables import Table

from .rows import Leaf, depth_of, leaves_of, padded, segment_columns

_ALL = "all"
_MOST_LINES = 12
_COMPARED = ["previous_date", "previous", "change", "percent_change"]


def wide_table(series: object) -> Table | None:
    """A row for each date, a column for each line; None where there are too few or too many."""
    leaves = [leaf for leaf in leaves_of(series) if leaf.values]
    dates = list(dict.fromkeys(date for leaf in leaves for date in leaf.values))
    names = _names(leaves)
    if _ALL in dates or not 2 <= len(leaves) <= _MOST_LINES or len(set(names)) < len(names):
        return None
    rows = [[day_of(date), *(leaf.values.get(date) for leaf in leaves)] for date in dates]
    return Table(["date", *names], rows)


def _names(leaves: Sequence[Leaf]) -> list[str]:
    """The event, the segment, or both: whatever tells the lines apart."""
    depth = depth_of(leaves)
    single = len({leaf.event for leaf in leaves}) == 1
    segments = [" / ".join(padded(leaf.path, depth)) for leaf in leaves]
    if single:
        return segments
    return [
        f"{leaf.event}: {segment}" if segment else leaf.event
        for leaf, segment in zip(leaves, segments, strict=True)
    ]


def comparison_table(series: object, compared: object, headers: Sequence[Any]) -> Table:
    """The rows of a series, each beside the one at the same place of the other period."""
    leaves = leaves_of(series)
    before = {(leaf.event, leaf.path): leaf.values for leaf in leaves_of(compared)}
    depth = depth_of(leaves)
    rows = [
        [day_of(date), leaf.event, *padded(leaf.path, depth), value, *_beside(value, old)]
        for leaf in leaves
        for (date, value), old in _pairs(leaf.values, before.get((leaf.event, leaf.path), {}))
    ]
    columns = ["date", "event", *segment_columns(depth, headers), "count", *_COMPARED]
    return Table(columns, rows)


def _pairs(
    values: dict[str, Any], before: dict[str, Any]
) -> list[tuple[tuple[str, Any], tuple[str, Any]]]:
    nothing = ("", None)
    pairs = zip_longest(values.items(), before.items(), fillvalue=nothing)
    return [(now, old) for now, old in pairs if now is not nothing]


def _beside(value: Any, old: tuple[str, Any]) -> list[Any]:
    date, previous = old
    if not _is_number(value) or not _is_number(previous):
        return [day_of(date) or None, previous, None, None]
    change = value - previous
    return [day_of(date), previous, change, change / previous if previous else None]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
