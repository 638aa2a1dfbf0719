"""Flows as Sankey diagrams."""

from typing import Any

from mixpanel_mcp_core.charts.forms import Flow, shortened
from mixpanel_mcp_core.charts.palette import Palette
from mixpanel_mcp_core.charts.sankey import Band, Box, laid_out

from .parts import WIDTH, Spec, whole


def flow(chart: Flow, palette: Palette) -> Spec:
    """Boxes for events at their steps, and bands between them, as wide as they are taken."""
    boxes, bands, height = laid_out(chart, WIDTH)

    def coloured(step: int, left: bool) -> str:
        return palette.loss if left else palette.series[step % len(palette.series)]

    x, y = _axis([0, WIDTH], "x"), _axis([height, 0], "y")
    y["scale"]["zero"] = False
    fill = {"field": "fill", "scale": None, "legend": None}
    ways = [
        row
        for number, band in enumerate(bands)
        for row in _band_rows(number, band, coloured(band.step, band.left))
    ]
    marks = [_box_row(box, coloured(box.node.step, box.node.left)) for box in boxes]
    to = {"y2": {"field": "y2"}, "color": fill}
    layers = [
        {
            "data": {"values": ways},
            "mark": {"type": "area", "opacity": 0.34, "line": False},
            "encoding": {"x": x, "y": y, **to, "detail": {"field": "link"}},
        },
        {
            "data": {"values": marks},
            "mark": "rect",
            "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, **to},
        },
        # Bands pass behind texts, which therefore stand on a rim of the background's colour.
        *(
            {
                "data": {"values": marks},
                "mark": {"type": "text", "align": "left", "baseline": "bottom", "dy": -4, **rim},
                "encoding": {"x": x, "y": y, "text": {"field": "told"}},
            }
            for rim in ({"stroke": palette.background, "strokeWidth": 3}, {})
        ),
    ]
    return {"width": WIDTH, "height": height, "layer": layers}


def _axis(domain: list[int], field: str) -> dict[str, Any]:
    scale: Spec = {"domain": domain, "nice": False}
    return {"field": field, "type": "quantitative", "axis": None, "scale": scale}


def _band_rows(link: int, band: Band, fill: str) -> list[Spec]:
    return [
        {"link": link, "x": x, "y": top, "y2": bottom, "fill": fill}
        for x, top, bottom in band.points
    ]


def _box_row(box: Box, fill: str) -> Spec:
    ends = {"x": box.x, "x2": box.x + box.width, "y": box.top, "y2": box.top + box.height}
    return {**ends, "fill": fill, "told": f"{shortened(box.node.name, 28)} {whole(box.node.count)}"}
