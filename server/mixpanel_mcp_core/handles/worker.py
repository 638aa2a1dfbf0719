"""Run one SELECT over kept results, in a process that can do nothing else.

Run as a script, with a request as JSON on standard input; the answer is JSON on standard output.
DuckDB's own limits do not hold everywhere: one call of `repeat` takes gigabytes and cannot be
interrupted. So the system bounds memory here, and whoever started the process ends it in time.
"""

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import duckdb

_MEMORY = 512_000_000
# What Python, DuckDB and the threads take beside that, most of it address space alone.
_BESIDE = 1_000_000_000
_MOST_CHARACTERS = 20_000_000
_PIECE = 500
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": f"{_MEMORY}B",
    "threads": 2,
    # Without one nothing is written to the disk.
    "temp_directory": "",
    # Names are not looked up among the variables of this program.
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}


class Refused(Exception):
    """What the statement is refused for."""


def answered(request: Mapping[str, Any]) -> dict[str, Any]:
    """The columns and first rows of a statement, and whether these are all; or an `error`."""
    try:
        with duckdb.connect(config=_CONFIG) as connection:
            for statement in request["tables"]:
                connection.execute(statement)
            _lock(connection)
            return _selected(connection, request)
    except (MemoryError, duckdb.OutOfMemoryException):
        return {"error": f"it takes more than {_MEMORY // 1_000_000} MB of memory"}
    except (Refused, duckdb.Error) as error:
        return {"error": str(error)}


def _lock(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    connection.execute("begin transaction read only")


def _selected(connection: duckdb.DuckDBPyConnection, request: Mapping[str, Any]) -> dict[str, Any]:
    found = connection.extract_statements(request["sql"])
    if len(found) != 1 or found[0].type != duckdb.StatementType.SELECT:
        raise Refused("give one SELECT, and nothing else")
    cursor = connection.execute(found[0], request["parameters"])
    columns = [each[0] for each in cursor.description or ()]
    rows: list[list[Any]] = []
    room = _MOST_CHARACTERS
    for row in _fetched(cursor):
        if len(rows) == request["most"] or room < 0:
            return {"columns": columns, "rows": rows, "complete": False}
        rows.append([_plain(each) for each in row])
        room -= sum(len(each) for each in rows[-1] if isinstance(each, str))
    return {"columns": columns, "rows": rows, "complete": True}


def _fetched(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    try:
        while rows := cursor.fetchmany(_PIECE):
            yield from rows
    except duckdb.InvalidInputException as error:
        if "pytz" not in str(error):
            raise
        raise Refused("a column is a time with a zone; cast it: x::timestamp") from error


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | Decimal):
        number = float(value)
        return number if abs(number) < float("inf") else None
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}  # pyright: ignore
    return str(value)


def _bounded() -> None:
    """Have the system refuse what DuckDB might not: memory, files, what a crash leaves behind."""
    try:
        import resource
    except ImportError:  # Windows has no such limits.
        return
    limits = {
        resource.RLIMIT_AS: _MEMORY + _BESIDE,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for each, limit in limits.items():
        # Not every system knows each.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(each, (limit, limit))


if __name__ == "__main__":
    _bounded()
    json.dump(answered(json.load(sys.stdin)), sys.stdout)
