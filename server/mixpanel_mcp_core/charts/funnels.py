"""Funnels as steps with what they lose, or as their conversion over time."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mixpanel_mcp_core.tables import Table

from .dates import UNKNOWN, Days
from .forms import (
    MOST_GROUPS,
    MOST_LINES,
    Chart,
    Funnel,
    Group,
    Number,
    Step,
    largest,
    left_out,
    number,
)
from .trends import Line, drawn

_ALL = "$overall"


def funnel_chart(table: Table, days: Days = UNKNOWN) -> Chart:
    """The chart of a funnel's rows; those of a trend have dates."""
    at = {name: place for place, name in enumerate(table.columns)}
    keys = [name for name in table.columns[: at["step"]] if name != "date"]
    groups: dict[tuple[str, str], list[Step]] = {}
    for row in table.rows:
        name = " / ".join(str(row[at[key]]) for key in keys)
        date = str(row[at["date"]]) if "date" in at else ""
        groups.setdefault((date, name), []).append(_step(row, at))
    title = " → ".join(step.event for step in next(iter(groups.values()), [])) or "No steps"
    if "date" in at:
        return _trend(groups, f"Conversion: {title}", days)
    return _steps([Group(name, steps) for (_, name), steps in groups.items()], title, days.told())


def _step(row: Sequence[Any], at: dict[str, int]) -> Step:
    def cell(name: str) -> Number | None:
        return number(row[at[name]]) if name in at else None

    # The older endpoints tell the conversion from step to step alone.
    of_previous = "step_conv_ratio" if "step_conv_ratio" in at else "conversion_rate"
    count = cell("count")
    # Of nobody the endpoints say that all of them came to the first step.
    of_first = cell("overall_conv_ratio") if count else count
    return Step(str(row[at["event"]]), count, cell(of_previous), of_first)


def _steps(groups: Sequence[Group], title: str, period: str) -> Funnel:
    parts = [group for group in groups if _ALL not in group.name.split(" / ")]
    totals = [group for group in groups if group.name.split(" / ")[0] == _ALL]
    shown = largest(parts, MOST_GROUPS, lambda group: group.steps[0].count or 0)
    return Funnel(
        title=title,
        period=period,
        notes=left_out(len(shown), len(parts), "segments"),
        groups=[
            Group("all" if totals and each in totals else each.name, _whole(each.steps))
            for each in (*totals[:1], *shown)
        ],
    )


def _whole(steps: Sequence[Step]) -> list[Step]:
    """The steps with their share of the first where it was not told."""
    first = steps[0].count if steps else None
    return [
        step
        if step.of_first is not None
        else Step(step.event, step.count, step.of_previous, _share(step.count, first))
        for step in steps
    ]


def _share(part: Number | None, whole: Number | None) -> Number | None:
    return part / whole if part is not None and whole else None


def _trend(groups: dict[tuple[str, str], list[Step]], title: str, days: Days) -> Chart:
    """The share that got to the last step, of those who began in each period."""
    lines: dict[str, dict[str, Number | None]] = {}
    began: dict[str, Number] = {}
    for (date, name), steps in groups.items():
        if not date.startswith("$"):
            lines.setdefault(name, {})[date] = _whole(steps)[-1].of_first
            began[name] = began.get(name, 0) + (steps[0].count or 0)
    parts = [name for name in lines if name != _ALL] or list(lines)
    shown = largest(parts, MOST_LINES, lambda name: began[name])
    chart = drawn(
        [Line("conversion", name, lines[name]) for name in shown], title, days, share=True
    )
    return replace(chart, notes=left_out(len(shown), len(parts), "segments"))
