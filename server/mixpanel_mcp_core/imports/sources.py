"""Files of rows, read row after row with little memory: JSON lines, CSV and Parquet."""

import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import duckdb

from mixpanel_mcp_core.exports.columns import path_literal, quoted
from mixpanel_mcp_core.imports.columns_sql import csv_columns, exported_names, parquet_columns
from mixpanel_mcp_core.lenient_json import parsed
from mixpanel_mcp_core.problems import unfit

_FIELD = "file_path"
# A line may hold an event that is too large to be taken: it is refused, and the others are not.
_LONGEST_LINE = 8 << 20
# By itself DuckDB takes sixteen lines of the longest for a compressed file.
_LINES_LIMITS = f"max_line_size={_LONGEST_LINE}, buffer_size={2 * _LONGEST_LINE}"
_ROWS = 2000
_PIECE = 100
_BYTES = 8_000_000

Kind = Literal["jsonl", "csv", "parquet"]
_KINDS: dict[str, Kind] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
}
_PACKED = (".gz", ".zst")
# A column that Parquet files have though none is stored.
ROW_NUMBER = "file_row_number"


class Missing(Enum):
    """Stands for a line without a row, or with what is no JSON."""

    EMPTY = 0
    BROKEN = 1


EMPTY, BROKEN = Missing.EMPTY, Missing.BROKEN


@dataclass(frozen=True, slots=True)
class Source:
    """One file of rows: what DuckDB reads, and an expression for the value of each column.

    JSON lines have no columns, but each line as a whole.
    """

    path: Path
    kind: Kind
    table: str
    values: Mapping[str, str] | None = None
    # What our own exports called a column whose property had another name.
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def columns(self) -> Sequence[str] | None:
        """The columns of a table; None for JSON lines."""
        return None if self.values is None else list(self.values)

    @property
    def sql(self) -> str:
        """The statement for the rows as JSON texts."""
        if self.values is None:
            return f"select line from {self.table}"
        # No column has a name so long, and a column's name would stand for the column.
        row = "r" * (1 + max(map(len, self.values)))
        return f"select to_json({row}) from ({self.chosen}) {row}"

    @property
    def chosen(self) -> str:
        """The statement for the values of a table."""
        return f"select {self._expressions} from {self.table}"

    @property
    def numbered(self) -> str:
        """The same for a Parquet file, with the number of each row, from 0, as `ROW_NUMBER`."""
        return f"select {ROW_NUMBER}, {self._expressions} from {self.table}"

    @property
    def _expressions(self) -> str:
        values = self.values or {}
        return ", ".join(f"{sql} as {quoted(name)}" for name, sql in values.items())

    def rows(
        self, connection: duckdb.DuckDBPyConnection, most: int | None = None
    ) -> Iterator[list[Any]]:
        """The rows as JSON values, up to two thousand in a list; EMPTY or BROKEN for no value."""
        limit = "" if most is None else f" limit {most}"
        with _readable(self.path):
            cursor = connection.cursor().execute(self.sql + limit)
            while texts := _some(cursor.fetchmany):
                yield [value_of(text) for text in texts]


@contextmanager
def reading() -> Generator[duckdb.DuckDBPyConnection]:
    """What files are read with; it keeps to a small amount of memory."""
    with tempfile.TemporaryDirectory(prefix="mixpanel-mcp-") as folder:
        connection = duckdb.connect(
            config={"memory_limit": "256MB", "temp_directory": folder, "threads": 2}
        )
        # Moments within lists are told in it.
        connection.execute("set global timezone = 'UTC'")
        try:
            yield connection
        finally:
            connection.close()


def source(
    connection: duckdb.DuckDBPyConnection, path: Path, times: Sequence[str], texts: frozenset[str]
) -> Source:
    """A file, opened as far as to know its columns; InvalidInputError if it cannot be read.

    The first of `times` that is there has the time. The values of a CSV file are text in the
    columns `texts`; in any other they are numbers, truth values or JSON where all of a column are.
    """
    kind = kind_of(path)
    file = path_literal(path)
    with _readable(path):
        if kind == "jsonl":
            return Source(path, kind, _LINES.format(file=file))
        if kind == "csv":
            table = _CSV.format(file=file)
            columns = csv_columns(connection, table, texts)
        else:
            table = f"read_parquet({file})"
            columns = parquet_columns(connection, table, times)
        renamed = exported_names(connection, file) if kind == "parquet" else {}
    return Source(path, kind, table, columns, renamed)


def kind_of(path: Path) -> Kind:
    """What a file holds, by its name; InvalidInputError where that says nothing."""
    suffixes = [each.lower() for each in path.suffixes]
    packed = bool(suffixes) and suffixes[-1] in _PACKED
    kind = _KINDS.get("".join(suffixes[-2:-1] if packed else suffixes[-1:]))
    if kind is None or (packed and kind == "parquet"):
        raise unfit(
            _FIELD,
            f"{path.name} is of no known kind: give a file whose name ends with .jsonl, .csv "
            "(behind both .gz or .zst may follow), or .parquet",
        )
    return kind


def _some(fetch: Callable[[int], list[tuple[Any]]]) -> list[str | None]:
    texts: list[str | None] = []
    size = 0
    while len(texts) < _ROWS and size < _BYTES and (piece := fetch(_PIECE)):
        texts += [text for (text,) in piece]
        size += sum(len(text or "") for (text,) in piece)
    return texts


def value_of(text: str | None) -> Any:
    """The value of a line; EMPTY or BROKEN for no value."""
    if text is None:
        return EMPTY
    try:
        return parsed(text)
    except ValueError:
        return BROKEN


@contextmanager
def _readable(path: Path) -> Generator[None]:
    try:
        yield
    except duckdb.Error as error:
        reason = f"{path.name} cannot be read: {str(error).partition(chr(10))[0]}"
        raise unfit(_FIELD, reason) from error


# A column that no line ends within: the whole line is one value, and empty lines are rows too.
_LINES = (
    "read_csv({file}, columns={{'line': 'VARCHAR'}}, delim='\\x01', quote='', "
    f"escape='', header=false, auto_detect=false, {_LINES_LIMITS})"
)
_CSV = (
    f"read_csv({{file}}, all_varchar=true, header=true, allow_quoted_nulls=false, {_LINES_LIMITS})"
)
