"""Retention as a heat map: a row for each cohort, or for each segment's average."""

from mixpanel_mcp_core.tables import Table

from .forms import MOST_COHORTS, Cohort, Grid, number

_FIXED = {"segment", "cohort", "users", "cohort_date", "cohort_size", "date"}
_AVERAGE = "average"


def retention_chart(table: Table, title: str, period: str = "") -> Grid:
    """The chart of a grid as `RetentionResult.grid` draws it."""
    at = {name: place for place, name in enumerate(table.columns)}
    columns = [name for name in table.columns if name not in _FIXED]
    name, size = _of(at, "cohort", "cohort_date", "date"), _of(at, "users", "cohort_size")
    rows = table.rows
    if "segment" in at:
        rows = [row for row in rows if row[at[name]] == _AVERAGE] or rows
        name = "segment"
    shown = rows[:MOST_COHORTS]
    cut = f"the first {len(shown)} of {len(rows)} cohorts"
    return Grid(
        title=title,
        period=period,
        notes=[cut] if len(shown) < len(rows) else [],
        columns=[column.replace("period_", "") for column in columns],
        rows=[
            Cohort(
                "all" if row[at[name]] == "$overall" else str(row[at[name]]),
                number(row[at[size]]) if size else None,
                [number(row[at[column]]) for column in columns],
            )
            for row in shown
        ],
        share=bool(table.shares),
    )


def _of(at: dict[str, int], *names: str) -> str:
    return next((name for name in names if name in at), "")
