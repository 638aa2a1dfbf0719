"""Retention as a heat map, a row for each cohort or segment; or by cohort as lines over time."""

import re
from collections.abc import Sequence

from mixpanel_mcp_core.tables import Table

from .dates import UNKNOWN, Days, still_running, unit_of
from .forms import MOST_COHORTS, Chart, Cohort, Grid, Number, number
from .trends import Line, drawn

_FIXED = {"segment", "cohort", "users", "cohort_date", "cohort_size", "date"}
_AVERAGE = "average"
_NUMBERED = re.compile(r"(\w+)[ _](\d+)")


def retention_chart(table: Table, title: str, days: Days = UNKNOWN, unit: str = "") -> Grid:
    """The chart of a grid as `RetentionResult.grid` draws it.

    `unit` is what its columns number, where they do not say so themselves.
    """
    at = {name: place for place, name in enumerate(table.columns)}
    columns = [name for name in table.columns if name not in _FIXED]
    name, size = _of(at, "cohort", "cohort_date", "date"), _of(at, "users", "cohort_size")
    rows = table.rows
    if "segment" in at:
        rows = [row for row in rows if row[at[name]] == _AVERAGE] or rows
        name = "segment"
    unit, heads = _heads(columns, unit)
    # Without another cohort to tell, they are born in one unit of what follows.
    born = unit_of([str(row[at[name]]) for row in rows if row[at[name]] != _AVERAGE]) or unit
    shown = [
        Cohort(
            "all" if row[at[name]] == "$overall" else str(row[at[name]]),
            number(row[at[size]]) if size else None,
            [number(row[at[column]]) for column in columns],
            still_running(row[at[name]], [row[at[each]] for each in columns], (born, unit), days),
        )
        for row in rows[:MOST_COHORTS]
    ]
    cut = f"the first {len(shown)} of {len(rows)} cohorts"
    running = any(row.running for row in shown)
    return Grid(
        title=title,
        period=days.told(),
        notes=[*([cut] if len(shown) < len(rows) else []), *(["dashed: not over"] * running)],
        unit=unit,
        columns=heads,
        rows=shown,
        share=bool(table.shares),
    )


def cohorts_chart(grid: Grid, days: Days = UNKNOWN) -> Chart:
    """The cohorts of a heat map over time: a line for each bucket, without what is not over."""
    cohorts = {row.name: _over(row) for row in grid.rows if row.name != _AVERAGE}
    lines = [
        Line(
            "",
            f"{grid.unit} {column}".strip(),
            {name: cells[at] for name, cells in cohorts.items()},
        )
        for at, column in enumerate(grid.columns)
    ]
    return drawn(lines, grid.title, days, share=grid.share)


def _over(row: Cohort) -> list[Number | None]:
    """The cells of a row, none for those that are still running."""
    known = sum(cell is not None for cell in row.cells) - row.running
    return [*row.cells[:known], *[None] * (len(row.cells) - known)]


def _heads(columns: Sequence[str], unit: str) -> tuple[str, list[str]]:
    """What the columns number, and their numbers; as they are where they are not numbered."""
    found = [_NUMBERED.fullmatch(column) for column in columns]
    units = {match[1] for match in found if match}
    if len(units) != 1 or None in found:
        return unit, list(columns)
    (told,) = units
    return unit if told == "period" else told, [match[2] for match in found if match]


def _of(at: dict[str, int], *names: str) -> str:
    return next((name for name in names if name in at), "")
