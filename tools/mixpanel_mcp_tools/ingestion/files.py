"""Events out of files in the allowed folder."""

import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

from pydantic import Field

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.fields import TokenInstead
from mixpanel_mcp_core.files import allowed, matching, written_whole
from mixpanel_mcp_core.imports.columns import Asked
from mixpanel_mcp_core.imports.delivery import Delivery
from mixpanel_mcp_core.imports.look_ahead import LookAhead
from mixpanel_mcp_core.imports.refusals import Refusals
from mixpanel_mcp_core.imports.rows import Rows, opened
from mixpanel_mcp_core.imports.sending import Sending
from mixpanel_mcp_core.imports.sources import reading
from mixpanel_mcp_core.imports.times import zone_named
from mixpanel_mcp_core.models.ingestion import FileChecked, FileImported
from mixpanel_mcp_core.problems import unfit
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.threads import stoppable
from mixpanel_mcp_tools.ingestion.toolset import ingestion


@ingestion.writes(idempotent=True)
async def import_file(
    session: Session,
    file_path: Annotated[
        str,
        Field(
            description="File in the allowed folder: .jsonl, .csv (both also .gz, .zst) or "
            ".parquet; 'flights/*.parquet' for several."
        ),
    ],
    event_name: Annotated[str, Field(description="Name of the event that every row is.")]
    | None = None,
    event_column: Annotated[str, Field(description="Or the column with the event's name.")]
    | None = None,
    time_column: Annotated[
        str,
        Field(description="Column with the time: Unix seconds, milliseconds, ISO 8601, timestamp."),
    ]
    | None = None,
    time_zone: Annotated[
        str, Field(description="Zone of times without an offset, e.g. 'Europe/Berlin'.")
    ] = "UTC",
    distinct_id_column: Annotated[str, Field(description="Column with the person.")] | None = None,
    without_person: Annotated[
        bool, Field(description="The events belong to nobody: no column has a person.")
    ] = False,
    insert_id_column: Annotated[
        str, Field(description="Column with an id of the row: letters, digits, hyphens, up to 36.")
    ]
    | None = None,
    property_columns: Annotated[
        list[str], Field(description="Columns to send as properties; default all others.")
    ]
    | None = None,
    rename: Annotated[
        dict[str, str],
        Field(description="Property names by column, e.g. {'amt': 'Amount'}."),
    ]
    | None = None,
    text_columns: Annotated[
        list[str], Field(description="CSV columns to keep as text though all values are numbers.")
    ]
    | None = None,
    dry_run: Annotated[
        bool, Field(description="Only say what would be sent and refused, and why.")
    ] = False,
    start_row: Annotated[
        int, Field(ge=1, description="First row to send, counted over all files.")
    ] = 1,
    parallel: Annotated[int, Field(ge=1, le=20, description="Requests at once.")] = 4,
    failures_file: Annotated[
        str,
        Field(description="Write refused rows to this .jsonl file: corrected, it can be imported."),
    ]
    | None = None,
    token: TokenInstead | None = None,
) -> FileImported | FileChecked:
    """Import all rows of a JSONL, CSV or Parquet file as events; dry_run looks first.

    Files of stream_events, and Mixpanel's own exports, need no column names. Others: columns called
    event, time, distinct_id and $insert_id are found, the rest become properties; an empty cell is
    no property. A row without $insert_id gets one made of its content, so that the same file
    imported twice doubles nothing. Returns rows, how many were imported, refused rows by reason and
    the first 100 with their numbers. An error on the way tells what is in and the start_row to go
    on from. Errors: NOT_PERMITTED without --files; UNREADABLE_FILE. Ingestion API: POST /import.
    """
    paths = matching(session.files, file_path, field="file_path")
    asked = Asked(
        event_name=event_name,
        event_column=event_column,
        time_column=time_column,
        distinct_id_column=distinct_id_column,
        insert_id_column=insert_id_column,
        property_columns=property_columns,
        rename=rename,
        text_columns=text_columns or (),
        without_person=without_person,
    )
    zone = zone_named(time_zone)
    target = _target(session, failures_file, paths) if failures_file else None
    with reading() as connection:
        rows = await stoppable(lambda _: opened(connection, paths, asked, zone))
        with _failures(target) as file:
            refusals = Refusals(rows.told, file)
            if dry_run:
                return await _look_ahead(session, rows, refusals)
            # Names that were listed before may be joined by new ones.
            session.forget()
            sending = Sending(
                rows, start_row, Delivery(session.ingest, token=token), refusals, session.report
            )
            await sending.run(parallel)
    if start_row > 1 and start_row > rows.last:
        raise unfit("start_row", f"the last row is number {rows.last:,}")
    return FileImported(
        rows=sending.count,
        num_records_imported=sending.imported,
        refused=refusals.count,
        reasons=refusals.reasons(),
        failed_rows=refusals.first(),
        requests=sending.requests,
        failures_file=failures_file,
    )


async def _look_ahead(session: Session, rows: Rows, refusals: Refusals) -> FileChecked:
    look = LookAhead(refusals, int(time.time() * 1000))
    portions = rows.portions()

    def further(_: threading.Event) -> int | None:
        portion = next(portions, None)
        if portion:
            look.add(portion)
        return portion and portion.last

    while last := await stoppable(further, rows.stopped):
        await session.report(last, None, f"{last:,} rows looked at")
    return look.checked()


def _target(session: Session, name: str, read: Sequence[Path]) -> Path:
    path = allowed(session.files, name, field="failures_file")
    if path.suffix.lower() != ".jsonl":
        raise unfit("failures_file", f"its name must end with .jsonl, not {path.name!r}")
    if path in read:
        raise unfit("failures_file", "is among the files that are read; give another name")
    return path


@contextmanager
def _failures(target: Path | None) -> Generator[BinaryIO | None]:
    """A file for refused rows, kept also where the import itself fails."""
    failure: MixpanelError | None = None
    if target is None:
        yield None
        return
    with written_whole(target) as file:
        try:
            yield file
        except MixpanelError as error:
            failure = error
    if failure:
        raise failure
