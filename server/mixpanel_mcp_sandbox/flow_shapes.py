"""Counted walks to what a flows report shows: columns of nodes, frequent paths, or a tree."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from .calls import Json
from .plan import FlowShape
from .walks import Course, Path

ANCHOR, NORMAL, DROPOFF, PRUNED = "ANCHOR", "NORMAL", "DROPOFF", "PRUNED"
OTHER = "$other"
MOST_PATHS = 50
# Nodes of a column stand in this order, each kind by count.
ORDER = (ANCHOR, NORMAL, PRUNED, DROPOFF)
Counts = Mapping[Path, int]


class Node(NamedTuple):
    """A name in a column; the same name may be an event and a drop-off."""

    column: int
    name: str
    kind: str


@dataclass(frozen=True)
class Shape:
    """How the counted walks of one course are shown."""

    course: Course
    cardinality: int
    wanted: FlowShape

    def parts(self, counts: Counts) -> Json:
        """Return the parts of the answer that depend on the walks; only the wanted is filled."""
        return {
            "steps": self._steps(counts) if self.wanted == "flows_sankey" else [],
            "flows": self._flows(counts) if self.wanted == "flows_top_paths" else [],
            "trees": self._trees(counts) if self.wanted == "flows" else [],
            "overallConversionRate": self._conversion(counts),
        }

    def _conversion(self, counts: Counts) -> float:
        columns = self.course.columns
        if len(columns) == 1:
            return 1.0
        reached = sum(n for path, n in counts.items() if path.cells[columns[-1]] is not None)
        return reached / (sum(counts.values()) or 1)

    def _steps(self, counts: Counts) -> list[Json]:
        kept = self._kept(counts)
        nodes, links = Counter[Node](), Counter[tuple[Node, Node]]()
        for path, count in counts.items():
            walked = [self._pruned(node, kept) for node in self._nodes(path)]
            nodes.update(dict.fromkeys(walked, count))
            links.update(dict.fromkeys(pairwise(walked), count))
        return [{"nodes": self._column(c, nodes, links)} for c in range(self.course.width)]

    def _nodes(self, path: Path) -> Iterator[Node]:
        for column, name in enumerate(path.cells):
            if name is not None:
                yield Node(column, name, ANCHOR if column in self.course.columns else NORMAL)
        if path.dropped is not None:
            yield Node(path.dropped, DROPOFF, DROPOFF)

    def _kept(self, counts: Counts) -> set[Node]:
        """Return the most frequent events of each column."""
        found: dict[int, Counter[Node]] = defaultdict(Counter)
        for path, count in counts.items():
            for node in self._nodes(path):
                if node.kind == NORMAL:
                    found[node.column][node] += count
        return {node for column in found.values() for node in _ranked(column)[: self.cardinality]}

    def _pruned(self, node: Node, kept: set[Node]) -> Node:
        if node.kind != NORMAL or node in kept:
            return node
        return Node(node.column, OTHER, PRUNED)

    def _column(
        self, column: int, nodes: Counter[Node], links: Counter[tuple[Node, Node]]
    ) -> list[Json]:
        edges: dict[Node, Counter[Node]] = defaultdict(Counter)
        for (source, target), count in links.items():
            edges[source][target] = count
        standing = Counter({node: n for node, n in nodes.items() if node.column == column})
        return [
            {
                **_counted(node, standing[node]),
                "anchorType": self._side(column),
                "isCustomEvent": False,
                "edges": [
                    {**_counted(target, edges[node][target]), "step": target.column}
                    for target in _ranked(edges[node])
                ],
            }
            for node in _ranked(standing)
        ]

    def _side(self, column: int) -> str:
        columns = self.course.columns
        if column in columns:
            return "NORMAL"
        last = max((k for k, at in enumerate(columns) if at < column), default=None)
        behind = last is not None and column <= columns[last] + self.course.anchors[last].forward
        return "RELATIVE_FORWARD" if behind else "RELATIVE_REVERSE"

    def _flows(self, counts: Counts) -> list[Json]:
        """Join walks of the same names, wherever these stand; the most frequent lends its kinds."""
        found = Counter[tuple[str, ...]]()
        shown: dict[tuple[str, ...], list[Node]] = {}
        for path, count in sorted(counts.items(), key=lambda item: -item[1]):
            nodes = [node for node in self._nodes(path) if node.kind != DROPOFF]
            names = tuple(node.name for node in nodes)
            found[names] += count
            shown.setdefault(names, nodes)
        ranked = sorted(found, key=lambda names: (-found[names], names))
        return [
            {"flowSteps": [_counted(node, found[names]) for node in shown[names]]}
            for names in ranked[:MOST_PATHS]
        ]

    def _trees(self, counts: Counts) -> list[Json]:
        root = Branch()
        for path, count in counts.items():
            root.grow(self._nodes(path), count)
        return [{"root": tree} for tree in root.trees()]


@dataclass
class Branch:
    """The walks that begin alike, with their first `depth` events."""

    depth: int = 0
    count: int = 0
    dropped: int = 0
    branches: dict[Node, "Branch"] = field(default_factory=dict["Node", "Branch"])

    def grow(self, nodes: Iterable[Node], count: int) -> None:
        """Add walks along their nodes."""
        branch = self
        for node in nodes:
            if node.kind == DROPOFF:
                branch.dropped += count
                return
            # A branch stands as deep as events go before it, whatever the columns of its walks.
            place = Node(branch.depth, node.name, node.kind)
            branch = branch.branches.setdefault(place, Branch(branch.depth + 1))
            branch.count += count

    def trees(self) -> list[Json]:
        """Return the branches, the most frequent first."""
        ranked = _ranked(Counter({node: branch.count for node, branch in self.branches.items()}))
        return [self.branches[node].tree(node) for node in ranked]

    def tree(self, node: Node) -> Json:
        """Return the branch that begins with a node."""
        return {
            "step": {"event": node.name, "type": node.kind, "stepNumber": node.column},
            "totalCount": str(self.count),
            "dropOffTotalCount": str(self.dropped),
            "convertedTotalCount": str(self.count - self.dropped),
            "children": self.trees(),
        }


def _counted(node: Node, count: int) -> Json:
    return {"event": node.name, "type": node.kind, "totalCount": str(count)}


def _ranked(nodes: Counter[Node]) -> list[Node]:
    return sorted(nodes, key=lambda node: (ORDER.index(node.kind), -nodes[node], node.name))
