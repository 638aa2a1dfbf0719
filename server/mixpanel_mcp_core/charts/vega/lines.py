"""Trends: lines over time, the other period dashed, what is not final dotted."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from mixpanel_mcp_core.charts.forms import Lines, Series, shortened
from mixpanel_mcp_core.charts.palette import Palette

from .parts import WIDTH, Spec, below_one_another, legend_columns

_SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "arrow", "wedge")
# Vega calls a billion a giga.
_SHORT = (
    "abs(datum.value) < 1 ? format(datum.value, '~g')"
    " : replace(format(datum.value, '~s'), 'G', 'B')"
)
_PERCENT = "format(datum.value, '.0%')"
_SOLID = "solid"


def lines(chart: Lines, palette: Palette) -> Spec:
    """A plot, or several below one another where the lines have no scale in common."""
    panels = list(dict.fromkeys(each.panel for each in chart.series))
    height = 340 if len(panels) == 1 else max(120, 420 // len(panels))
    looks = _looks(chart, palette)
    return below_one_another(
        [
            (
                panel,
                _plot(chart, [each for each in chart.series if each.panel == panel], looks)
                | {"width": WIDTH, "height": height},
            )
            for panel in panels
        ]
    )


def _looks(chart: Lines, palette: Palette) -> Spec:
    """How lines are told apart: by colour and shape, and the kinds of a line by their dashes."""
    names = list(dict.fromkeys(each.name for each in chart.series))
    told = {name: shortened(name, 56) for name in names}
    legend = {
        "columns": legend_columns(list(told.values())),
        "labelExpr": f"({json.dumps(told)})[datum.label]",
    }
    before = f"{chart.before_dates[0]} to {chart.before_dates[-1]}" if chart.before_dates else ""
    kinds = {_SOLID: [1, 0], before: [5, 4], chart.dotted: [1.5, 3]}
    dashes = [kind for kind in (before, chart.dotted) if kind]
    return {
        "zero": palette.muted,
        "color": {
            "field": "name",
            "scale": {"domain": names, "range": list(palette.series[: len(names)])},
            "legend": legend,
        },
        "shape": {
            "field": "name",
            "scale": {"domain": names, "range": list(_SHAPES[: len(names)])},
            "legend": legend,
        },
        "strokeDash": {
            "field": "kind",
            "scale": {"domain": list(kinds), "range": list(kinds.values())},
            "legend": {"values": dashes, "symbolType": "stroke", "symbolSize": 400}
            if dashes
            else None,
        },
    }


def _plot(chart: Lines, series: Sequence[Series], looks: Spec) -> Spec:
    x, y = _axes(chart, series)
    shared = {"x": x, "y": y, "color": looks["color"]}
    rows = [row for each in series for row in _rows(chart, each)]
    points = [
        {"x": place, "name": each.name, "value": each.values[place]}
        for each in series
        for place in each.marks
    ]
    below = any(value < 0 for each in series for value in each.values if value is not None)
    zero = {
        "data": {"values": [{}]},
        "mark": {"type": "rule", "color": looks["zero"]},
        "encoding": {"y": {"datum": 0}},
    }
    return {
        "layer": [
            *([zero] if below else []),
            {
                "data": {"values": rows},
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {
                    **shared,
                    "strokeDash": looks["strokeDash"],
                    "detail": {"field": "piece"},
                },
            },
            {
                "data": {"values": points},
                "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
                "encoding": {**shared, "shape": looks["shape"]},
            },
        ]
    }


def _axes(chart: Lines, series: Sequence[Series]) -> tuple[Spec, Spec]:
    every = _every(chart)
    labels = json.dumps(chart.labels[::every])
    last = len(chart.dates) - 1
    x = {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": [0, last] if last else [-1, 1], "nice": False},
        "axis": {
            "grid": False,
            "values": list(range(0, len(chart.dates), every)),
            "labelExpr": f"{labels}[datum.value / {every}]",
            "labelFlush": False,
        },
    }
    values = [value for each in series for value in (*each.values, *each.before) if value]
    y = {
        "field": "value",
        "type": "quantitative",
        "axis": {"labelExpr": _PERCENT if chart.share else _SHORT, "tickCount": 5},
        # Zeros alone have no scale of their own.
        **({} if values else {"scale": {"domain": [0, 1]}}),
    }
    return x, y


def _every(chart: Lines) -> int:
    """The distance of dates at which there is room for labels."""
    room = max(map(len, chart.labels), default=1) * 7 + 24
    least = len(chart.labels) * room / WIDTH
    return next((step for step in chart.steps if step >= least), len(chart.labels))


def _rows(chart: Lines, series: Series) -> Iterator[dict[str, Any]]:
    """The points of each piece of a line: what is dotted is a line by itself."""
    dates = chart.before_dates
    if series.before and dates:
        before = f"{dates[0]} to {dates[-1]}"
        for place, value in enumerate(series.before):
            yield {"x": place, "name": series.name, "value": value, "kind": before, "piece": "b"}
    for kind, first, last in _pieces(chart):
        for place in range(first, last + 1):
            value = series.values[place]
            row = {"x": place, "name": series.name, "value": value}
            yield {**row, "kind": kind, "piece": str(first)}


def _pieces(chart: Lines) -> Iterator[tuple[str, int, int]]:
    """Where a line is solid or dotted: the kind, and the first and last place of each stretch."""
    beside = {place - step for place in chart.cut for step in (0, 1)}
    for part, places in groupby(range(len(chart.dates) - 1), beside.__contains__):
        first, *more = places
        yield chart.dotted if part else _SOLID, first, (more[-1] if more else first) + 1
