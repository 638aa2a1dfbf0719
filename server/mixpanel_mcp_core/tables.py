"""A table: the form in which tabular results leave the core."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Table(NamedTuple):
    """Column names and rows of equal length; a cell without a value is None.

    `shares` names columns of parts of 1 that a person would read as percent.
    """

    columns: list[str]
    rows: list[list[Any]]
    shares: tuple[str, ...] = ()


def table_of(rows: Sequence[Mapping[str, Any]]) -> Table | None:
    """A row for each object, a column for each key in first-seen order; None without rows."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    return Table(columns, [[row.get(key) for key in columns] for row in rows]) if rows else None
