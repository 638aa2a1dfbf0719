"""Charts as pictures (PNG, SVG), drawn by Vega-Lite, which comes with the extra `charts`."""

from typing import Any

from pydantic import BaseModel, Field

from mixpanel_mcp_core.errors import ConfigError

from .forms import Chart
from .palette import Theme
from .vega import specification

# Clients refuse messages of 1 MiB, and a third is added on the way.
_LARGEST = 700_000
_MISSING = "Pictures need the package vl-convert-python: install mixpanel-mcp[charts]."


class Picture(BaseModel):
    """A picture, and in words what it shows; `origin` is where that is from, None for several."""

    words: str
    png: bytes = Field(repr=False)
    origin: dict[str, Any] | None

    def value(self) -> str:
        """What stands beside the picture."""
        return self.words

    def remarks(self) -> list[str]:
        """What the place of a single answer cannot tell."""
        return [] if self.origin else ["from several projects"]


def png_of(chart: Chart, source: str = "", theme: Theme = "light") -> bytes:
    """The picture of a chart, for sharp screens unless it would be too large for a message."""
    told = specification(chart, source, theme)
    sharp: bytes = library().vegalite_to_png(told, scale=2)
    return sharp if len(sharp) < _LARGEST else library().vegalite_to_png(told, scale=1)


def svg_of(chart: Chart, source: str = "", theme: Theme = "light") -> bytes:
    """The picture of a chart, sharp at any size."""
    return library().vegalite_to_svg(specification(chart, source, theme)).encode()


# What draws a file, by its ending.
DRAWERS = {".png": png_of, ".svg": svg_of}


def library() -> Any:
    """What draws; ConfigError where it is not installed."""
    try:
        import vl_convert
    except ImportError:
        raise ConfigError(_MISSING) from None
    return vl_convert
