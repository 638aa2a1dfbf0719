"""Charts as pictures (PNG), drawn by Vega-Lite, which comes with the extra `charts`."""

from typing import Any

from pydantic import BaseModel, Field

from mixpanel_mcp_core.errors import ConfigError

from .forms import Chart
from .palette import Theme
from .vega import specification

_MISSING = "Pictures need the package vl-convert-python: install mixpanel-mcp[charts]."


class Picture(BaseModel):
    """A picture, and in words what it shows."""

    words: str
    png: bytes = Field(repr=False)

    def value(self) -> str:
        """What stands beside the picture."""
        return self.words


def png_of(chart: Chart, source: str = "", theme: Theme = "light") -> bytes:
    """The picture of a chart."""
    return library().vegalite_to_png(specification(chart, source, theme), scale=2)


def library() -> Any:
    """What draws; ConfigError where it is not installed."""
    try:
        import vl_convert
    except ImportError:
        raise ConfigError(_MISSING) from None
    return vl_convert
