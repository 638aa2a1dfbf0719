"""The charts of one query of several projects, laid into one."""

from collections.abc import Sequence
from dataclasses import replace
from functools import singledispatch
from typing import Any

from mixpanel_mcp_core.models.across import AcrossTargets

from .dates import labels, steps_of
from .forms import (
    MOST_BARS,
    MOST_GROUPS,
    MOST_LINES,
    Bar,
    Bars,
    Chart,
    Figures,
    Funnel,
    Grid,
    Lines,
    Series,
    T,
    left_out,
)
from .kinds import chart_of
from .trends import marks_of

Named = Sequence[tuple[str, Chart]]


@chart_of.register
def _(value: AcrossTargets) -> Chart | None:
    """None where the answers have no form in common, or one that cannot be compared."""
    told = [(each.target, chart_of(each.result)) for each in value.answers]
    first = told[0][1] if told else None
    if first is None or len({type(chart) for _, chart in told}) > 1:
        return None
    laid = _together(first, [(name, chart) for name, chart in told if chart])
    if laid is None:
        return None
    hints = [hint for each in value.answers for hint in each.hinted()]
    title = f"{first.title}: {len(told)} projects"
    return replace(laid, title=title, notes=[*laid.notes, *hints])


@singledispatch
def _together(first: Chart, told: Named) -> Chart | None:
    """One chart of several of a kind; None where there is no such thing."""
    return None


@_together.register
def _(first: Lines, told: Named) -> Chart:
    every = _of(Lines, told)
    dates = sorted({date for _, chart in every for date in chart.dates})
    each = max(1, MOST_LINES // len(every))
    # What is called the same, in several plots, is left out of all of them or of none.
    names = {
        target: list(dict.fromkeys(line.name for line in chart.series)) for target, chart in every
    }
    series = [
        replace(line, name=_named(target, line.name, len(names[target])), **_at(dates, chart, line))
        for target, chart in every[:MOST_LINES]
        for line in chart.series
        if line.name in names[target][:each]
    ]
    shown = len({line.name for line in series})
    notes = left_out(shown, sum(map(len, names.values())), "lines")
    cut = [dates.index(first.dates[place]) for place in first.cut]
    at_axis = {"dates": dates, "labels": labels(dates), "steps": steps_of(dates), "cut": cut}
    return replace(first, series=series, notes=notes, **at_axis)


def _at(dates: Sequence[str], chart: Lines, line: Series) -> dict[str, Any]:
    """The values of a line at the dates of all of them."""
    now, old = (
        dict(zip(chart.dates, values, strict=False)) for values in (line.values, line.before)
    )
    values = [now.get(date) for date in dates]
    before = [old.get(date) for date in dates] if old else []
    return {"values": values, "before": before, "marks": marks_of(values, several=True)}


@_together.register(Bars)
@_together.register(Figures)
def _(first: Bars | Figures, told: Named) -> Chart:
    bars = [
        replace(bar, name=_named(name, bar.name, len(every)))
        for name, chart in told
        for every in [chart.bars if isinstance(chart, Bars) else _figures(chart)]
        for bar in every
    ]
    notes = left_out(min(len(bars), MOST_BARS), len(bars), "bars")
    shown = bars[:MOST_BARS]
    return Bars(title=first.title, period=first.period, notes=notes, bars=shown, share=first.share)


def _figures(chart: Chart) -> list[Bar]:
    return chart.figures if isinstance(chart, Figures) else []


@_together.register
def _(first: Funnel, told: Named) -> Chart:
    # The first group of each is of all people.
    groups = [
        replace(chart.groups[0], name=name) for name, chart in _of(Funnel, told) if chart.groups
    ]
    notes = left_out(min(len(groups), MOST_GROUPS), len(groups), "projects")
    return replace(first, groups=groups[:MOST_GROUPS], notes=notes)


@_together.register
def _(first: Grid, told: Named) -> Chart:
    grids = [(name, chart) for name, chart in _of(Grid, told) if chart.rows]
    columns = max((chart.columns for _, chart in grids), key=len, default=[])
    # The first row of each is its average.
    rows = [replace(chart.rows[0], name=name) for name, chart in grids]
    return replace(first, columns=columns, rows=rows, notes=[])


def _of(kind: type[T], told: Named) -> list[tuple[str, T]]:
    return [(name, chart) for name, chart in told if isinstance(chart, kind)]


def _named(target: str, name: str, of: int) -> str:
    """The target, and what of it where that is not all."""
    return f"{target} · {name}" if of > 1 else target
