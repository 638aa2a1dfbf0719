"""Streaming: raw events and profiles out of the project."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from mixpanel_mcp_core.caller import json_text
from mixpanel_mcp_core.dates import check_range
from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.exports.events import Asked, export_events
from mixpanel_mcp_core.exports.jobs import jobs_of
from mixpanel_mcp_core.exports.plan import MOST_DAILY
from mixpanel_mcp_core.exports.profiles import Selection, export_profiles, pages
from mixpanel_mcp_core.exports.records import record_of
from mixpanel_mcp_core.exports.reshaping import normalised, normalised_profile
from mixpanel_mcp_core.exports.target import Target, read_target
from mixpanel_mcp_core.fields import FromDate, ToDate, Where
from mixpanel_mcp_core.models.streaming import (
    Events,
    ExportJob,
    Profiles,
    Written,
    WrittenProfiles,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.problems import unfit
from mixpanel_mcp_core.session import Session

streaming = Toolset("streaming", "Raw events and profiles out of the project")

_MOST_SHOWN = 1000
_LARGEST_LIMIT = 100_000

Names = Annotated[list[str], Field(description="Only these event names.")]
MostEvents = Annotated[int, Field(description="Most events, 1 to 100,000; the first of the range.")]
Raw = Annotated[bool, Field(description="As Mixpanel stores them; for answers and .jsonl files.")]
OutputFile = Annotated[
    str,
    Field(
        description="File in the allowed folder: .jsonl or .csv (also .gz, .zst) or .parquet; "
        "{date} in its name makes one file a day, e.g. flights/{date}.parquet."
    ),
]


ExportId = Annotated[str, Field(description="Id of an export, from start_export or list_exports.")]
ProfilesFile = Annotated[
    str,
    Field(
        description="File in the allowed folder: .jsonl or .csv (also .gz, .zst) or .parquet.",
    ),
]


def _objects(value: Any) -> Any:
    """Behaviors as they are; a list of anything else is refused as the rule says."""
    if isinstance(value, list) and not all(isinstance(each, dict) for each in value):
        raise ParamValidationError(
            "behaviors must be a list of objects.", code="AC5_BEHAVIORS_NOT_LIST"
        )
    return value


Behaviors = Annotated[
    list[dict[str, Any]],
    BeforeValidator(_objects),
    Field(
        description='Behaviors that `where` tests, e.g. {"window": "30d", "name": "b", '
        '"event_selectors": [{"event": "Purchase"}]} with (behaviors["b"] > 0).'
    ),
]


@streaming.reads
async def stream_events(
    session: Session,
    from_date: FromDate,
    to_date: ToDate,
    events: Names | None = None,
    where: Where | None = None,
    limit: MostEvents | None = None,
    raw: Raw = False,
    output_file: OutputFile | None = None,
) -> Events | Written:
    """Export raw events with all their properties, for what no query can answer.

    Without `output_file` the answer holds the first 1,000 at most: event_name, event_time (UTC),
    distinct_id, insert_id and properties. A file has all, in order of days, fetched by up to 12
    requests (more beyond 1,200 days). .csv and .parquet have the columns event, time (UTC),
    distinct_id, insert_id, then one for each property; lists, objects and mixed values are JSON
    text; null and absent are the same there. After an interruption the same call goes on where it
    stopped. Returns file, events, bytes, events of each request, and
    what was resumed. Errors: WR2_LIMIT_TOO_SMALL, WR3_LIMIT_TOO_LARGE, NOT_PERMITTED; `fetched`
    and `missing` tell the days. Export API: GET export.
    """
    asked = Asked(from_date, to_date, events, where, limit, raw)
    _check(asked)
    if output_file:
        return await export_events(session, asked, _target(session, asked, output_file))
    lines = session.export.lines(
        "export",
        from_date=from_date,
        to_date=to_date,
        event=json_text(events),
        where=where or None,
        limit=limit,
    )
    async with aclosing(lines):
        return await _first(lines, raw)


@streaming.reads
async def stream_profiles(
    session: Session,
    where: Where | None = None,
    cohort_id: Annotated[str, Field(description="Members of this cohort.")] | None = None,
    output_properties: Annotated[
        list[str], Field(description="Only these properties; default all.")
    ]
    | None = None,
    raw: Raw = False,
    distinct_id: Annotated[str, Field(description="This profile.")] | None = None,
    distinct_ids: Annotated[list[str], Field(description="These profiles.")] | None = None,
    group_id: Annotated[
        str, Field(description="Profiles of groups of this data group id, not of people.")
    ]
    | None = None,
    behaviors: Behaviors | None = None,
    as_of_timestamp: Annotated[
        int, Field(description="Unix seconds, past: behaviors and cohort as of then.")
    ]
    | None = None,
    include_all_users: Annotated[
        bool, Field(description="With cohort_id: members without a profile too.")
    ] = False,
    output_file: ProfilesFile | None = None,
) -> Profiles | WrittenProfiles:
    """Export profiles of people or groups with all their properties.

    Without `output_file` the answer holds the first 1,000 at most: distinct_id, last_seen and
    properties; a file has all. Pages of 1,000 are read one after the other, each a query of the 60
    an hour; an interrupted call begins again, since a page belongs to a session of the server that
    ends. .csv and .parquet have the columns distinct_id, last_seen, then one for each property;
    lists, objects and mixed values are JSON text. Returns file, profiles, bytes. Errors:
    AC2_DISTINCT_ID_CONFLICT, AC3_BEHAVIORS_COHORT_CONFLICT, AC4_INCLUDE_ALL_USERS_REQUIRES_COHORT,
    AC5_BEHAVIORS_NOT_LIST, AC6_AS_OF_TIMESTAMP_FUTURE, NOT_PERMITTED. Query API: POST /engage/.
    """
    selection = Selection(
        where,
        cohort_id,
        output_properties,
        distinct_id,
        distinct_ids,
        group_id,
        behaviors,
        as_of_timestamp,
        include_all_users,
    )
    selection.check()
    if output_file:
        target = read_target(session.files, output_file, raw=raw, may_be_daily=False)
        return await export_profiles(session, selection, target, raw=raw)
    kept: list[dict[str, Any]] = []
    async with aclosing(pages(session, selection)) as read:
        async for page in read:
            kept += page if raw else map(normalised_profile, page)
            if len(kept) > _MOST_SHOWN:
                break
    return Profiles(profiles=kept[:_MOST_SHOWN], complete=len(kept) <= _MOST_SHOWN)


def _target(session: Session, asked: Asked, output_file: str) -> Target:
    may_be_daily = asked.limit is None
    target = read_target(session.files, output_file, raw=asked.raw, may_be_daily=may_be_daily)
    if target.daily and asked.days > MOST_DAILY:
        raise unfit(
            "to_date",
            f"{{date}} takes a request for each day, and Mixpanel answers {MOST_DAILY} an hour: "
            f"ask for at most {MOST_DAILY} days, or leave {{date}} out",
        )
    return target


def _check(asked: Asked) -> None:
    check_range(asked.from_date, asked.to_date)
    limit = asked.limit
    if limit is not None and limit < 1:
        raise ParamValidationError("limit must be at least 1.", code="WR2_LIMIT_TOO_SMALL")
    if limit is not None and limit > _LARGEST_LIMIT:
        raise ParamValidationError("limit must be at most 100,000.", code="WR3_LIMIT_TOO_LARGE")


async def _first(lines: AsyncGenerator[bytes], raw: bool) -> Events:
    kept: list[Any] = []
    skipped = 0
    async for line in lines:
        event = record_of(line)
        if event is None:
            skipped += 1
        elif len(kept) == _MOST_SHOWN:
            return Events(events=kept, complete=False, skipped=skipped)
        else:
            kept.append(event if raw else normalised(event))
    return Events(events=kept, complete=True, skipped=skipped)


@streaming.reads
async def start_export(
    session: Session,
    from_date: FromDate,
    to_date: ToDate,
    output_file: OutputFile,
    events: Names | None = None,
    where: Where | None = None,
    limit: MostEvents | None = None,
    raw: Raw = False,
) -> ExportJob:
    """Start a long export of events into a file, and answer at once with its id.

    The arguments are those of `stream_events`. It runs in this server: `get_export` tells how far
    it is, `cancel_export` stops it. If the server ends before it, the same call goes on where it
    stopped; while it runs, the same call gives the same id. Returns export_id, state, file.
    Errors: WR2_LIMIT_TOO_SMALL, WR3_LIMIT_TOO_LARGE, NOT_PERMITTED. Export API: GET export.
    """
    asked = Asked(from_date, to_date, events, where, limit, raw)
    _check(asked)
    return jobs_of(session).start(asked, _target(session, asked, output_file))


@streaming.reads
async def get_export(session: Session, export_id: ExportId) -> ExportJob:
    """Look at an export that `start_export` began: how far it is, and what came of it.

    Returns state (running, finished, failed, cancelled, or interrupted where its server ended
    before it), events by now, progress in words, `result` (file, events, bytes, events of each
    request, as `stream_events` tells them) or `error`. What failed or was interrupted goes on
    with the same call of `start_export`. Sends nothing.
    """
    return jobs_of(session).one(export_id)


@streaming.reads
async def list_exports(session: Session) -> list[ExportJob]:
    """List the exports that were started for this account and project, the newest first.

    Returns export_id, state, file, events, progress and times of each; those that ended more than
    a week ago are forgotten. Sends nothing.
    """
    return jobs_of(session).all()


@streaming.reads
async def cancel_export(session: Session, export_id: ExportId) -> ExportJob:
    """Cancel an export that runs; what it fetched is thrown away, and no file is written.

    One that has ended stays as it is. Returns the export as `get_export` does. Sends nothing.
    """
    return await jobs_of(session).cancel(export_id)
