"""Measures over time as lines, or over all days as bars and figures."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from mixpanel_mcp_core.queries.insights.rows import TOTAL, Leaf, leaves_of
from mixpanel_mcp_core.queries.nodes import object_in

from .dates import UNKNOWN, Days, begun, cut, day, labels, steps_of, unit_of
from .forms import (
    MOST_BARS,
    MOST_FIGURES,
    MOST_LINES,
    MOST_PLOTS,
    Bar,
    Bars,
    Chart,
    Figures,
    Lines,
    Number,
    Series,
    largest,
    left_out,
    listing,
    number,
)

_ALL = "all"
# Beside a line that is so much higher, another one is flat.
_FLAT = 8
_MARKS = 6


class Line(NamedTuple):
    """The values of a metric by date, of one segment or of all; `before` those compared with."""

    metric: str
    segment: str
    values: Mapping[str, Any]
    before: Mapping[str, Any] = {}


def insights_chart(
    series: object,
    compared: object = None,
    headers: Sequence[Any] = (),
    days: Days = UNKNOWN,
    names: Mapping[str, str] | None = None,
) -> Chart:
    """The chart of an insights series, beside that of another period where there is one.

    `names` are better names of metrics.
    """
    old = {(leaf.event, leaf.path): leaf.values for leaf in leaves_of(compared)}
    lines = [
        Line(
            (names or {}).get(leaf.event, leaf.event),
            " / ".join(leaf.path),
            leaf.values,
            old.get((leaf.event, leaf.path), {}),
        )
        for leaf in _parts(leaves_of(series))
    ]
    by = [str(name) for name in headers[1:] if isinstance(name, str)]
    title = listing([line.metric for line in lines]) or "No data"
    return drawn(lines, f"{title} by {listing(by)}" if by else title, days)


def dated_chart(series: Mapping[str, Mapping[str, Any]], title: str, days: Days = UNKNOWN) -> Chart:
    """A chart of segments that hold a value for each date."""
    return drawn([Line("", name, values) for name, values in series.items()], title, days)


def _parts(leaves: Sequence[Leaf]) -> list[Leaf]:
    """The leaves without the totals that would dwarf their parts, where there are parts."""
    leaves = [leaf for leaf in leaves if leaf.values]
    depth = max((len(leaf.path) for leaf in leaves), default=0)
    parts = [leaf for leaf in leaves if len(leaf.path) == depth and TOTAL not in leaf.path]
    return parts or leaves


def drawn(lines: Sequence[Line], title: str, days: Days = UNKNOWN, *, share: bool = False) -> Chart:
    """The lines over time, or what they hold of all days together."""
    dates = sorted({date for line in lines for date in line.values})
    if dates == [_ALL]:
        return _of_all_days(lines, title, days, share)
    dates = begun(dates, days)
    panels = _panels(lines)
    if _by_metric(lines):
        shown, notes = _alike(lines, MOST_LINES)
    else:
        shown = largest(lines, MOST_LINES, lambda line: _size(line) / panels[line.metric].peak)
        notes = left_out(len(shown), len(lines), "lines")
    before = next((list(line.before) for line in shown if line.before), [])
    partly = cut(dates, days)
    return Lines(
        title=title,
        period=days.told(),
        notes=notes,
        dates=[day(date) for date in dates],
        labels=labels([day(date) for date in dates]),
        steps=steps_of(dates),
        before_dates=[day(date) for date in before],
        series=[_series(line, dates, panels, len(shown)) for line in shown],
        share=share,
        cut=partly,
        dotted=_dotted(unit_of(dates), days) if partly else "",
    )


def _by_metric(lines: Sequence[Line]) -> bool:
    """Whether each metric has a plot of its own, with its segments."""
    return len({line.metric for line in lines}) > 1 and any(line.segment for line in lines)


def _alike(lines: Sequence[Line], most: int) -> tuple[list[Line], list[str]]:
    """Each metric's lines of the same segments, the largest over all; and what is left out."""
    groups: dict[str, dict[str, Line]] = {}
    for line in lines:
        groups.setdefault(line.metric, {})[line.segment] = line
    plots = list(groups.values())[:MOST_PLOTS]
    sizes: defaultdict[str, float] = defaultdict(float)
    for plot in plots:
        # As shares: beside revenue a count would not matter.
        whole = sum(map(_size, plot.values())) or 1
        for segment, line in plot.items():
            sizes[segment] += _size(line) / whole
    segments = sorted(sizes, key=sizes.__getitem__, reverse=True)[:most]
    notes = left_out(len(segments), len(sizes), "segments")
    if len(plots) < len(groups):
        notes.append(f"the first {len(plots)} of {len(groups)} metrics")
    return [plot[each] for plot in plots for each in segments if each in plot], notes


def _series(line: Line, dates: Sequence[str], panels: Mapping[str, "_Panel"], of: int) -> Series:
    values = [number(line.values.get(date)) for date in dates]
    # Each value of the other period stands at the place of its like.
    pairs = list(zip_longest(dates, map(number, line.before.values())))[: len(dates)]
    before = [old for _, old in pairs] if line.before else []
    return Series(_name(line), values, before, panels[line.metric].name, marks_of(values, of > 1))


def _dotted(unit: str, days: Days) -> str:
    return "may still convert" if days.window else f"not a whole {unit}"


def marks_of(values: Sequence[Number | None], several: bool) -> list[int]:
    """The last place, of several lines some more, and whatever has nothing beside it."""
    known = [place for place, value in enumerate(values) if value is not None]
    every = -(-len(known) // _MARKS) if several else len(known)
    beside = {place + step for place in known for step in (-1, 1)}
    lonely = [place for place in known if place not in beside]
    return sorted({*known[:: -max(every, 1)], *lonely})


class _Panel(NamedTuple):
    name: str
    peak: Number


def _panels(lines: Sequence[Line]) -> dict[str, _Panel]:
    """For each metric the panel that it is drawn in: those that would be flat get their own."""
    if _by_metric(lines):
        return {line.metric: _Panel(line.metric, 1) for line in lines}
    peaks: dict[str, Number] = {}
    for line in lines:
        peaks[line.metric] = max(peaks.get(line.metric, 0), _peak(line))
    groups: list[list[str]] = []
    for metric in sorted(peaks, key=lambda metric: -peaks[metric]):
        if groups and (not peaks[metric] or peaks[metric] * _FLAT >= peaks[groups[-1][0]]):
            groups[-1].append(metric)
        else:
            groups.append([metric])
    return {
        metric: _Panel(listing(group) if len(groups) > 1 else "", peaks[group[0]] or 1)
        for group in groups
        for metric in group
    }


def _of_all_days(lines: Sequence[Line], title: str, days: Days, share: bool) -> Chart:
    several_scales = len({panel.name for panel in _panels(lines).values()}) > 1
    segmented = any(line.segment for line in lines)
    if not segmented and (len(lines) == 1 or several_scales):
        return Figures(
            title=title,
            period=days.told(),
            notes=left_out(min(len(lines), MOST_FIGURES), len(lines), "figures"),
            figures=[_bar(line) for line in lines[:MOST_FIGURES]],
            share=share,
        )
    apart = _by_metric(lines)
    if apart:
        plots = min(len({line.metric for line in lines}), MOST_PLOTS)
        shown, notes = _alike(lines, max(MOST_BARS // plots, 3))
    else:
        shown = sorted(lines, key=_size, reverse=True)[:MOST_BARS]
        notes = left_out(len(shown), len(lines), "bars")
    return Bars(
        title=title,
        period=days.told(),
        notes=notes,
        bars=[_bar(line, panel=line.metric if apart else "") for line in shown],
        share=share,
    )


def _bar(line: Line, panel: str = "") -> Bar:
    value, before = (number(each.get(_ALL)) for each in (line.values, object_in(line.before)))
    return Bar(_name(line), value, before, panel)


def _name(line: Line) -> str:
    """What tells a line from the others of its plot."""
    return line.segment or line.metric


def _size(line: Line) -> Number:
    return sum(abs(number(value) or 0) for value in line.values.values())


def _peak(line: Line) -> Number:
    return max((abs(number(value) or 0) for value in line.values.values()), default=0)
