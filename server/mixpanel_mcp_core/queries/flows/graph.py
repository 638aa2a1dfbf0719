"""The steps of a flow as a graph: nodes, and the edges by which users go from one to another."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from mixpanel_mcp_core.queries.nodes import objects_in

from .counts import count_of

DROPOFF = "DROPOFF"
Steps = Sequence[dict[str, Any]]


class Node(NamedTuple):
    """One event at one step."""

    step: int
    event: str
    type: str
    total: int
    anchor_type: str
    is_custom_event: bool
    conversion_rate_change: float | None


class Edge(NamedTuple):
    """How many went from one node to another, or dropped off."""

    source: Node
    target_step: int
    target_event: str
    total: int
    target_type: str

    @property
    def drops_off(self) -> bool:
        """Whether it leads out of the flow."""
        return self.target_type == DROPOFF and self.source.type != DROPOFF


class DropOff(NamedTuple):
    """How many of those at a step dropped off there; `present` had not done so before."""

    step: int
    total: int
    present: int
    dropoff: int

    @property
    def rate(self) -> float:
        """The share that dropped off, 0.0 where nobody was."""
        return self.dropoff / self.total if self.total else 0.0


def nodes_of(steps: Steps) -> list[Node]:
    """All nodes, from the first step to the last."""
    return [node for node, _ in _walk(steps)]


def edges_of(steps: Steps) -> list[Edge]:
    """All edges, in the order of the nodes that they leave."""
    return [_edge(node, edge) for node, edges in _walk(steps) for edge in edges]


def drop_offs_of(steps: Steps) -> list[DropOff]:
    """One entry for each step."""
    nodes, edges = nodes_of(steps), edges_of(steps)
    return [_drop_off(step, nodes, edges) for step in range(len(steps))]


def _drop_off(step: int, nodes: Sequence[Node], edges: Sequence[Edge]) -> DropOff:
    here = [node for node in nodes if node.step == step]
    return DropOff(
        step,
        total=sum(node.total for node in here),
        present=sum(node.total for node in here if node.type != DROPOFF),
        dropoff=sum(edge.total for edge in edges if edge.source.step == step and edge.drops_off),
    )


def _walk(steps: Steps) -> Iterator[tuple[Node, list[dict[str, Any]]]]:
    for index, step in enumerate(steps):
        for given in objects_in(step.get("nodes")):
            yield _node(index, given), objects_in(given.get("edges"))


def _node(step: int, given: dict[str, Any]) -> Node:
    return Node(
        step,
        given.get("event") or "",
        given.get("type") or "",
        count_of(given.get("totalCount")),
        given.get("anchorType") or "NORMAL",
        bool(given.get("isCustomEvent")),
        given.get("conversionRateChange", 0.0),
    )


def _edge(source: Node, given: dict[str, Any]) -> Edge:
    step = given.get("step")
    return Edge(
        source,
        source.step + 1 if step is None else count_of(step),
        given.get("event") or "",
        count_of(given.get("totalCount")),
        given.get("type") or "",
    )
