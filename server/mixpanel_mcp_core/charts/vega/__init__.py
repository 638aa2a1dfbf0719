"""Charts as Vega-Lite specifications, with all of their data inside."""

from textwrap import wrap

from mixpanel_mcp_core.charts.forms import Bars, Chart, Figures, Flow, Funnel, Grid, Lines
from mixpanel_mcp_core.charts.palette import PALETTES, Palette, Theme

from .bars import bars, figures
from .flow import flow
from .funnel import funnel
from .grid import grid
from .lines import lines
from .parts import WIDTH, Spec

_FONT = "Arial, Helvetica, Liberation Sans, sans-serif"
# What fits on a line of the title, and on one below it, of the sizes they have.
_LETTERS = 100
_SMALL_LETTERS = 125
# What a chart of each form has none of where there is nothing to draw.
_DATA = ("dates", "bars", "figures", "groups", "rows", "nodes")


def specification(chart: Chart, source: str = "", theme: Theme = "light") -> Spec:
    """The picture of a chart; `source` says below the title where the numbers come from."""
    palette = PALETTES[theme]
    about = " · ".join(filter(None, (chart.period, source)))
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {
            "text": wrap(chart.title, _LETTERS, max_lines=2, placeholder="…") or "",
            "subtitle": [
                line for text in (about, *chart.notes) for line in wrap(text, _SMALL_LETTERS)
            ],
        },
        "padding": 18,
        "background": palette.background,
        "config": _look(palette),
        **(_body(chart, palette) if _has_data(chart) else _nothing()),
    }


def _has_data(chart: Chart) -> bool:
    return any(getattr(chart, name, None) for name in _DATA)


def _nothing() -> Spec:
    words = "There is nothing to draw: no data."
    mark = {"type": "text", "align": "left", "x": 0}
    shown = {"width": WIDTH, "height": 24}
    return {**shown, "data": {"values": [{}]}, "mark": {**mark, "text": words}}


def _body(chart: Chart, palette: Palette) -> Spec:
    match chart:
        case Lines():
            return lines(chart, palette)
        case Bars():
            return bars(chart, palette)
        case Figures():
            return figures(chart, palette)
        case Funnel():
            return funnel(chart, palette)
        case Grid():
            return grid(chart, palette)
        case Flow():
            return flow(chart, palette)
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
        "labelPadding": 8,
        "title": None,
    }
    title = {
        "anchor": "start",
        "frame": "bounds",
        "fontSize": 17,
        "color": palette.text,
        "offset": 16,
        "limit": WIDTH,
        "subtitleColor": palette.muted,
        "subtitleFontSize": 13,
        "subtitlePadding": 5,
    }
    legend = {"labelColor": palette.text, "labelFontSize": 13, "labelLimit": 400, "title": None}
    return {
        "font": _FONT,
        "axis": axis,
        "title": title,
        "legend": {**legend, "orient": "bottom", "symbolSize": 90, "columnPadding": 18},
        "view": {"stroke": None},
        "text": {"color": palette.text, "fontSize": 12},
    }
