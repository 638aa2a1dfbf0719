"""The tree of a flow: every node is one event after one particular way to it."""

from collections.abc import Iterator
from typing import Any, cast

from pydantic import BaseModel, ConfigDict

from mixpanel_mcp_core.queries.nodes import objects_in

from .counts import count_of


class FlowTreeNode(BaseModel):
    """One event of a tree: how many came here, dropped off here, went on; what they did next."""

    model_config = ConfigDict(frozen=True)

    event: str
    type: str
    step_number: int
    total_count: int
    drop_off_count: int = 0
    converted_count: int = 0
    anchor_type: str = "NORMAL"
    is_computed: bool = False
    children: list["FlowTreeNode"] = []
    time_percentiles_from_start: dict[str, Any] = {}
    time_percentiles_from_prev: dict[str, Any] = {}

    @property
    def depth(self) -> int:
        """Levels below this node; 0 for a leaf."""
        return max((child.depth + 1 for child in self.children), default=0)

    @property
    def node_count(self) -> int:
        """Nodes of the tree, this one among them."""
        return 1 + sum(child.node_count for child in self.children)

    @property
    def leaf_count(self) -> int:
        """Nodes without children, which is the number of paths."""
        return sum(child.leaf_count for child in self.children) or 1

    @property
    def conversion_rate(self) -> float:
        """The share that went on, 0.0 where nobody came."""
        return self.converted_count / self.total_count if self.total_count else 0.0

    @property
    def drop_off_rate(self) -> float:
        """The share that dropped off here, 0.0 where nobody came."""
        return self.drop_off_count / self.total_count if self.total_count else 0.0

    def all_paths(self) -> list[list["FlowTreeNode"]]:
        """Every way from here to a leaf, both included."""
        below = [path for child in self.children for path in child.all_paths()]
        return [[self, *path] for path in below or [[]]]

    def find(self, event: str) -> list["FlowTreeNode"]:
        """The nodes of this event, in the order of `flatten`."""
        return [node for node in self.flatten() if node.event == event]

    def flatten(self) -> list["FlowTreeNode"]:
        """All nodes, each before its children."""
        return [self, *(node for child in self.children for node in child.flatten())]

    def outline(self) -> Iterator[tuple[str, "FlowTreeNode"]]:
        """All nodes, each with the branches that lead a reader's eye to it."""
        yield "", self
        for index, child in enumerate(self.children):
            last = index == len(self.children) - 1
            knot, line = ("└── ", "    ") if last else ("├── ", "│   ")
            for branch, node in child.outline():
                yield (line + branch if branch else knot), node

    def render(self) -> str:
        """The tree as text: an event and its count on each line."""
        return "\n".join(
            f"{branch}{node.event} ({node.total_count:,})" for branch, node in self.outline()
        )


def read_trees(trees: object) -> list[FlowTreeNode]:
    """The trees of an answer; a root that stands for no event gives way to its children."""
    roots = [_node(cast("dict[str, Any]", root)) for root in _roots(trees)]
    return [node for root in roots for node in ([root] if root.event else root.children)]


def _roots(trees: object) -> Iterator[object]:
    for tree in objects_in(trees):
        if isinstance(tree.get("root"), dict) and tree["root"]:
            yield tree["root"]


def _node(given: dict[str, Any]) -> FlowTreeNode:
    step = given.get("step")
    words = cast("dict[str, Any]", step) if isinstance(step, dict) else {}
    return FlowTreeNode(
        event=words.get("event") or "",
        type=words.get("type") or "",
        step_number=count_of(_either(words, "stepNumber", "step_number")),
        total_count=count_of(_either(given, "totalCount", "total_count")),
        drop_off_count=count_of(_either(given, "dropOffTotalCount", "drop_off_total_count")),
        converted_count=count_of(_either(given, "convertedTotalCount", "converted_total_count")),
        anchor_type=_either(words, "anchorType", "anchor_type") or "NORMAL",
        is_computed=bool(_either(words, "isComputed", "is_computed")),
        children=list(map(_node, objects_in(given.get("children")))),
        time_percentiles_from_start=_times(given, "FromStart", "from_start"),
        time_percentiles_from_prev=_times(given, "FromPrev", "from_prev"),
    )


def _times(given: dict[str, Any], camel: str, snake: str) -> dict[str, Any]:
    times = _either(given, f"timePercentiles{camel}", f"time_percentiles_{snake}")
    return cast("dict[str, Any]", times) if isinstance(times, dict) else {}


def _either(given: dict[str, Any], camel: str, snake: str) -> Any:
    """A value under its name on the wire, or under the name that stored results have."""
    return given[camel] if camel in given else given.get(snake)
