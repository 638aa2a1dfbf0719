"""Breakdowns as bars, a plot for each metric; and figures that stand by themselves."""

import json
from collections.abc import Sequence

from mixpanel_mcp_core.charts.forms import Bar, Bars, Figures, shortened
from mixpanel_mcp_core.charts.palette import Palette

from .parts import WIDTH, Spec, below_one_another, change, whole

_NOW, _BEFORE = "these days", "the days before"
_BESIDE, _ROW = 3, 100


def bars(chart: Bars, palette: Palette) -> Spec:
    """A plot, or several below one another, each with its own scale."""
    panels = list(dict.fromkeys(bar.panel for bar in chart.bars))
    compared = any(bar.before is not None for bar in chart.bars)
    colour = {
        "scale": {"domain": [_NOW, _BEFORE], "range": [palette.series[0], palette.loss]},
        **({} if compared else {"legend": None}),
    }
    return below_one_another(
        [
            (panel, _plot([bar for bar in chart.bars if bar.panel == panel], chart.share, colour))
            for panel in panels
        ]
    )


def _plot(shown: Sequence[Bar], share: bool, colour: Spec) -> Spec:
    compared = any(bar.before is not None for bar in shown)
    # A name may stand twice; its place does not.
    rows = [
        {
            "place": str(place),
            "value": bar.value,
            "before": bar.before,
            "end": max(bar.value or 0, 0),
            "told": _told(bar, share),
        }
        for place, bar in enumerate(shown)
    ]
    names = {str(place): shortened(bar.name, 44) for place, bar in enumerate(shown)}
    y = {
        "field": "place",
        "type": "nominal",
        "sort": None,
        "axis": {
            "ticks": False,
            "domain": False,
            "labelExpr": f"({json.dumps(names)})[datum.value]",
        },
    }
    x = {"field": "value", "type": "quantitative", "axis": None}
    height = {"band": 0.5 if compared else 0.75}
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "height": height},
            "encoding": {"y": y, "x": x, "color": {"datum": _NOW, **colour}},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 6},
            "encoding": {"y": y, "x": {**x, "field": "end"}, "text": {"field": "told"}},
        },
    ]
    if compared:
        thin = {"type": "bar", "height": {"band": 0.14}, "yOffset": 12}
        before = {"y": y, "x": {**x, "field": "before"}, "color": {"datum": _BEFORE, **colour}}
        layers.insert(0, {"mark": thin, "encoding": before})
    step = {"step": 36 if compared else 26}
    return {"data": {"values": rows}, "width": WIDTH, "height": step, "layer": layers}


def _told(bar: Bar, share: bool) -> str:
    changed = change(bar.value, bar.before)
    return whole(bar.value, share) + (f" ({changed})" if changed else "")


def figures(chart: Figures, palette: Palette) -> Spec:
    """Large figures with their names, three in a row."""
    alone = len(chart.figures) == 1
    first = 40 if alone else 64
    rows = [
        {
            "x": place % _BESIDE * WIDTH // _BESIDE,
            "y": place // _BESIDE * _ROW + first,
            "name": "" if alone and figure.name in chart.title else figure.name,
            "told": whole(figure.value, chart.share),
            "before": _beside(figure, chart.share),
        }
        for place, figure in enumerate(chart.figures)
    ]
    compared = any(row["before"] for row in rows)
    last = (len(rows) - 1) // _BESIDE * _ROW + first
    height = last + (26 if compared else 6)
    x = {
        "field": "x",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, WIDTH], "nice": False},
    }
    y = {
        "field": "y",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [height, 0], "nice": False, "zero": False},
    }
    text = {"type": "text", "align": "left", "baseline": "alphabetic"}
    small = {**text, "color": palette.muted, "fontSize": 13, "limit": WIDTH // _BESIDE - 16}
    return {
        "data": {"values": rows},
        "width": WIDTH,
        "height": height,
        "layer": [
            {
                "mark": {**each, "dy": dy},
                "encoding": {"x": x, "y": y, "text": {"field": field}},
            }
            for field, each, dy in (
                ("name", small, -42),
                ("told", {**text, "fontSize": 38, "fontWeight": 600}, 0),
                ("before", small, 22),
            )
        ],
    }


def _beside(figure: Bar, share: bool) -> str:
    changed = change(figure.value, figure.before)
    return f"{changed}, before: {whole(figure.before, share)}" if changed else ""
