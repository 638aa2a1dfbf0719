"""Mixpanel's answers to flow queries, as results with tables."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from mixpanel_mcp_core.errors import ResponseValidationError
from mixpanel_mcp_core.queries.answers import Noted, accepted_object, query_error, remarks_of
from mixpanel_mcp_core.queries.nodes import objects_in
from mixpanel_mcp_core.queries.vocabulary import FlowMode
from mixpanel_mcp_core.tables import Table

from .graph import drop_offs_of, edges_of
from .tables import (
    edge_table,
    node_table,
    path_grid,
    path_table,
    transition_grid,
    tree_grid,
    tree_table,
)
from .trees import FlowTreeNode, read_trees

_PARTS = ("steps", "flows", "trees", "computed_at", "metadata")
_MODES_OF_MERGE: dict[str, FlowMode] = {"tree": "tree", "list": "paths", "graph": "sankey"}
_MODES_OF_CHART: dict[str, FlowMode] = {"top-paths": "paths", "paths": "paths", "tree": "tree"}
_FIELDS = {"overall_conversion_rate": "overallConversionRate", "meta": "metadata"}


class FlowResult(Noted):
    """The answer to a flow query; `mode` tells whether steps, flows (paths) or trees hold it."""

    computed_at: str = ""
    steps: list[dict[str, Any]] = []
    flows: list[dict[str, Any]] = []
    breakdowns: list[Any] = []
    overall_conversion_rate: float = 0.0
    params: dict[str, Any] = {}
    meta: dict[str, Any] = {}
    mode: FlowMode = "sankey"
    trees: list[FlowTreeNode] = []

    def node_table(self) -> Table:
        """A row for each event of each step."""
        return node_table(self.steps)

    def edge_table(self) -> Table:
        """A row for each way from an event to the next."""
        return edge_table(self.steps)

    def top_transitions(self, n: int = 10) -> list[tuple[str, str, int]]:
        """The n ways that most users go, each from `event@step` to `event@step`."""
        edges = sorted(edges_of(self.steps), key=lambda edge: -edge.total)
        return [
            (
                f"{edge.source.event}@{edge.source.step}",
                f"{edge.target_event}@{edge.target_step}",
                edge.total,
            )
            for edge in edges[:n]
        ]

    def drop_off_summary(self) -> dict[str, dict[str, int | float]]:
        """For each step, under `step_<index>`: total, dropoff and their rate."""
        return {
            f"step_{each.step}": {
                "total": each.total,
                "dropoff": each.dropoff,
                "rate": each.rate,
            }
            for each in drop_offs_of(self.steps)
        }

    def table(self) -> Table:
        """The rows of the mode: nodes, steps of paths, or nodes of trees."""
        if self.mode == "tree":
            return tree_table(self.trees)
        return path_table(self.flows) if self.mode == "paths" else node_table(self.steps)

    def grid(self) -> Table:
        """What a person would draw: transitions, whole paths, or trees with branches."""
        if self.mode == "tree":
            return tree_grid(self.trees)
        if self.mode == "paths":
            return path_grid(self.flows)
        transitions = transition_grid(self.steps)
        return transitions if transitions.rows else node_table(self.steps)

    def appendix(self) -> list[str]:
        """How many dropped off at each step but the last, and the breakdowns as they came."""
        drop_offs = drop_offs_of(self.steps)[:-1] if self.mode == "sankey" else []
        told = [
            f"step {each.step}: {each.dropoff:,} of {each.present:,} dropped off"
            f" ({each.dropoff / (each.present or 1):.1%})"
            for each in drop_offs
        ]
        return [
            *told,
            *(f"breakdown: {json.dumps(each, ensure_ascii=False)}" for each in self.breakdowns),
        ]

    def remarks(self) -> list[str]:
        """What a reader should know beside the numbers."""
        several = len(objects_in(self.params.get("steps"))) > 1
        overall = f"overall conversion {self.overall_conversion_rate:.1%}"
        return [*self.notes, *([overall] if several else []), *remarks_of(self.meta)]


def flow_mode(params: Mapping[str, Any]) -> FlowMode:
    """The mode that a flow's bookmark was built for."""
    merge, chart = str(params.get("flows_merge_type")), str(params.get("chartType"))
    return _MODES_OF_MERGE.get(merge) or _MODES_OF_CHART.get(chart, "sankey")


def read_flow(answer: object, params: Mapping[str, Any], mode: FlowMode) -> FlowResult:
    """The result of a flow query; QueryError where the answer tells of a failure."""
    body = _accepted(answer, params, mode)
    names = FlowResult.model_fields.keys() - Noted.model_fields.keys()
    fields = {name: body.get(_FIELDS.get(name, name)) for name in names}
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        trees = read_trees(body.get("trees")) if mode == "tree" else []
        own = {"params": dict(params), "mode": mode, "trees": trees}
        return FlowResult.model_validate({**given, **own})
    except ValidationError as error:
        raise ResponseValidationError(f"The answer has another shape: {error}") from None


def _accepted(answer: object, params: Mapping[str, Any], mode: FlowMode) -> dict[str, Any]:
    body = accepted_object(answer, params, "steps, flows or trees")
    if mode != "tree" and not any(part in body for part in _PARTS):
        keys = ", ".join(sorted(body)) or "none"
        raise query_error(
            f"The answer has no steps, flows or trees; its keys: {keys}.", body, params
        )
    return body
