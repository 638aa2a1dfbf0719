"""Streaming: raw events out of the project."""

import json
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import orjson
from pydantic import Field

from mixpanel_mcp_core.caller import json_text
from mixpanel_mcp_core.dates import check_range
from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.fields import FromDate, ToDate, Where
from mixpanel_mcp_core.files import allowed, written_whole
from mixpanel_mcp_core.models.streaming import Events, Written, normalised
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.session import Session

streaming = Toolset("streaming", "Raw events out of the project")

log = logging.getLogger(__name__)

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
    async with aclosing(lines):
        if target is None:
            return await _first(lines, raw)
        with written_whole(target) as file:
            return await _write(session, lines, raw, file, target)


def _check(limit: int | None) -> None:
    if limit is not None and limit < 1:
        raise ParamValidationError("limit must be at least 1.", code="WR2_LIMIT_TOO_SMALL")
    if limit is not None and limit > _LARGEST_LIMIT:
        raise ParamValidationError("limit must be at most 100,000.", code="WR3_LIMIT_TOO_LARGE")


def _parsed(line: bytes) -> Any:
    """The value of a line; None, which no event is, for one that is not JSON."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        pass
    try:
        # NaN, a half surrogate pair or broken UTF-8: odd, but an event all the same.
        return json.loads(line.decode(errors="replace"))
    except ValueError:
        log.warning("a line of the export is not JSON and was left out", extra={"size": len(line)})
        return None


async def _first(lines: AsyncGenerator[bytes], raw: bool) -> Events:
    kept: list[Any] = []
    skipped = 0
    async for line in lines:
        event = _parsed(line)
        if event is None:
            skipped += 1
        elif len(kept) == _MOST_SHOWN:
            return Events(events=kept, complete=False, skipped=skipped)
        else:
            kept.append(event if raw else normalised(event))
    return Events(events=kept, complete=True, skipped=skipped)


async def _write(
    session: Session, lines: AsyncGenerator[bytes], raw: bool, file: BinaryIO, target: Path
) -> Written:
    count = size = skipped = 0
    async for line in lines:
        event = _parsed(line)
        if event is None:
            skipped += 1
            continue
        size += file.write((line if raw else dumped(normalised(event))) + b"\n")
        count += 1
        if count % _REPORT_EVERY == 0:
            await session.report(count, None, f"{count:,} events, {size:,} bytes")
    return Written(file=str(target), events=count, bytes=size, skipped=skipped)


def dumped(event: dict[str, Any]) -> bytes:
    """An event as one line of JSON, whatever text it holds."""
    try:
        return orjson.dumps(event)
    except orjson.JSONEncodeError:
        return json.dumps(event).encode()
