"""One request's view of the database: typed rows from one cursor."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

Row = tuple[Any, ...]
Parameters = Sequence[object] | Mapping[str, object]


def literal(text: str) -> str:
    """Return `text` as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


class Database:
    """A cursor of its own: a second statement never cuts off the rows of the first."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection):
        self.cursor = cursor
        self.busy = False

    def run(self, statement: str, parameters: Parameters = ()) -> None:
        """Execute a statement whose rows nobody reads."""
        with self._at_work():
            self.cursor.execute(statement, parameters or None)

    def rows(self, statement: str, parameters: Parameters = ()) -> list[Row]:
        """Return all rows of a statement."""
        with self._at_work():
            self.cursor.execute(statement, parameters or None)
            return self.cursor.fetchall()

    def batch(self, size: int) -> list[Row]:
        """Return the next `size` rows of the last statement, none at the end."""
        with self._at_work():
            return self.cursor.fetchmany(size)

    def value(self, statement: str, parameters: Parameters = ()) -> Any:
        """Return the first column of the first row, None without rows."""
        rows = self.rows(statement, parameters)
        return rows[0][0] if rows else None

    @contextmanager
    def _at_work(self) -> Generator[None]:
        self.busy = True
        try:
            yield
        finally:
            self.busy = False

    def interrupt(self) -> None:
        """Break off the statement that another thread runs, if any."""
        self.cursor.interrupt()

    def close(self) -> None:
        """Give the cursor back."""
        self.cursor.close()
