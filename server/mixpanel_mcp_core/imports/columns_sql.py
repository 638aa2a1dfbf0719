"""The columns of a table as the values that an event gets of them, in DuckDB's SQL."""

import json
from collections.abc import Sequence

import duckdb

from mixpanel_mcp_core.clock import MILLISECONDS_FROM
from mixpanel_mcp_core.exports.columns import quoted

# Where exports keep the names of properties that no column can have.
_NAMES = "mixpanel_properties"
# Texts that are numbers to everybody: 007 is none, nor is one of more digits than a double keeps.
_INTEGER = "-?(0|[1-9][0-9]{0,14})"
_NUMBER = rf"{_INTEGER}(\.[0-9]+)?([eE][-+]?[0-9]+)?"
# Mixpanel's own form of dates in properties.
_MOMENT = "%Y-%m-%dT%H:%M:%S"

# Whether a text is of a kind, and how it is read then; COLUMN stands for its column.
_FITS = {
    "integer": f"regexp_full_match(COLUMN, '{_INTEGER}')",
    "number": f"regexp_full_match(COLUMN, '{_NUMBER}')",
    "truth": "lower(COLUMN) in ('true', 'false')",
    "json": "(regexp_matches(COLUMN, '^[\\[{]') and json_valid(COLUMN))",
}
_READ = {
    "integer": "cast(nullif(COLUMN, '') as bigint)",
    "number": "cast(nullif(COLUMN, '') as double)",
    "truth": "(lower(nullif(COLUMN, '')) = 'true')",
    "json": "cast(nullif(COLUMN, '') as json)",
}


def parquet_columns(
    connection: duckdb.DuckDBPyConnection, table: str, times: Sequence[str]
) -> dict[str, str]:
    """An expression for each column; the first of `times` keeps all it knows of the moment."""
    types = dict(_types(connection, table))
    time = next((name for name in times if name in types), None)
    return {name: _value_of(name, kind, name == time) for name, kind in types.items()}


def csv_columns(
    connection: duckdb.DuckDBPyConnection, table: str, texts: frozenset[str]
) -> dict[str, str]:
    """An expression for each column; one pass over the file tells of what kind its values are."""
    names = [name for name, _ in _types(connection, table)]
    typed = [name for name in names if name not in texts]
    tests = [
        f"bool_and({_of(name, test)}) filter ({quoted(name)} <> '')"
        for name in typed
        for test in _FITS.values()
    ]
    asked = f"select {', '.join(tests)} from {table}"
    found = iter(connection.execute(asked).fetchall()[0] if tests else ())
    kinds = {name: [kind for kind in _FITS if next(found)] for name in typed}
    return {name: _read(name, kinds.get(name)) for name in names}


def _read(column: str, kinds: Sequence[str] | None) -> str:
    return _of(column, _READ[kinds[0]] if kinds else "COLUMN")


def _of(column: str, expression: str) -> str:
    return expression.replace("COLUMN", quoted(column))


def exported_names(connection: duckdb.DuckDBPyConnection, file: str) -> dict[str, str]:
    """Properties by their columns, where a file of our own exports says that they differ."""
    noted = connection.execute(
        f"select decode(value) from parquet_kv_metadata({file}) where decode(key) = '{_NAMES}'"
    ).fetchone()
    return json.loads(noted[0]) if noted else {}


def _types(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    rows = connection.execute(f"describe select * from {table}").fetchall()
    return [(str(row[0]), str(row[1])) for row in rows]


def _value_of(column: str, kind: str, time: bool) -> str:
    name = quoted(column)
    if kind == "TIMESTAMP WITH TIME ZONE":
        # Milliseconds of the first years would be read as seconds.
        seconds, whole = f"epoch({name})", f"epoch_ms({name})"
        moment = f"if({whole} < {MILLISECONDS_FROM}, {seconds}, {whole})"
        return moment if time else f"strftime(timezone('UTC', {name}), '{_MOMENT}')"
    if kind.startswith("TIMESTAMP") and not kind.endswith("]") and not time:
        return f"strftime({name}, '{_MOMENT}')"
    return name
