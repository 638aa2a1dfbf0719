"""Fetched parts as the file, or files, that were asked for; each appears whole or not at all."""

import contextlib
import threading
from collections.abc import Generator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_core.exports.columns import Columns, columns_of
from mixpanel_mcp_core.exports.records import Layout
from mixpanel_mcp_core.exports.target import Target
from mixpanel_mcp_core.files import appearing_whole
from mixpanel_mcp_core.threads import Stopped, stoppable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MEMORY = "512MB"
_PIECE = 1 << 20


class Output(NamedTuple):
    """A file to write, and the parts that it is made of, in order."""

    path: Path
    parts: Sequence[Path]


class Delivered(NamedTuple):
    """What was written: the types of a Parquet file's columns, and columns not called as asked."""

    bytes: int
    columns: dict[str, str] | None
    renamed: dict[str, str] | None


async def deliver(
    outputs: Sequence[Output],
    target: Target,
    layout: Layout,
    kinds: Mapping[str, int],
    scratch: Path,
) -> Delivered:
    """Write the outputs; those of a table have the same columns."""
    columns = columns_of(kinds, layout.columns, text=target.format == "csv")
    if target.tabular:
        await stoppable(partial(_tabulate, outputs, target, columns, scratch))
    else:
        await stoppable(partial(_join, outputs, target))
    return Delivered(
        sum(each.path.stat().st_size for each in outputs),
        dict(columns.types) if target.format == "parquet" else None,
        dict(columns.renamed) or None if target.tabular else None,
    )


def _tabulate(
    outputs: Sequence[Output],
    target: Target,
    columns: Columns,
    scratch: Path,
    stop: threading.Event,
) -> None:
    with bounded_database(scratch / "spilled", stop) as database:
        for output in outputs:
            with appearing_whole(output.path) as file:
                database.execute(columns.statement(output.parts, file, target))


def _join(outputs: Sequence[Output], target: Target, stop: threading.Event) -> None:
    """Write parts one after another.

    Members and frames one after another are one file, so compressed parts stay as they are.
    """
    for output in outputs:
        with appearing_whole(output.path) as path, path.open("xb") as file:
            for part in output.parts:
                with part.open("rb") as packed:
                    _copy(packed if target.compression else _unpacked(packed), file, stop)


def _unpacked(packed: BinaryIO) -> BinaryIO:
    import zstandard

    return cast("BinaryIO", zstandard.ZstdDecompressor().stream_reader(packed))


def _copy(source: BinaryIO, target: BinaryIO, stop: threading.Event) -> None:
    while piece := source.read(_PIECE):
        if stop.is_set():
            raise Stopped
        target.write(piece)


@contextlib.contextmanager
def bounded_database(scratch: Path, stop: threading.Event) -> Generator["DuckDBPyConnection"]:
    """A DuckDB of bounded memory, which stops when it is to."""
    import duckdb

    with duckdb.connect(
        # A second thread would not read compressed lines faster, and hold more of them.
        config={"memory_limit": _MEMORY, "threads": 1, "temp_directory": str(scratch)}
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
