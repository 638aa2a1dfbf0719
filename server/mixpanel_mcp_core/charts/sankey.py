"""Where the boxes and bands of a Sankey diagram lie."""

from collections.abc import Sequence
from typing import NamedTuple

from .forms import Flow, Node

_BOX = 12
_GAP = 26
_LABEL = 150
_POINTS = 16


class Box(NamedTuple):
    """A node: its corner and its size."""

    node: Node
    x: float
    top: float
    width: float
    height: float


class Band(NamedTuple):
    """A link: x, upper and lower edge at each of its points."""

    step: int
    left: bool
    points: list[tuple[float, float, float]]


def laid_out(flow: Flow, width: int) -> tuple[list[Box], list[Band], int]:
    """The boxes, the bands between them, and the height that they take."""
    steps = sorted({node.step for node in flow.nodes})
    columns = [[at for at, node in enumerate(flow.nodes) if node.step == step] for step in steps]
    most = max(map(len, columns), default=1)
    tallest = max((sum(flow.nodes[at].count for at in each) for each in columns), default=0) or 1
    scale = max(200, most * 30) / tallest
    apart = (width - _LABEL - _BOX) / max(len(steps) - 1, 1)
    boxes: dict[int, Box] = {}
    for place, column in enumerate(columns):
        top = float(_GAP)
        for at in column:
            tall = max(2.0, flow.nodes[at].count * scale)
            boxes[at] = Box(flow.nodes[at], place * apart, top, _BOX, tall)
            top += tall + _GAP
    height = max((box.top + box.height for box in boxes.values()), default=0)
    in_order = [boxes[at] for at in range(len(flow.nodes))]
    return in_order, _bands(flow, in_order, scale), round(height) + 8


def _bands(flow: Flow, boxes: Sequence[Box], scale: float) -> list[Band]:
    """Each link, at either end in the order of the other ends, so that few of them cross."""
    sizes = [max(1.0, link.count * scale) for link in flow.links]
    order = range(len(flow.links))
    starts, ends = dict[int, float](), dict[int, float]()
    leaving, coming = [box.top for box in boxes], [box.top for box in boxes]
    for at in sorted(order, key=lambda at: flow.links[at].target):
        source = flow.links[at].source
        starts[at], leaving[source] = leaving[source], leaving[source] + sizes[at]
    for at in sorted(order, key=lambda at: flow.links[at].source):
        target = flow.links[at].target
        ends[at], coming[target] = coming[target], coming[target] + sizes[at]
    return [
        _band(boxes[link.source], starts[at], boxes[link.target], ends[at], sizes[at])
        for at, link in enumerate(flow.links)
    ]


def _band(source: Box, start: float, target: Box, end: float, size: float) -> Band:
    points = _curve((source.x + source.width, start), (target.x, end), size)
    return Band(source.node.step, target.node.left, points)


def _curve(
    start: tuple[float, float], end: tuple[float, float], size: float
) -> list[tuple[float, float, float]]:
    (x1, y1), (x2, y2) = start, end
    points: list[tuple[float, float, float]] = []
    for number in range(_POINTS + 1):
        part = number / _POINTS
        y = y1 + (y2 - y1) * part * part * (3 - 2 * part)
        points.append((x1 + (x2 - x1) * part, y, y + size))
    return points
