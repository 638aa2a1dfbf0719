"""A table: the form in which tabular results leave the core."""

from typing import Any, NamedTuple


class Table(NamedTuple):
    """Column names and rows of equal length; a cell without a value is None.

    `shares` names columns of parts of 1 that a person would read as percent.
    """

    columns: list[str]
    rows: list[list[Any]]
    shares: tuple[str, ...] = ()
