"""Flows as rows: in the form of Mixpanel's own client, and in the one that a person would draw."""

from collections.abc import Iterable, Sequence
from typing import Any

from mixpanel_mcp_core.queries.nodes import objects_in
from mixpanel_mcp_core.tables import Table

from .counts import count_of
from .graph import DROPOFF, Edge, Steps, edges_of, nodes_of
from .trees import FlowTreeNode

_ARROW = " > "
_DROPPED = "(drop-off)"


def node_table(steps: Steps) -> Table:
    """A row for each event of each step."""
    columns = ["step", "event", "type", "count", "anchor_type", "is_custom_event"]
    rows = [list(node) for node in nodes_of(steps)]
    return Table([*columns, "conversion_rate_change"], rows)


def edge_table(steps: Steps) -> Table:
    """A row for each way from an event to the next."""
    columns = ["source_step", "source_event", "target_step", "target_event", "count", "target_type"]
    rows = [[edge.source.step, edge.source.event, *edge[1:]] for edge in edges_of(steps)]
    return Table(columns, rows)


def path_table(flows: Iterable[dict[str, Any]]) -> Table:
    """A row for each step of each path."""
    rows = [
        [path, step, *_named(given), count_of(given.get("totalCount"))]
        for path, flow in enumerate(flows)
        for step, given in enumerate(objects_in(flow.get("flowSteps")))
    ]
    return Table(["path_index", "step", "event", "type", "count"], rows)


def tree_table(trees: Iterable[FlowTreeNode]) -> Table:
    """A row for each node, each before its children, with the way to it."""
    columns = ["tree_index", "depth", "path", "event", "type", "step_number"]
    counts = ["total_count", "drop_off_count", "converted_count"]
    rows = [row for index, tree in enumerate(trees) for row in _tree_rows(index, tree, [])]
    return Table([*columns, *counts], rows)


def _tree_rows(index: int, node: FlowTreeNode, way: Sequence[str]) -> list[list[Any]]:
    path = [*way, node.event]
    place = [index, len(way), _ARROW.join(path), node.event, node.type, node.step_number]
    row = [*place, node.total_count, node.drop_off_count, node.converted_count]
    return [row, *(row for child in node.children for row in _tree_rows(index, child, path))]


def transition_grid(steps: Steps) -> Table:
    """Where users go from each event, the largest numbers first within each step."""
    edges = [edge for edge in edges_of(steps) if edge.source.type != DROPOFF]
    edges.sort(key=lambda edge: (edge.source.step, -edge.total))
    return Table(["step", "from", "to", "count", "share"], list(map(_transition, edges)))


def _transition(edge: Edge) -> list[Any]:
    target = _DROPPED if edge.target_type == DROPOFF else edge.target_event
    share = _share(edge.total, edge.source.total)
    return [edge.source.step, edge.source.event, target, edge.total, share]


def path_grid(flows: Iterable[dict[str, Any]]) -> Table:
    """A row for each path: its events, how many took it, their share of all that are shown."""
    paths = [(_path(flow), _path_count(flow)) for flow in flows]
    total = sum(count for _, count in paths)
    rows = [[path, count, _share(count, total)] for path, count in paths]
    return Table(["path", "count", "share"], rows)


def _path(flow: dict[str, Any]) -> str:
    steps = map(_named, objects_in(flow.get("flowSteps")))
    return _ARROW.join(_DROPPED if kind == DROPOFF else event for event, kind in steps)


def _path_count(flow: dict[str, Any]) -> int:
    """The path's own count, or that of its last step: how many went all the way."""
    ends = [flow, *objects_in(flow.get("flowSteps"))[-1:]]
    counts = [end["totalCount"] for end in ends if "totalCount" in end]
    return count_of(counts[0] if counts else None)


def _named(given: dict[str, Any]) -> tuple[str, str]:
    return given.get("event") or "", given.get("type") or ""


def tree_grid(trees: Iterable[FlowTreeNode]) -> Table:
    """The trees drawn with branches, and beside each event its numbers."""
    columns = ["tree", "count", "share_of_parent", "drop_off_count", "drop_off_rate"]
    return Table(columns, [row for tree in trees for row in _drawn(tree)])


def _drawn(tree: FlowTreeNode) -> list[list[Any]]:
    parents = {id(child): node for node in tree.flatten() for child in node.children}
    return [
        [
            branch + node.event,
            node.total_count,
            _share(node.total_count, parents[id(node)].total_count) if branch else None,
            node.drop_off_count,
            node.drop_off_rate,
        ]
        for branch, node in tree.outline()
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
