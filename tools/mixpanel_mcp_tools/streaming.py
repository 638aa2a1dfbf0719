"""Streaming: raw events out of the project."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import orjson
from pydantic import Field

from mixpanel_mcp_core.api import json_text
from mixpanel_mcp_core.dates import check_range
from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.fields import FromDate, ToDate, Where
from mixpanel_mcp_core.files import allowed, written_whole
from mixpanel_mcp_core.models.streaming import Events, Written, normalised
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.session import Session

streaming = Toolset("streaming", "Raw events out of the project")

_MOST_SHOWN = 1000
_LARGEST_LIMIT = 100_000
_REPORT_EVERY = 20_000


@streaming.reads
async def stream_events(
    session: Session,
    from_date: FromDate,
    to_date: ToDate,
    events: Annotated[list[str], Field(description="Only these event names.")] | None = None,
    where: Where | None = None,
    limit: Annotated[int, Field(description="Most events, 1 to 100,000.")] | None = None,
    raw: Annotated[bool, Field(description="Events as Mixpanel stores them.")] = False,
    output_file: Annotated[
        str, Field(description="Write all to this .jsonl file in the allowed folder instead.")
    ]
    | None = None,
) -> Events | Written:
    """Export raw events with all their properties, for what no query can answer.

    Without `output_file` the answer holds the first 1,000 at most. Returns event_name, event_time
    (UTC), distinct_id, insert_id and properties, or file, events and bytes. Errors:
    WR2_LIMIT_TOO_SMALL, WR3_LIMIT_TOO_LARGE, NOT_PERMITTED. Export API: GET export.
    """
    check_range(from_date, to_date)
    _check(limit)
    target = allowed(session.files, output_file) if output_file else None
    lines = session.export.lines(
        "export",
        from_date=from_date,
        to_date=to_date,
        event=json_text(events),
        where=where or None,
        limit=limit,
    )
    async with aclosing(_parsed(lines)) as parsed:
        if target is None:
            return await _first(parsed, raw)
        with written_whole(target) as file:
            return await _write(session, parsed, raw, file, target)


def _check(limit: int | None) -> None:
    if limit is not None and limit < 1:
        raise ParamValidationError("limit must be at least 1.", code="WR2_LIMIT_TOO_SMALL")
    if limit is not None and limit > _LARGEST_LIMIT:
        raise ParamValidationError("limit must be at most 100,000.", code="WR3_LIMIT_TOO_LARGE")


async def _parsed(lines: AsyncGenerator[bytes]) -> AsyncGenerator[tuple[bytes, Any]]:
    """Each line with its value; a line that is not JSON is left out."""
    async with aclosing(lines):
        async for line in lines:
            try:
                yield line, orjson.loads(line)
            except orjson.JSONDecodeError:
                continue


async def _first(parsed: AsyncGenerator[tuple[bytes, Any]], raw: bool) -> Events:
    kept: list[Any] = []
    async for _, event in parsed:
        if len(kept) == _MOST_SHOWN:
            return Events(events=kept, complete=False)
        kept.append(event if raw else normalised(event))
    return Events(events=kept, complete=True)


async def _write(
    session: Session,
    parsed: AsyncGenerator[tuple[bytes, Any]],
    raw: bool,
    file: BinaryIO,
    target: Path,
) -> Written:
    count = size = 0
    async for line, event in parsed:
        size += file.write((line if raw else orjson.dumps(normalised(event))) + b"\n")
        count += 1
        if count % _REPORT_EVERY == 0:
            await session.report(count, f"{count:,} events, {size:,} bytes")
    return Written(file=str(target), events=count, bytes=size)
