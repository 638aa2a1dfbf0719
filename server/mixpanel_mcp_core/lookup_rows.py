"""The rows of a lookup table, as lists or as CSV, once they are fit for one. Pure."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from mixpanel_mcp_core.problems import Problem, refuse, unfit

PlacedRow = tuple[str, Sequence[str]]


def csv_text(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The CSV text; InvalidInputError naming up to ten columns and rows that are not fit."""
    places = [f"columns[{index}]" for index in range(len(columns))]
    placed = [(f"rows[{index}]", row) for index, row in enumerate(rows)]
    refuse([*_of_columns(columns, places), *_of_rows(columns, placed)])
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([columns, *rows])
    return file.getvalue()


def check_csv(table: bytes, field: str, most_bytes: int) -> None:
    """Raise InvalidInputError for CSV that is no lookup table, naming up to ten lines."""
    if len(table) > most_bytes:
        raise unfit(field, f"has {len(table):,} bytes; at most {most_bytes:,} are taken")
    try:
        problems = [(field, f"{line}: {each}") for line, each in _of_lines(table)]
    except (UnicodeDecodeError, csv.Error) as error:
        problems = [(field, f"no CSV in UTF-8: {error}")]
    refuse(problems)


def _of_lines(table: bytes) -> Iterator[Problem]:
    rows = _lines(table.decode("utf-8-sig"))
    line, columns = next(rows, ("line 1", [""]))
    yield from _of_columns(columns, [line] * len(columns))
    yield from _of_rows(columns, rows)


def _lines(text: str) -> Iterator[PlacedRow]:
    """Each row with the line that it begins in; blank lines are none."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            if row:
                yield f"line {line}", row
            line = reader.line_num + 1
    except csv.Error as error:
        raise csv.Error(f"line {line}: {error}") from error


def _of_columns(columns: Sequence[str], places: Sequence[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for name, place in zip(columns, places, strict=True):
        if not name.strip():
            yield place, "a column needs a name"
        elif name in seen:
            yield place, f"there is another column {name!r}"
        seen.add(name)


def _of_rows(columns: Sequence[str], rows: Iterable[PlacedRow]) -> Iterator[Problem]:
    keys: dict[str, str] = {}
    for place, row in rows:
        if len(row) != len(columns):
            yield place, f"has {len(row)} values for {len(columns)} columns"
        elif not row[0].strip():
            yield place, "the key, its first value, is empty"
        elif row[0] in keys:
            yield place, f"has the key {row[0]!r} of {keys[row[0]]}"
        else:
            keys[row[0]] = place
