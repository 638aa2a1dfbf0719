"""The steps of a funnel, found in the many forms of its series."""

import logging
import re
from collections.abc import Iterator
from typing import Any, cast

from mixpanel_mcp_core.queries.nodes import day_of, object_in
from mixpanel_mcp_core.tables import Table

STEP_MEASURES = (
    "count",
    "step_conv_ratio",
    "overall_conv_ratio",
    "avg_time",
    "avg_time_from_start",
)

# What is computed over a property; only blocks of such queries have it.
_VALUE = "value"
_TOTAL = "$overall"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

_log = logging.getLogger(__name__)
_PREFIX = re.compile(r"(\d+)\. ")


def funnel_steps(series: object) -> list[dict[str, Any]]:
    """One entry for each step, in order; of several periods the first, of segments the total."""
    if isinstance(series, list):
        return cast("list[dict[str, Any]]", series)
    if not isinstance(series, dict):
        return []
    tree = cast("dict[str, Any]", series)
    listed = _listed_steps(tree)
    if listed is not None:
        return listed
    block = next(_blocks(tree), None)
    if block is None:
        if tree:
            _log.warning("No steps in a funnel series with keys %s", list(tree))
        return []
    return _block_steps(block)


def _listed_steps(tree: dict[str, Any]) -> list[dict[str, Any]] | None:
    overall = tree.get("$overall")
    nested = object_in(overall).get("steps")
    for candidate in (tree.get("steps"), nested, overall):
        if isinstance(candidate, list):
            return cast("list[dict[str, Any]]", candidate)
    return None


def _blocks(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for metric in map(object_in, tree.values()):
        total = object_in(metric.get(_TOTAL))
        yield from (each for each in (metric, total) if "count" in each)
        # A date of a trend with a breakdown has a total of its own.
        for part in map(object_in, metric.values()):
            yield from (each for each in (part, object_in(part.get(_TOTAL))) if "count" in each)


def _block_steps(block: dict[str, Any]) -> list[dict[str, Any]]:
    measures = _measures(block)
    return [
        {
            "event": _PREFIX.sub("", name, count=1) if _PREFIX.match(name) else name,
            **{measure: _value(block.get(measure), name) for measure in measures},
        }
        for name in sorted(object_in(block["count"]), key=_position)
    ]


def _measures(*holders: dict[str, Any]) -> list[str]:
    """What blocks or steps tell of each step."""
    measured = any(_VALUE in holder for holder in holders)
    return [*STEP_MEASURES, *([_VALUE] if measured else [])]


def _position(name: str) -> tuple[bool, int, str]:
    prefix = _PREFIX.match(name)
    return (prefix is None, int(prefix[1]) if prefix else 0, name)


def _value(measure: object, step: str) -> Any:
    value = object_in(measure).get(step)
    if isinstance(value, dict):
        return cast("dict[str, Any]", value).get("all", 0)
    return 0 if value is None else value


def steps_table(steps: list[dict[str, Any]]) -> Table:
    """A row for each step, numbered from 1; what is missing is 0."""
    measures = _measures(*steps)
    return Table(_columns(measures), _step_rows(steps, measures))


def segments_table(series: object) -> Table | None:
    """The steps of every period and segment, where the series has any; `$overall` among them."""
    blocks = [
        (path, block)
        for metric in object_in(series).values()
        for path, block in _segments(object_in(metric), ())
    ]
    depth = max((len(path) for path, _ in blocks), default=0)
    if depth == 0:
        return None
    dated = all(_DAY.match(path[0]) for path, _ in blocks if path)
    measures = _measures(*(block for _, block in blocks))
    split = depth - dated
    names = ["segment"] if split == 1 else [f"segment_{n}" for n in range(1, split + 1)]
    rows = [
        [*_told(path, dated), *[_TOTAL] * (depth - len(path)), *row]
        for path, block in blocks
        for row in _step_rows(_block_steps(block), measures)
    ]
    return Table([*["date"] * dated, *names, *_columns(measures)], rows)


def _told(path: tuple[str, ...], dated: bool) -> tuple[str, ...]:
    return (*map(day_of, path[:1]), *path[1:]) if dated else path


def _segments(
    node: dict[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    if isinstance(node.get("count"), dict) and "step_conv_ratio" in node:
        yield path, node
        return
    for name, child in node.items():
        yield from _segments(object_in(child), (*path, name))


def _columns(measures: list[str]) -> list[str]:
    return ["step", "event", *measures]


def _step_rows(steps: list[dict[str, Any]], measures: list[str]) -> list[list[Any]]:
    return [
        [number, step.get("event", f"Step {number}"), *(step.get(key, 0) for key in measures)]
        for number, step in enumerate(steps, start=1)
    ]
