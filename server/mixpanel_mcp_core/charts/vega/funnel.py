"""Funnels: a bar for each step and segment, the part that came before it and left in grey."""

from itertools import pairwise

from mixpanel_mcp_core.charts.forms import Funnel, Group, Number
from mixpanel_mcp_core.charts.palette import Palette

from .parts import WIDTH, Spec, legend_columns, percent, whole

_LEFT = "did not go on"


def funnel(chart: Funnel, palette: Palette) -> Spec:
    """The steps below one another, and within a step its segments."""
    names = [group.name for group in chart.groups]
    several = len(names) > 1
    rows = [row for group in chart.groups for row in _rows(group)]
    axis = {"ticks": False, "domain": False, "labelColor": palette.text}
    place = {
        "y": {"field": "step", "type": "nominal", "sort": None, "axis": axis},
        "yOffset": {"field": "name", "sort": None, "scale": {"paddingInner": 0.1}},
    }
    x = {"type": "quantitative", "axis": None, "scale": {"domain": [0, 1.3]}}
    shown = [*(names if several else []), _LEFT]
    colour = {
        "scale": {
            "domain": [*names, _LEFT],
            "range": [*palette.series[: len(names)], palette.loss],
        },
        "legend": {"values": shown, "columns": legend_columns(shown)},
    }
    layers = [
        {
            "mark": "bar",
            "encoding": {
                **place,
                "x": {**x, "field": "came"},
                "color": {"datum": _LEFT, **colour},
            },
        },
        {
            "mark": "bar",
            "encoding": {
                **place,
                "x": {**x, "field": "kept"},
                "color": {"field": "name", **colour},
            },
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 6},
            "encoding": {**place, "x": {**x, "field": "came"}, "text": {"field": "told"}},
        },
    ]
    return {
        "data": {"values": rows},
        "width": WIDTH,
        "height": {"step": 20} if several else {"step": 44, "for": "position"},
        "layer": layers,
    }


def _rows(group: Group) -> list[Spec]:
    firsts = [min(1, step.of_first or 0) for step in group.steps]
    came = [*firsts[:1], *firsts[:-1]]
    lost = ["", *(_lost(a.count, b.count) for a, b in pairwise(group.steps))]
    return [
        {
            "step": f"{number}. {step.event}",
            "name": group.name,
            "kept": kept,
            "came": max(before, kept),
            "told": f"{whole(step.count)} · {percent(step.of_first)}{left}",
        }
        for number, (step, kept, before, left) in enumerate(
            zip(group.steps, firsts, came, lost, strict=True), start=1
        )
    ]


def _lost(before: Number | None, here: Number | None) -> str:
    return f"   (-{whole(before - here)})" if before is not None and here is not None else ""
