"""The rows of a lookup table as CSV, once they are fit for one. Pure."""

import csv
import io
from collections.abc import Iterator, Sequence

from mixpanel_mcp_core.errors import InvalidInputError


def csv_text(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The CSV text; InvalidInputError naming every column and row that is not fit."""
    problems = [*_of_columns(columns), *_of_rows(columns, rows)]
    if problems:
        told = "; ".join(f"{field}: {problem}" for field, problem in problems)
        listed = [{"field": field, "problem": problem} for field, problem in problems]
        raise InvalidInputError(told, listed)
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([columns, *rows])
    return file.getvalue()


def _of_columns(columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for index, name in enumerate(columns):
        if not name.strip():
            yield f"columns[{index}]", "a column needs a name"
        elif name in seen:
            yield f"columns[{index}]", f"there is another column {name!r}"
        seen.add(name)


def _of_rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    keys: dict[str, int] = {}
    for index, row in enumerate(rows):
        if len(row) != len(columns):
            yield f"rows[{index}]", f"has {len(row)} values for {len(columns)} columns"
        elif not row[0].strip():
            yield f"rows[{index}]", "the key, its first value, is empty"
        elif row[0] in keys:
            yield f"rows[{index}]", f"has the key {row[0]!r} of rows[{keys[row[0]]}]"
        else:
            keys[row[0]] = index
