"""Retention: a field for each cohort and bucket, its number in it, its colour by its size."""

import json

from mixpanel_mcp_core.charts.forms import Cohort, Grid
from mixpanel_mcp_core.charts.palette import Palette

from .parts import WIDTH, Spec, percent, whole

_NARROWEST = 46


def grid(chart: Grid, palette: Palette) -> Spec:
    """A heat map; what is not over is framed instead of coloured."""
    rows = [cell for row in chart.rows for cell in _cells(chart, row)]
    heads = [
        f"{chart.unit} {head}".strip() if not at else head for at, head in enumerate(chart.columns)
    ]
    over = [row for row in rows if not row["running"]]
    highest = max((row["value"] for row in over), default=0) or 1
    top = {
        "orient": "top",
        "labelAngle": 0,
        "domain": False,
        "ticks": False,
        "labelExpr": f"{json.dumps(heads)}[datum.value]",
    }
    side = {"domain": False, "ticks": False, "labelColor": palette.text}
    place = {
        "x": {"field": "bucket", "type": "ordinal", "sort": None, "axis": top},
        "y": {"field": "cohort", "type": "ordinal", "sort": None, "axis": side},
    }
    heat = {
        "field": "value",
        "type": "quantitative",
        "legend": None,
        "scale": {"domain": [0, highest], "range": [palette.cold, palette.hot], "clamp": True},
    }
    framed = {"type": "rect", "filled": False, "stroke": palette.loss, "strokeDash": [3, 3]}
    told = {**place, "text": {"field": "told"}}
    layers = [
        {
            "data": {"values": over},
            "mark": {"type": "rect", "stroke": palette.background, "strokeWidth": 2},
            "encoding": {**place, "color": heat},
        },
        {"data": {"values": over}, "mark": "text", "encoding": told},
    ]
    if running := [row for row in rows if row["running"]]:
        size = {"width": {"band": 0.92}, "height": {"band": 0.86}}
        muted = {"type": "text", "color": palette.muted}
        layers += [
            {"data": {"values": running}, "mark": {**framed, **size}, "encoding": place},
            {"data": {"values": running}, "mark": muted, "encoding": told},
        ]
    width = max(WIDTH, _NARROWEST * len(chart.columns))
    return {"width": width, "height": {"step": 26}, "layer": layers}


def _cells(chart: Grid, row: Cohort) -> list[Spec]:
    known = [(at, cell) for at, cell in enumerate(row.cells) if cell is not None]
    name = f"{row.name}  ({whole(_rounded(row.size))})" if row.size is not None else row.name
    return [
        {
            "cohort": name,
            "bucket": at,
            "value": cell,
            "told": percent(cell, 0) if chart.share else whole(cell),
            "running": place >= len(known) - row.running,
        }
        for place, (at, cell) in enumerate(known)
    ]


def _rounded(size: int | float) -> int:
    return round(size)
