"""Tables whose chart their columns tell: dates and numbers, names and numbers, numbers alone."""

import re
from collections.abc import Sequence
from typing import Any

from mixpanel_mcp_core.models.results import SqlAnswer
from mixpanel_mcp_core.tables import Table

from .forms import MOST_FIGURES, Bar, Chart, Figures, listing, number
from .kinds import chart_of
from .trends import Line, drawn

_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")
_ALL = "all"
# Numbers that name something.
_NAMING = re.compile(r"(?i)(^|_)(id|year|month|week|day|hour|bucket_min)$")


@chart_of.register
def _(value: SqlAnswer) -> Chart | None:
    return table_chart(value.table())


def table_chart(table: Table, title: str = "") -> Chart | None:
    """The chart of a table; None where its columns do not tell one."""
    columns = {name: [row[place] for row in table.rows] for place, name in enumerate(table.columns)}
    measures = [name for name, cells in columns.items() if _is_measure(name, cells)]
    dates = next((name for name, cells in columns.items() if _are_dates(cells)), "")
    names = [name for name in columns if name not in (*measures, dates)]
    if not measures or len(columns) < len(table.columns):
        return None
    title = title or listing(measures) + (f" by {listing(names)}" if names else "")
    if not dates and not names:
        return _figures(columns, measures, title) if len(table.rows) == 1 else None
    return _lines(columns, measures, dates, names, title)


def _figures(columns: dict[str, list[Any]], measures: list[str], title: str) -> Chart | None:
    if len(measures) > MOST_FIGURES:
        return None
    return Figures(title=title, figures=[Bar(name, columns[name][0]) for name in measures])


def _lines(
    columns: dict[str, list[Any]], measures: list[str], dates: str, names: list[str], title: str
) -> Chart | None:
    """Lines by date, or bars; None where two rows would be one point."""
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for place in range(len(columns[measures[0]])):
        segment = " / ".join(_text(columns[name][place]) for name in names)
        date = str(columns[dates][place]) if dates else _ALL
        for measure in measures:
            line = lines.setdefault((measure, segment), {})
            if date in line:
                return None
            line[date] = columns[measure][place]
    told = [Line(measure, segment, line) for (measure, segment), line in lines.items()]
    return drawn(told, title)


def _is_measure(name: str, cells: Sequence[Any]) -> bool:
    known = [cell for cell in cells if cell is not None]
    return (
        bool(known) and not _NAMING.search(name) and all(number(cell) is not None for cell in known)
    )


def _are_dates(cells: Sequence[Any]) -> bool:
    return bool(cells) and all(isinstance(cell, str) and _DATE.fullmatch(cell) for cell in cells)


def _text(value: Any) -> str:
    return "(none)" if value is None else str(value)
