"""Flows as Sankey diagrams: from steps, from whole paths, or from trees."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from mixpanel_mcp_core.queries.flows.counts import count_of
from mixpanel_mcp_core.queries.flows.graph import DROPOFF, Steps, edges_of, nodes_of
from mixpanel_mcp_core.queries.flows.trees import FlowTreeNode
from mixpanel_mcp_core.queries.nodes import objects_in

from .forms import MOST_NODES, Flow, Link, Node, Number, left_out

_LEFT = "(drop-off)"
_OTHERS = "(others)"
_NO_EVENTS = (_OTHERS, _LEFT)
# Mixpanel's own name for them.
_REST = "$other"


class _Place(NamedTuple):
    step: int
    event: str


_Counts = Counter[_Place]
_Ways = Counter[tuple[_Place, _Place]]


def steps_chart(steps: Steps, title: str = "", period: str = "") -> Flow:
    """The chart of the steps of a flow."""
    counts = _Counts({_Place(n.step, _named(n.event, n.type)): n.total for n in nodes_of(steps)})
    ways = _Ways()
    for edge in edges_of(steps):
        # Who has dropped off is drawn once, not carried along through all later steps.
        if edge.source.type != DROPOFF:
            source = _Place(edge.source.step, _named(edge.source.event, edge.source.type))
            target = _Place(edge.target_step, _named(edge.target_event, edge.target_type))
            ways[source, target] += edge.total
    return _chart(counts, ways, title, period)


def paths_chart(flows: Iterable[dict[str, Any]], title: str = "", period: str = "") -> Flow:
    """The chart of whole paths, laid together where they share an event at a step."""
    counts, ways = _Counts(), _Ways()
    for flow in flows:
        steps = objects_in(flow.get("flowSteps"))
        number = count_of(flow.get("totalCount", steps[-1].get("totalCount") if steps else 0))
        places = [
            _Place(at, _named(step.get("event") or "", step.get("type") or ""))
            for at, step in enumerate(steps)
        ]
        for place in places:
            counts[place] += number
        for source, target in pairwise(places):
            ways[source, target] += number
    return _chart(counts, ways, title, period)


def trees_chart(trees: Iterable[FlowTreeNode], title: str = "", period: str = "") -> Flow:
    """The chart of trees, laid together where they share an event at a step."""
    counts, ways = _Counts(), _Ways()
    for tree in trees:
        _add_tree(tree, 0, counts, ways)
    return _chart(counts, ways, title, period)


def _add_tree(node: FlowTreeNode, at: int, counts: _Counts, ways: _Ways) -> None:
    place = _Place(at, _named(node.event, node.type))
    counts[place] += node.total_count
    for child in node.children:
        ways[place, _Place(at + 1, _named(child.event, child.type))] += child.total_count
        _add_tree(child, at + 1, counts, ways)


def _named(event: str, kind: str) -> str:
    return _LEFT if kind == DROPOFF else _OTHERS if event == _REST else event


def _chart(counts: _Counts, ways: _Ways, title: str, period: str) -> Flow:
    kept = _kept(counts)
    nodes, links = _Counts(), _Ways()
    for place, count in counts.items():
        nodes[_within(place, kept)] += count
    for (source, target), count in ways.items():
        links[_within(source, kept), _within(target, kept)] += count
    reached = {place for way in links for place in way}
    order = sorted(
        (place for place in nodes if place in reached or place.event != _LEFT),
        key=lambda place: (*_rank(place), -nodes[place]),
    )
    numbers = {place: number for number, place in enumerate(order)}
    return Flow(
        title=title or _title(order),
        period=period,
        notes=left_out(len(kept), len(counts), "events at their steps"),
        nodes=[_node(place, nodes[place], links) for place in order],
        links=[
            Link(numbers[source], numbers[target], count)
            for (source, target), count in links.items()
            if count
        ],
    )


def _rank(place: _Place) -> tuple[int, int]:
    """At each step the events, then those that are none by themselves."""
    last = _NO_EVENTS.index(place.event) + 1 if place.event in _NO_EVENTS else 0
    return place.step, last


def _node(place: _Place, count: Number, links: _Ways) -> Node:
    left = place.event == _LEFT
    # A later step counts those who left before it again.
    arrived = sum(number for (_, target), number in links.items() if target == place)
    return Node(place.step, place.event, arrived if left else count, left)


def _kept(counts: _Counts) -> set[_Place]:
    """The largest events of each step; drop-offs always."""
    kept = {place for place in counts if place.event == _LEFT}
    for step in {place.step for place in counts}:
        here = [place for place in counts if place.step == step and place.event != _LEFT]
        kept.update(sorted(here, key=lambda place: -counts[place])[:MOST_NODES])
    return kept


def _within(place: _Place, kept: set[_Place]) -> _Place:
    return place if place in kept else _Place(place.step, _OTHERS)


def _title(order: Sequence[_Place]) -> str:
    """The one event that a flow begins or ends with."""
    steps = sorted({place.step for place in order})
    for step, word in ((steps[0], "After"), (steps[-1], "Before")) if steps else ():
        events = [each.event for each in order if each.step == step and each.event != _LEFT]
        if len(events) == 1:
            return f"{word} {events[0]}"
    return "Flow" if order else "No flows"
