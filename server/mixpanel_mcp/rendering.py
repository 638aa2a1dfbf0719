"""Tables as text: CSV for models, aligned columns for people."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import zip_longest
from typing import Any, cast

from pydantic import BaseModel

from mixpanel_mcp_core.lenient_json import written
from mixpanel_mcp_core.plain import plain
from mixpanel_mcp_core.tables import Table

_WIDEST = 90
_LARGE = 1_000_000
_MIDNIGHT = "T00:00:00"
_DATES = ("date", "previous_date")


def as_table(value: Any, *, for_people: bool = False) -> Table | None:
    """The table of a result: the `grid` that a person would draw, or else its own `table`, or one
    of a list of objects; None where it is no table. What is `labelled` is several results in one.

    `for_people` takes a result's `wide` form where it has one: models and programs do better with
    columns that are the same for every question.
    """
    labelled = getattr(value, "labelled", None)
    if callable(labelled):
        return _labelled(*cast("tuple[str, list[tuple[str, Any]]]", labelled()), for_people)
    forms = ("wide", "grid", "table") if for_people else ("grid", "table")
    for form in forms:
        draw = getattr(value, form, None)
        table = cast("Table | None", draw()) if callable(draw) else None
        if table is not None:
            return _with_short_days(table)
    rows = _read(value)
    if isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows):
        return _of_objects(cast("list[Mapping[str, Any]]", rows), listed_fields(value))
    return None


def _labelled(name: str, parts: Sequence[tuple[str, Any]], for_people: bool) -> Table:
    """The tables of several results as one, each row with the label of its result.

    Rows that are to be compared stand together, and one that is cut has some of each.
    """
    tables = [(label, as_table(each, for_people=for_people)) for label, each in parts]
    drawn = [(label, table) for label, table in tables if table is not None]
    columns = list(dict.fromkeys(column for _, table in drawn for column in table.columns))
    each_its_rows = [
        [
            [label, *map(dict(zip(table.columns, row, strict=True)).get, columns)]
            for row in table.rows
        ]
        for label, table in drawn
    ]
    rows = [row for together in zip_longest(*each_its_rows) for row in together if row]
    shares = tuple({share for _, table in drawn for share in table.shares})
    return Table([name, *columns], rows, shares)


def _read(value: Any) -> Any:
    """A list as JSON values, each as it wants to be read where it says so by `shown`."""
    if not isinstance(value, list):
        return plain(value)
    every = cast("list[Any]", value)
    return [each.shown() if hasattr(each, "shown") else plain(each) for each in every]


def field_lines(fields: Mapping[str, Any]) -> list[str]:
    """An object's fields, one to a line, for people."""
    widest = max(map(len, fields))
    return [f"{name:<{widest}}  {_field(value)}" for name, value in fields.items()]


def _field(value: Any) -> str:
    return value if isinstance(value, str) else written(value).decode()


def listed_fields(value: Any) -> tuple[str, ...]:
    """The fields that a list of these models shows; none where it shows all."""
    first = cast("list[Any]", value)[0] if isinstance(value, list) and value else None
    return getattr(type(first), "listed", ()) if isinstance(first, BaseModel) else ()


def _of_objects(rows: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> Table:
    """Columns in first-seen order; a column that says nothing in any row is left out."""
    columns = [
        key
        for key in fields or dict.fromkeys(key for row in rows for key in row)
        if any(_tells(row.get(key)) for row in rows)
    ]
    return Table(columns, [[row.get(key) for key in columns] for row in rows])


def _tells(value: Any) -> bool:
    """Whether a cell says something; 0 does, though it equals False."""
    return value is not None and value is not False and value not in ("", [], {})


def _with_short_days(table: Table) -> Table:
    """Days without their midnight, unless some row of the column has another hour."""
    for index, name in enumerate(table.columns):
        if name in _DATES and _are_days([row[index] for row in table.rows]):
            table = _with_days_at(index, table)
    return table


def _are_days(values: Sequence[Any]) -> bool:
    return all(value is None or str(value).endswith(_MIDNIGHT) for value in values)


def _with_days_at(index: int, table: Table) -> Table:
    rows = [
        [*row[:index], row[index] and row[index][: -len(_MIDNIGHT)], *row[index + 1 :]]
        for row in table.rows
    ]
    return table._replace(rows=rows)


def cell(value: Any) -> str:
    """A cell as text: nothing for null, JSON for what has an inside."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Ten digits are more than any average is good for; large sums stay exact.
        return f"{value:.10g}" if abs(value) < _LARGE else repr(value)
    if isinstance(value, list | dict):
        return written(value).decode()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def csv_lines(table: Table) -> list[str]:
    """The header and each row as a CSV record; a record may span lines inside quotes."""
    return [_record(table.columns), *(_record([cell(each) for each in row]) for row in table.rows)]


def _record(cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    # With another terminator the writer leaves a carriage return inside a value unquoted.
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().removesuffix("\r\n")


def aligned_lines(table: Table) -> list[str]:
    """The header and each row in columns, numbers to the right, shares and times in words."""
    shown = [_percent if name in table.shares else _presented(name) for name in table.columns]
    texts = [[show(each) for show, each in zip(shown, row, strict=True)] for row in table.rows]
    widths = [
        max([len(name), *(len(row[index]) for row in texts)])
        for index, name in enumerate(table.columns)
    ]
    numeric = [
        any(_is_number(row[index]) for row in table.rows)
        and all(row[index] is None or _is_number(row[index]) for row in table.rows)
        for index in range(len(table.columns))
    ]

    def line(cells: Sequence[str]) -> str:
        padded = [
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(cells, widths, numeric, strict=True)
        ]
        return "  ".join(padded).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return [line(table.columns), rule, *map(line, texts)]


def _presented(column: str) -> Callable[[Any], str]:
    # An id is copied into the next call, where separators would be wrong.
    is_id = column == "id" or column.endswith("_id")
    return _PRESENTED.get(column, _id if is_id else _shown)


def _id(value: Any) -> str:
    return str(value) if isinstance(value, int) else _shown(value)


def _percent(value: Any) -> str:
    return f"{value:.1%}" if _is_number(value) else cell(value)


def _duration(value: Any) -> str:
    """Seconds in the largest unit that leaves at least one whole."""
    if not _is_number(value):
        return cell(value)
    for name, seconds in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if value >= seconds:
            return f"{value / seconds:.1f} {name}"
    return f"{value:.0f} seconds"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    text = cell(value).replace("\n", " ")
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


# How a person wants to read a column of this name; models get the plain numbers.
_PRESENTED: Mapping[str, Callable[[Any], str]] = {
    "step_conv_ratio": _percent,
    "overall_conv_ratio": _percent,
    "conversion_rate": _percent,
    "percent_change": _percent,
    "share": _percent,
    "share_of_parent": _percent,
    "drop_off_rate": _percent,
    "avg_time": _duration,
    "avg_time_from_start": _duration,
}
