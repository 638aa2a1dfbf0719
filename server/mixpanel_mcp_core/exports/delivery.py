"""Fetched parts as the file, or files, that were asked for; each appears whole or not at all."""

import contextlib
import os
import threading
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import duckdb

from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_core.exports.columns import Columns, columns_of
from mixpanel_mcp_core.exports.records import Layout
from mixpanel_mcp_core.exports.target import Target
from mixpanel_mcp_core.files import appearing_whole
from mixpanel_mcp_core.threads import Stopped

_MEMORY = "512MB"
_PIECE = 1 << 20


class Output(NamedTuple):
    """A file to write, and the parts that it is made of, in order."""

    path: Path
    parts: Sequence[Path]


def delivered(
    outputs: Sequence[Output],
    target: Target,
    layout: Layout,
    kinds: Mapping[str, int],
    scratch: Path,
    stop: threading.Event,
) -> Columns | None:
    """Write the outputs; the columns where the target has some."""
    if target.tabular:
        columns = columns_of(kinds, layout.columns, text=target.format == "csv")
        with _database(scratch, stop) as database:
            for output in outputs:
                with appearing_whole(output.path) as file:
                    database.execute(columns.statement(output.parts, file, target))
        return columns
    for output in outputs:
        _join(output, stop)
    return None


def _join(output: Output, stop: threading.Event) -> None:
    """Write parts one after another, as they are."""
    with appearing_whole(output.path) as file:
        if len(output.parts) == 1:
            os.replace(output.parts[0], file)
            return
        with file.open("xb") as target:
            for part in output.parts:
                _copy(part, target, stop)


def _copy(part: Path, target: BinaryIO, stop: threading.Event) -> None:
    with part.open("rb") as source:
        while piece := source.read(_PIECE):
            if stop.is_set():
                raise Stopped
            target.write(piece)


@contextlib.contextmanager
def _database(scratch: Path, stop: threading.Event) -> Generator[duckdb.DuckDBPyConnection]:
    """A DuckDB of bounded memory, which stops when it is to."""
    with duckdb.connect(
        config={"memory_limit": _MEMORY, "threads": 2, "temp_directory": str(scratch)}
    ) as database:
        watch = threading.Thread(target=lambda: (stop.wait(), database.interrupt()), daemon=True)
        watch.start()
        try:
            yield database
        except duckdb.InterruptException:
            raise Stopped from None
        except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
            raise ConfigError(f"The file could not be written: {error}") from error
        finally:
            stop.set()
            watch.join()
