"""Ask kept results with SQL: the worker process, its time, and its errors in our words."""

import asyncio
import json
import logging
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mixpanel_mcp_core.children import environment
from mixpanel_mcp_core.errors import InvalidInputError
from mixpanel_mcp_core.exports.columns import path_literal, quoted
from mixpanel_mcp_core.handles.store import Kept
from mixpanel_mcp_core.nearest import near_names

log = logging.getLogger(__name__)

SECONDS = 10
# Each may take half a gigabyte.
_TURNS = asyncio.Semaphore(2)
_WORKER = Path(__file__).with_name("worker.py")
# Whatever DuckDB advises here, the caller cannot do.
_ADVICE = re.compile(
    r"\n*(Candidate bindings: .*|Did you mean .*|\tCandidate functions:(\n\t.*)*"
    r"|Possible solutions:(.|\n)*)"
)
_UNKNOWN = re.compile(
    r'Referenced column "(?P<name>[^"]+)" not found|with name (?P<table>\S+) does'
)


class Asked(NamedTuple):
    """The first rows of an answer; `complete` is false where more would have followed."""

    columns: list[str]
    rows: list[list[Any]]
    complete: bool


async def ask(
    tables: Mapping[str, Kept],
    sql: str,
    parameters: Sequence[Any] = (),
    *,
    most: int,
    field: str = "sql",
) -> Asked:
    """Run one SELECT over tables by their names.

    Raises InvalidInputError, naming the argument `field`, for what SQL or the limits refuse.
    """
    request = {
        "tables": [
            statement
            for name, kept in tables.items()
            for statement in (_created(name, kept), _called(kept.handle, name))
        ],
        "sql": sql,
        "parameters": list(parameters),
        "most": most,
    }
    async with _TURNS:
        answer = await _answered(request)
    if problem := answer.get("error"):
        raise _refused(field, str(problem), tables)
    return Asked(**answer)


async def _answered(request: Mapping[str, Any]) -> Mapping[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        str(_WORKER),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment(),
    )
    try:
        told = process.communicate(json.dumps(request).encode())
        output, _ = await asyncio.wait_for(told, SECONDS)
    except TimeoutError:
        return {"error": f"it takes more than {SECONDS} seconds; ask for less"}
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        log.warning("a question in SQL ended its process", extra={"status": process.returncode})
        return {"error": "it takes more memory than there is; ask for less"}
    return json.loads(output)


def source_sql(kept: Kept) -> str:
    """A kept result as SQL reads it, its columns by their names."""
    columns = kept.header.columns
    named = ", ".join(f'"{index}" as {quoted(each.name)}' for index, each in enumerate(columns))
    types = ", ".join(f"'{index}': '{each.type}'" for index, each in enumerate(columns))
    return (
        f"select {named} from read_json([{path_literal(kept.path)}], "
        f"format = 'newline_delimited', hive_partitioning = false, "
        f"columns = {{'header': 'JSON', {types}}}) where header is null"
    )


def _created(name: str, kept: Kept) -> str:
    return f"create table {quoted(name)} as {source_sql(kept)}"


def _called(handle: str, name: str) -> str:
    return f"create view if not exists {quoted(handle)} as from {quoted(name)}"


def _refused(field: str, problem: str, tables: Mapping[str, Kept]) -> InvalidInputError:
    """The refusal of a statement: what and where, the nearest names, and the columns there are."""
    columns = {name: kept.names for name, kept in tables.items()}
    told = _ADVICE.sub("", problem).strip()
    if found := _UNKNOWN.search(problem):
        known = [each for names in columns.values() for each in names]
        wanted = found["name"] or found["table"]
        near = near_names(wanted, known if found["name"] else list(columns))
        told += f"\nDid you mean {', '.join(map(quoted, near))}?" if near else ""
    told += "".join(f"\n{name} has: {', '.join(names)}" for name, names in columns.items())
    return InvalidInputError(f"{field}: {told}", [{"field": field, "problem": told}])
