"""Charts, told without drawing: what both drawers read, the App's page and the pictures.

Texts are whole and numbers plain; how many lines or steps a chart can bear is decided here, and
what was left out stands in `notes`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeVar

Number = int | float
T = TypeVar("T")

MOST_LINES = 8
MOST_PLOTS = 6
MOST_BARS = 20
MOST_GROUPS = 6
MOST_COHORTS = 60
MOST_FIGURES = 6
MOST_NODES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What every chart has: its title, days, and remarks for the reader."""

    title: str
    period: str = ""
    notes: list[str] = field(default_factory=list[str])

    def told(self) -> dict[str, Any]:
        """The chart as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Series:
    """One line: a value for each date, and `before`, those of the other period where compared.

    Lines of one `panel` share a scale; those of one name, in several panels, are of one segment and
    look alike. `marks` are the places with a point: enough of them to tell
    lines apart by their shapes, and each value that has no neighbours.
    """

    name: str
    values: list[Number | None]
    before: list[Number | None] = field(default_factory=list[Number | None])
    panel: str = ""
    marks: list[int] = field(default_factory=list[int])


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines(Chart):
    """A trend; `cut` are the places of dates whose value is not final, and `dotted` says why.

    Every so many dates as in one of the `steps` there is a label.
    """

    kind: Literal["lines"] = "lines"
    dates: list[str]
    labels: list[str]
    steps: list[int]
    before_dates: list[str] = field(default_factory=list[str])
    series: list[Series]
    share: bool = False
    cut: list[int] = field(default_factory=list[int])
    dotted: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure, beside that of the other period where compared; a scale for each `panel`."""

    name: str
    value: Number | None
    before: Number | None = None
    panel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars(Chart):
    """A breakdown."""

    kind: Literal["bars"] = "bars"
    bars: list[Bar]
    share: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures(Chart):
    """One figure, or a few that have no scale in common."""

    kind: Literal["figures"] = "figures"
    figures: list[Bar]
    share: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a funnel: how many came, and which part of the step before and of the first."""

    event: str
    count: Number | None
    of_previous: Number | None
    of_first: Number | None


@dataclass(frozen=True, slots=True)
class Group:
    """The steps of one segment, or of all."""

    name: str
    steps: list[Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel(Chart):
    """A funnel; with segments a group for each, all together first."""

    kind: Literal["funnel"] = "funnel"
    groups: list[Group]


@dataclass(frozen=True, slots=True)
class Cohort:
    """One row of a heat map; a cell that is to come is None, the last `running` are not over."""

    name: str
    size: Number | None
    cells: list[Number | None]
    running: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid(Chart):
    """A heat map of cohorts, with a column for each number of a `unit`."""

    kind: Literal["grid"] = "grid"
    unit: str
    columns: list[str]
    rows: list[Cohort]
    share: bool = True


@dataclass(frozen=True, slots=True)
class Node:
    """An event at a step of a flow; `left` where it stands for those who dropped off."""

    step: int
    name: str
    count: Number
    left: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """How many went from one node to another, by their places in the list."""

    source: int
    target: int
    count: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow(Chart):
    """A Sankey diagram."""

    kind: Literal["flow"] = "flow"
    nodes: list[Node]
    links: list[Link]


def number(value: object) -> Number | None:
    """A value that can be drawn; None for any other."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None


def largest(items: Sequence[T], most: int, size: Callable[[T], Number]) -> list[T]:
    """The largest items, in their own order."""
    places = sorted(range(len(items)), key=lambda place: -size(items[place]))[:most]
    return [items[place] for place in sorted(places)]


def left_out(shown: int, total: int, what: str) -> list[str]:
    """The remark that not all is shown."""
    return [f"the {shown} largest of {total:,} {what}"] if shown < total else []


def shortened(name: str, most: int) -> str:
    """A name without its middle: names often differ at their ends."""
    return name if len(name) <= most else f"{name[: most // 2]}…{name[-most // 2 + 1 :]}"


def listing(names: Sequence[str], most: int = 3) -> str:
    """Names in a title."""
    unique = list(dict.fromkeys(names))
    more = len(unique) - most
    told = unique if len(unique) == 1 else [shortened(name, 48) for name in unique[:most]]
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")
