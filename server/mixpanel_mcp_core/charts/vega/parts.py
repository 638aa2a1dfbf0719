"""What all pictures are made with: their width, numbers in words, plots below one another."""

from collections.abc import Sequence
from typing import Any

from mixpanel_mcp_core.charts.forms import Number

Spec = dict[str, Any]

WIDTH = 860
_LETTER = 7


def below_one_another(plots: Sequence[tuple[str, Spec]]) -> Spec:
    """Plots with their headings; one alone needs none."""
    if len(plots) == 1:
        return plots[0][1]
    return {
        "vconcat": [
            {"title": {"text": name, "fontSize": 13, "offset": 6, "frame": "group"}, **plot}
            for name, plot in plots
        ],
        "spacing": 14,
    }


def legend_columns(names: Sequence[str]) -> int:
    """How many names fit beside one another."""
    return max(1, min(8, WIDTH // (min(max(map(len, names), default=0), 56) * _LETTER + 40)))


def whole(value: Number | None, share: bool = False) -> str:
    """A number for people."""
    if share or value is None:
        return percent(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.{0 if abs(value) >= 100 else 2}f}"


def percent(value: Number | None, digits: int = 1) -> str:
    """A part of 1 for people."""
    return "-" if value is None else f"{value:.{digits}%}"


def change(value: Number | None, before: Number | None) -> str:
    """How much more, or less, than before."""
    return f"{value / before - 1:+.1%}" if value is not None and before else ""
