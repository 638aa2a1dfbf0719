"""The colours of charts by day and by night, for both drawers.

Each line's colour has a contrast of 4.5 or more against the background, and the texts on the
fields of a heat map as well.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Theme = Literal["light", "dark"]


class Palette(NamedTuple):
    """Colours of one theme."""

    background: str
    text: str
    muted: str
    rule: str
    loss: str
    cold: str
    hot: str
    series: tuple[str, ...]


PALETTES: Mapping[Theme, Palette] = {
    "light": Palette(
        background="#ffffff",
        text="#1b1e23",
        muted="#59616d",
        rule="#e2e5ea",
        loss="#aeb5bf",
        cold="#f2f6ff",
        hot="#7fadff",
        series=(
            "#2563d9",
            "#b4500b",
            "#17774a",
            "#7c42c4",
            "#c22f4b",
            "#0d7480",
            "#86591a",
            "#59616d",
        ),
    ),
    "dark": Palette(
        background="#16181c",
        text="#edeff2",
        muted="#a3abb7",
        rule="#343940",
        loss="#5c6570",
        cold="#1b2432",
        hot="#2c5cb0",
        series=(
            "#79a8ff",
            "#ff9f60",
            "#5ed193",
            "#c19cff",
            "#ff8599",
            "#55cbd5",
            "#d9ab69",
            "#b4bbc5",
        ),
    ),
}
