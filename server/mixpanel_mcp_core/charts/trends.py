"""Insights and the older live queries as lines over time, or as bars."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from mixpanel_mcp_core.queries.insights.rows import TOTAL, Leaf, leaves_of
from mixpanel_mcp_core.queries.nodes import object_in

from .forms import (
    MOST_BARS,
    MOST_LINES,
    Bar,
    Bars,
    Chart,
    Lines,
    Number,
    Series,
    day,
    largest,
    left_out,
    listing,
    number,
)

_ALL = "all"


class _Line(NamedTuple):
    name: str
    values: Mapping[str, Any]
    before: Mapping[str, Any]


def insights_chart(
    series: object, compared: object = None, headers: Sequence[Any] = (), period: str = ""
) -> Chart:
    """The chart of an insights series, beside that of another period where there is one."""
    leaves = _parts(leaves_of(series))
    old = {(leaf.event, leaf.path): leaf.values for leaf in leaves_of(compared)}
    several = len({leaf.event for leaf in leaves}) > 1
    lines = [
        _Line(_name(leaf, several), leaf.values, old.get((leaf.event, leaf.path), {}))
        for leaf in leaves
    ]
    by = [str(name) for name in headers[1:] if isinstance(name, str)]
    title = listing([leaf.event for leaf in leaves]) or "No data"
    return _drawn(lines, f"{title} by {listing(by)}" if by else title, period)


def dated_chart(series: Mapping[str, Mapping[str, Any]], title: str, period: str) -> Chart:
    """A chart of series that hold a value for each date."""
    return _drawn([_Line(name, values, {}) for name, values in series.items()], title, period)


def _parts(leaves: Sequence[Leaf]) -> list[Leaf]:
    """The leaves without the totals that would dwarf their parts, where there are parts."""
    leaves = [leaf for leaf in leaves if leaf.values]
    depth = max((len(leaf.path) for leaf in leaves), default=0)
    parts = [leaf for leaf in leaves if len(leaf.path) == depth and TOTAL not in leaf.path]
    return parts or leaves


def _name(leaf: Leaf, several: bool) -> str:
    """The event, the segment, or both: whatever tells the lines apart."""
    segment = " / ".join(leaf.path)
    return " · ".join(filter(None, (leaf.event if several or not segment else "", segment)))


def _drawn(lines: Sequence[_Line], title: str, period: str) -> Chart:
    dates = sorted({date for line in lines for date in line.values})
    if dates == [_ALL]:
        return _bars(lines, title, period)
    shown = largest(lines, MOST_LINES, _size)
    before = next((list(line.before) for line in shown if line.before), [])
    return Lines(
        title=title,
        period=period,
        notes=left_out(len(shown), len(lines), "lines"),
        dates=[day(date) for date in dates],
        before_dates=[day(date) for date in before],
        series=[
            Series(line.name, [number(line.values.get(date)) for date in dates], _beside(line))
            for line in shown
        ],
    )


def _beside(line: _Line) -> list[Number | None]:
    """The values of the other period, each at the place of its like."""
    pairs = zip_longest(line.values, map(number, line.before.values()))
    return [old for date, old in pairs if date is not None] if line.before else []


def _bars(lines: Sequence[_Line], title: str, period: str) -> Bars:
    lines = sorted(lines, key=_size, reverse=True)
    shown = lines[:MOST_BARS]
    bars = [
        Bar(line.name, number(line.values.get(_ALL)), number(object_in(line.before).get(_ALL)))
        for line in shown
    ]
    notes = left_out(len(shown), len(lines), "bars")
    return Bars(title=title, period=period, notes=notes, bars=bars)


def _size(line: _Line) -> Number:
    return sum(abs(number(value) or 0) for value in line.values.values())
