"""A kept result as a file: CSV, lines of JSON, or Parquet."""

import tempfile
import threading
from functools import partial
from pathlib import Path

from mixpanel_mcp_core.exports.columns import COMPRESSION, literal
from mixpanel_mcp_core.exports.delivery import bounded_database
from mixpanel_mcp_core.exports.target import Target
from mixpanel_mcp_core.files import appearing_whole
from mixpanel_mcp_core.handles.asking import source_sql
from mixpanel_mcp_core.handles.store import Kept
from mixpanel_mcp_core.models.results import ExportedResult
from mixpanel_mcp_core.threads import stoppable

_FORMATS = {
    "csv": "format csv, header true, compression {packed}",
    "jsonl": "format json, compression {packed}",
    "parquet": "format parquet, compression zstd",
}


async def export(kept: Kept, target: Target) -> ExportedResult:
    """Write all rows; the file appears when it is whole. Raises ConfigError for a full disk."""
    await stoppable(partial(_written, kept, target))
    return ExportedResult(
        file=str(target.path),
        rows=kept.header.rows,
        bytes=target.path.stat().st_size,
        columns={each.name: each.type for each in kept.header.columns},
        origin=kept.header.source,
    )


def _written(kept: Kept, target: Target, stop: threading.Event) -> None:
    options = _FORMATS[target.format].format(packed=COMPRESSION[target.compression])
    with (
        tempfile.TemporaryDirectory(prefix="mixpanel-mcp-") as scratch,
        bounded_database(Path(scratch), stop) as database,
        appearing_whole(target.path) as file,
    ):
        database.execute(f"copy ({source_sql(kept)}) to {literal(str(file))} ({options})")
