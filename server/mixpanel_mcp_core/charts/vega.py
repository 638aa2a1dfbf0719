"""Charts as Vega-Lite specifications, with all of their data inside."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from .forms import Bars, Chart, Flow, Funnel, Grid, Group, Lines, Number, Series
from .palette import PALETTES, Palette, Theme
from .sankey import Box, laid_out

Spec = dict[str, Any]

_WIDTH = 860
_FONT = "Arial, Helvetica, Liberation Sans, sans-serif"
_SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "arrow", "wedge")
# Vega calls a billion a giga.
_SHORT = "replace(format(datum.value, '~s'), 'G', 'B')"
_PERCENT = "format(datum.value, '.0%')"


def specification(chart: Chart, source: str = "", theme: Theme = "light") -> Spec:
    """The picture of a chart; `source` says below the title where the numbers come from."""
    palette = PALETTES[theme]
    about = " · ".join(filter(None, (chart.period, _dashed(chart), source)))
    drawn = _body(chart, palette)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {
            "text": chart.title,
            "subtitle": [line for line in (about, *chart.notes) if line],
        },
        "width": _WIDTH,
        "padding": 18,
        "background": palette.background,
        "config": _look(palette),
        **drawn,
    }


def _body(chart: Chart, palette: Palette) -> Spec:
    match chart:
        case Lines():
            return _lines(chart, palette)
        case Bars():
            return _bars(chart, palette)
        case Funnel():
            return _funnel(chart, palette)
        case Grid():
            return _grid(chart, palette)
        case Flow():
            return _flow(chart, palette)
        case _:
            raise TypeError(f"no picture of {type(chart).__name__}")


def _look(palette: Palette) -> Spec:
    axis = {
        "domainColor": palette.rule,
        "gridColor": palette.rule,
        "tickColor": palette.rule,
        "labelColor": palette.muted,
        "labelFontSize": 12,
        "labelLimit": 280,
        "title": None,
    }
    title = {
        "anchor": "start",
        "fontSize": 17,
        "color": palette.text,
        "offset": 14,
        "limit": _WIDTH,
    }
    subtitle = {"subtitleColor": palette.muted, "subtitleFontSize": 13, "subtitlePadding": 5}
    legend = {"labelColor": palette.text, "labelFontSize": 13, "labelLimit": 400, "title": None}
    return {
        "font": _FONT,
        "axis": axis,
        "title": {**title, **subtitle},
        "legend": {**legend, "orient": "bottom", "columns": 4, "symbolSize": 90},
        "view": {"stroke": None},
        "text": {"color": palette.text, "fontSize": 12},
    }


def _lines(chart: Lines, palette: Palette) -> Spec:
    names = [each.name for each in chart.series]
    colour = {
        "field": "name",
        "scale": {"domain": names, "range": list(palette.series[: len(names)])},
    }
    shape = {"field": "name", "scale": {"domain": names, "range": list(_SHAPES[: len(names)])}}
    shared = {
        "x": {
            "field": "date",
            "type": "temporal",
            "scale": {"type": "utc"},
            "axis": {
                "grid": False,
                "labelOverlap": True,
                "tickCount": 8,
                "format": _date_format(chart),
            },
        },
        "y": {
            "field": "value",
            "type": "quantitative",
            "axis": {"labelExpr": _PERCENT if chart.share else _SHORT, "tickCount": 5},
        },
        "color": colour,
    }
    rows = [row for each in chart.series for row in _points(chart, each)]
    dashed = {
        "mark": {"type": "line", "strokeDash": [4, 4], "strokeWidth": 1.5},
        "encoding": shared,
    }
    layers = [
        {**dashed, "transform": [{"filter": "datum.before"}]},
        {
            "mark": {"type": "line", "strokeWidth": 2.2},
            "encoding": shared,
            "transform": [{"filter": "!datum.before"}],
        },
        {
            "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
            "encoding": {**shared, "shape": shape},
            "transform": [{"filter": "datum.marked"}],
        },
    ]
    return {"data": {"values": rows}, "height": 340, "layer": layers}


def _dashed(chart: Chart) -> str:
    """What the dashed lines are."""
    dates = chart.before_dates if isinstance(chart, Lines) else []
    return f"dashed: {dates[0]} to {dates[-1]}" if dates else ""


def _date_format(chart: Lines) -> str:
    return "%b %d %H:%M" if any(len(date) > 10 for date in chart.dates[:2]) else "%b %d"


def _points(chart: Lines, series: Series) -> list[Spec]:
    """A row for each value, some of them marked; shapes tell lines apart without their colours."""
    every = max(1, -(-len(chart.dates) // 6)) if len(chart.series) > 1 else len(chart.dates)
    last = len(chart.dates) - 1
    return [
        {
            "date": f"{date.replace(' ', 'T')}Z" if len(date) > 10 else date,
            "name": series.name,
            "value": value,
            "before": before,
            "marked": not before and value is not None and (last - place) % (every or 1) == 0,
        }
        for values, before in ((series.values, False), (series.before, True))
        for place, (date, value) in enumerate(zip(chart.dates, values, strict=False))
    ]


def _bars(chart: Bars, palette: Palette) -> Spec:
    compared = any(bar.before is not None for bar in chart.bars)
    rows = [
        {
            "name": bar.name,
            "value": bar.value,
            "before": bar.before,
            "told": whole(bar.value) + _change(bar.value, bar.before),
        }
        for bar in chart.bars
    ]
    y = {
        "field": "name",
        "type": "nominal",
        "sort": None,
        "axis": {"ticks": False, "domain": False},
    }
    x = {"field": "value", "type": "quantitative", "axis": None}
    height = {"band": 0.5 if compared else 0.75}
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "height": height, "color": palette.series[0]},
            "encoding": {"y": y, "x": x},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 6},
            "encoding": {"y": y, "x": {**x, "field": "value"}, "text": {"field": "told"}},
        },
    ]
    if compared:
        thin = {"type": "bar", "height": {"band": 0.14}, "yOffset": 12, "color": palette.loss}
        layers.insert(0, {"mark": thin, "encoding": {"y": y, "x": {**x, "field": "before"}}})
    return {"data": {"values": rows}, "height": {"step": 36 if compared else 26}, "layer": layers}


def _change(value: Number | None, before: Number | None) -> str:
    return f" ({value / before - 1:+.1%})" if value is not None and before else ""


def _funnel(chart: Funnel, palette: Palette) -> Spec:
    names = [group.name for group in chart.groups]
    rows = [row for group in chart.groups for row in _funnel_rows(group)]
    axis = {"ticks": False, "domain": False, "labelColor": palette.text}
    place = {
        "y": {"field": "step", "type": "nominal", "sort": None, "axis": axis},
        "yOffset": {"field": "name", "sort": None, "scale": {"paddingInner": 0.1}},
    }
    x = {"type": "quantitative", "axis": None, "scale": {"domain": [0, 1.3]}}
    colour = {
        "field": "name",
        "scale": {"domain": names, "range": list(palette.series[: len(names)])},
        **({} if len(names) > 1 else {"legend": None}),
    }
    grey = {"mark": {"type": "bar", "color": palette.loss}}
    layers = [
        {**grey, "encoding": {**place, "x": {**x, "field": "came"}}},
        {"mark": "bar", "encoding": {**place, "x": {**x, "field": "kept"}, "color": colour}},
        {
            "mark": {"type": "text", "align": "left", "dx": 6},
            "encoding": {**place, "x": {**x, "field": "came"}, "text": {"field": "told"}},
        },
    ]
    return {
        "data": {"values": rows},
        "height": {"step": 20} if len(names) > 1 else {"step": 44, "for": "position"},
        "layer": layers,
    }


def _funnel_rows(group: Group) -> list[Spec]:
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


def _grid(chart: Grid, palette: Palette) -> Spec:
    rows = [
        {
            "cohort": f"{row.name}  ({whole(row.size)})" if row.size is not None else row.name,
            "bucket": column,
            "value": cell,
            "told": percent(cell, 0) if chart.share else whole(cell),
        }
        for row in chart.rows
        for column, cell in zip(chart.columns, row.cells, strict=False)
        if cell is not None
    ]
    highest = max((row["value"] for row in rows), default=0) or 1
    top = {"orient": "top", "labelAngle": 0, "domain": False, "ticks": False}
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
    layers = [
        {
            "mark": {"type": "rect", "stroke": palette.background, "strokeWidth": 2},
            "encoding": {**place, "color": heat},
        },
        {"mark": "text", "encoding": {**place, "text": {"field": "told"}}},
    ]
    return {"data": {"values": rows}, "height": {"step": 26}, "layer": layers}


def _flow(chart: Flow, palette: Palette) -> Spec:
    boxes, bands, height = laid_out(chart, _WIDTH)
    x = {
        "field": "x",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, _WIDTH], "nice": False},
    }
    y: Spec = {
        "field": "y",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [height, 0], "nice": False, "zero": False},
    }
    plain: Mapping[str, Any] = {"scale": None, "legend": None}

    def coloured(step: int, left: bool) -> str:
        return palette.loss if left else palette.series[step % len(palette.series)]

    ways = [
        {"link": number, "x": px, "y": top, "y2": bottom, "fill": coloured(band.step, band.left)}
        for number, band in enumerate(bands)
        for px, top, bottom in band.points
    ]
    marks = [_box_row(box, coloured(box.node.step, box.node.left)) for box in boxes]
    fill = {"field": "fill", **plain}
    area = {
        "x": x,
        "y": y,
        "y2": {"field": "y2"},
        "detail": {"field": "link"},
        "color": fill,
    }
    layers = [
        {
            "data": {"values": ways},
            "mark": {"type": "area", "opacity": 0.34, "line": False},
            "encoding": area,
        },
        {
            "data": {"values": marks},
            "mark": "rect",
            "encoding": {
                "x": x,
                "x2": {"field": "x2"},
                "y": y,
                "y2": {"field": "y2"},
                "color": fill,
            },
        },
        {
            "data": {"values": marks},
            "mark": {"type": "text", "align": "left", "baseline": "bottom", "dy": -4},
            "encoding": {"x": x, "y": y, "text": {"field": "told"}},
        },
    ]
    return {"height": height, "layer": layers}


def _box_row(box: Box, fill: str) -> Spec:
    ends = {"x": box.x, "x2": box.x + box.width, "y": box.top, "y2": box.top + box.height}
    return {**ends, "fill": fill, "told": f"{_cut(box.node.name)} {whole(box.node.count)}"}


def _cut(name: str, most: int = 28) -> str:
    return name if len(name) <= most else f"{name[: most // 2]}…{name[-most // 2 + 1 :]}"


def whole(value: Number | None) -> str:
    """A number for people."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.{0 if abs(value) >= 100 else 2}f}"


def percent(value: Number | None, digits: int = 1) -> str:
    """A part of 1 for people."""
    return "-" if value is None else f"{value:.{digits}%}"
