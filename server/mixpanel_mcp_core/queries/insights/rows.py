"""The series of an insights answer as rows.

A series is a tree: metric, then one level for each breakdown, then dates (or
`all`) with a value. Rollups stand higher in the tree than the rows they sum up.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mixpanel_mcp_core.queries.nodes import day_of, object_in, objects_within
from mixpanel_mcp_core.tables import Table

TOTAL = "$overall"
_RESERVED = {"date", "event", "count"}
_DATED_CHARTS = (None, "line", "column", "stacked-line", "stacked-column")


class Leaf(NamedTuple):
    """The values by date of one metric at one path of segments."""

    event: str
    path: tuple[str, ...]
    values: dict[str, Any]


def series_table(series: object, headers: Sequence[Any], params: Mapping[str, Any]) -> Table:
    """Columns date (if any row has one), event, a column for each breakdown, count."""
    leaves = leaves_of(series)
    rows = [(leaf, date, value) for leaf in leaves for date, value in leaf.values.items()]
    if not rows:
        return _empty_table(headers, params)
    depth = depth_of(leaves)
    dated = any(date != "all" for _, date, _ in rows)
    columns = [*(["date"] if dated else []), "event", *segment_columns(depth, headers), "count"]
    return Table(columns, [_row(leaf, date, value, depth, dated) for leaf, date, value in rows])


def leaves_of(series: object) -> list[Leaf]:
    """The leaves of a series, in its order; what is no object is left out."""
    return [
        Leaf(event, path, values)
        for event, node in objects_within(series).items()
        for path, values in _walk(node, ())
    ]


def depth_of(leaves: Sequence[Leaf]) -> int:
    """The number of breakdowns: how deep the deepest leaf lies."""
    return max((len(leaf.path) for leaf in leaves), default=0)


def padded(path: tuple[str, ...], depth: int) -> list[str]:
    """A path as long as the deepest: a rollup is the total of what is below it."""
    return [*path, *[TOTAL] * (depth - len(path))]


def _walk(
    node: dict[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    segments = objects_within(node)
    if not segments:
        yield path, node
    for name, child in segments.items():
        yield from _walk(child, (*path, name))


def _row(leaf: Leaf, date: str, value: Any, depth: int, dated: bool) -> list[Any]:
    when = [None if date == "all" else day_of(date)] if dated else []
    return [*when, leaf.event, *padded(leaf.path, depth), value]


def segment_columns(depth: int, headers: Sequence[Any]) -> list[str]:
    """A name for each breakdown, from the headers where they can serve."""
    if depth < 2:
        return ["segment"] * depth
    names = list(headers[1:])
    if len(names) == depth and _are_column_names(names):
        return names
    return [f"segment_{number}" for number in range(1, depth + 1)]


def _are_column_names(names: list[Any]) -> bool:
    texts = {name for name in names if isinstance(name, str) and name}
    return len(texts) == len(names) and not texts & _RESERVED


def _empty_table(headers: Sequence[Any], params: Mapping[str, Any]) -> Table:
    chart = object_in(params.get("displayOptions")).get("chartType")
    known = bool(headers) and headers[0] in ("$metric", "$event")
    segments = segment_columns(len(headers) - 1, headers) if known else []
    return Table([*(["date"] if chart in _DATED_CHARTS else []), "event", *segments, "count"], [])


def told_apart(params: Mapping[str, Any]) -> list[str]:
    """What the metrics measure, by letter, where several count the same event."""
    lettered = _lettered(params)
    return [", ".join(f"{letter}: {what}" for letter, _, what in lettered)] if lettered else []


def measured_names(params: Mapping[str, Any]) -> dict[str, str]:
    """Names that say what metrics measure, by the lettered ones that stand in the answer."""
    return {f"{letter}. {name}": f"{name} ({what})" for letter, name, what in _lettered(params)}


def _lettered(params: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Letter, event and measure of each metric, where several count the same event."""
    shown: Sequence[Mapping[str, Any]] = object_in(params.get("sections")).get("show") or ()
    metrics = [clause for clause in shown if clause.get("type") == "metric"]
    visible = [
        (chr(ord("A") + place), str(object_in(clause.get("behavior")).get("name")), clause)
        for place, clause in enumerate(metrics)
        if not clause.get("isHidden")
    ]
    if len({name for _, name, _ in visible}) == len(visible):
        return []
    return [(letter, name, _measured(clause)) for letter, name, clause in visible]


def _measured(clause: Mapping[str, Any]) -> str:
    measurement = object_in(clause.get("measurement"))
    words = [str(measurement.get("math", "total"))]
    if "percentile" in measurement:
        words.append(f"({measurement['percentile']})")
    if name := object_in(measurement.get("property")).get("name"):
        words.append(f"of {name}")
    if per_user := measurement.get("perUserAggregation"):
        words.append(f"by user's {per_user}")
    return " ".join(words)
