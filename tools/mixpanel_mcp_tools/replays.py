"""Session replays: what people did on the page, recorded."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from mixpanel_mcp_core.errors import ParamValidationError, ReplayNotFoundError
from mixpanel_mcp_core.fields import FromDate, ToDate
from mixpanel_mcp_core.models.replays import (
    Environment,
    EventsByReplay,
    Replay,
    ReplayBundle,
    ReplayEvent,
    ReplayId,
    ReplayIds,
    ReplaySummary,
    SignedReplay,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.replays.account import account_of
from mixpanel_mcp_core.replays.actions import actions_of
from mixpanel_mcp_core.replays.listing import Days, events_during, recorded
from mixpanel_mcp_core.replays.recordings import Recording, RrwebEvent, one_signed, sign
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.together import all_of

replays = Toolset("replays", "Session replays: what people did before something happened")

_DEFAULT_RETENTION = 30

Env = Annotated[Environment, Field(description="Where it was recorded.")]
DistinctId = Annotated[str, Field(min_length=1, description="The person's distinct_id.")]
MostReplays = Annotated[int, Field(ge=1, description="Most replays, the newest first.")]
RetentionDays = Annotated[
    int, Field(ge=1, description="Days it is kept, from list_replays; looked up where not given.")
]
MaxFiles = Annotated[int, Field(ge=1, description="Most files to read of a recording.")]
AtOnce = Annotated[int, Field(ge=1, le=100, description="Files to read at once.")]
WithEvents = Annotated[bool, Field(description="Also the project's events during the replay.")]
EventProperties = Annotated[
    list[str], Field(description="Event properties to tell with the events.")
]


@replays.reads
async def list_replays(
    session: Session,
    distinct_id: DistinctId | None = None,
    replay_ids: ReplayIds | None = None,
    from_date: FromDate | None = None,
    to_date: ToDate | None = None,
    limit: MostReplays = 100,
) -> list[ReplaySummary]:
    """List the session replays of one person in a range of days, or those named by id.

    Returns replay_id, start_time (milliseconds) and retention_days, newest first. By id the days
    may be left out: the last 90. Query API: POST insights.
    """
    days = _days(distinct_id, replay_ids, from_date, to_date)
    found = await recorded(session, days, distinct_id=distinct_id, replay_ids=replay_ids)
    return found[:limit]


@replays.reads
async def events_for_replay(
    session: Session,
    replay_id: ReplayId,
    event_properties: EventProperties | None = None,
    from_date: FromDate | None = None,
    to_date: ToDate | None = None,
) -> list[ReplayEvent]:
    """List the project's events that were sent during one session replay, in order.

    Returns event_name and event_time (seconds), and the properties asked for. Without days, of
    the last 90. Query API: POST insights.
    """
    days = _checked(from_date, to_date)
    found = await events_during(session, [replay_id], event_properties or [], days)
    return found[replay_id]


@replays.reads
async def events_for_replays(
    session: Session,
    replay_ids: ReplayIds,
    event_properties: EventProperties | None = None,
    from_date: FromDate | None = None,
    to_date: ToDate | None = None,
) -> EventsByReplay:
    """List the project's events that were sent during several session replays.

    Returns by replay id what events_for_replay returns. Query API: POST insights.
    """
    days = _checked(from_date, to_date)
    if not replay_ids:
        return EventsByReplay(events={})
    found = await events_during(session, replay_ids, event_properties or [], days)
    return EventsByReplay(events=found)


@replays.reads
async def sign_replay(session: Session, replay_id: ReplayId, env: Env = "prod") -> SignedReplay:
    """Get the signed address of one recording, to read its files elsewhere.

    The answer is a credential for the recording; to see what was done, use fetch_replay. App API:
    POST replays/sign/bulk.
    """
    return await one_signed(session, replay_id, env)


@replays.reads
async def sign_replays(
    session: Session, replay_ids: ReplayIds, env: Env = "prod"
) -> list[SignedReplay]:
    """Get the signed addresses of several recordings, to read their files elsewhere.

    The answer is a credential for the recordings. App API: POST replays/sign/bulk.
    """
    return await sign(session, replay_ids, env)


@replays.reads
async def fetch_replay(
    session: Session,
    replay_id: ReplayId,
    distinct_id: Annotated[str, Field(description="Whose it is, to stand in the answer.")]
    | None = None,
    env: Env = "prod",
    retention_days: RetentionDays | None = None,
    max_files: MaxFiles = 500,
    include_mixpanel_events: WithEvents = False,
    event_properties: EventProperties | None = None,
    cdn_concurrency: AtOnce = 50,
) -> Replay:
    """Read one session replay: clicks, typing, scrolling, pages and errors, second by second.

    `include_mixpanel_events` puts the project's events between them. What was typed is not told.
    REPLAY_NOT_FOUND where nothing was recorded, or its time is over. App API: POST
    replays/sign/bulk.
    """
    retention_days = retention_days or await _retention(session, replay_id)
    signed = await one_signed(session, replay_id, env)
    reading = Recording(
        session, signed, retention_days, max_files=max_files, at_once=cdn_concurrency
    )
    replay = await _read(session, reading, signed, retention_days, distinct_id)
    if include_mixpanel_events:
        [replay] = await _with_events(session, [replay], event_properties)
    return replay


@replays.reads
async def stream_replay(
    session: Session,
    replay_id: ReplayId,
    env: Env = "prod",
    retention_days: RetentionDays | None = None,
    max_files: MaxFiles = 500,
    re_sign_on_expiry: Annotated[
        bool, Field(description="Get a new signature once, where the first one is refused.")
    ] = True,
    cdn_concurrency: AtOnce = 50,
) -> list[RrwebEvent]:
    """Read the raw rrweb events of one session replay, as they were recorded.

    Large, and for programs; fetch_replay tells what they mean. App API: POST replays/sign/bulk.
    """
    retention_days = retention_days or await _retention(session, replay_id)
    reading = Recording(
        session,
        await one_signed(session, replay_id, env),
        retention_days,
        max_files=max_files,
        at_once=cdn_concurrency,
        sign_again=re_sign_on_expiry,
    )
    return [event async for event in reading.events()]


@replays.reads
async def fetch_replays(
    session: Session,
    replay_ids: ReplayIds,
    env: Env = "prod",
    max_files: MaxFiles = 500,
    include_mixpanel_events: WithEvents = False,
    event_properties: EventProperties | None = None,
    concurrency: Annotated[int, Field(ge=1, le=20, description="Replays to read at once.")] = 4,
    cdn_concurrency: AtOnce = 50,
    retention_by_id: Annotated[
        dict[str, int], Field(description="Days that each is kept, by replay id.")
    ]
    | None = None,
    distinct_id_by_id: Annotated[
        dict[str, str], Field(description="Whose each is, by replay id, for the answer.")
    ]
    | None = None,
) -> ReplayBundle:
    """Read several session replays at once.

    Returns for each what fetch_replay returns; those without a recording are named in `missing`.
    App API: POST replays/sign/bulk.
    """
    known = dict(retention_by_id or {})
    if unknown := [each for each in replay_ids if each not in known]:
        listed = await recorded(session, Days(), replay_ids=unknown)
        known |= {each.replay_id: each.retention_days or _DEFAULT_RETENTION for each in listed}
    signed = {each.replay_id: each for each in await sign(session, replay_ids, env)}
    gate, people = asyncio.Semaphore(concurrency), distinct_id_by_id or {}

    async def one(replay_id: str) -> Replay | None:
        days = known.get(replay_id, _DEFAULT_RETENTION)
        address = signed.get(replay_id)
        if address is None:
            return None
        reading = Recording(session, address, days, max_files=max_files, at_once=cdn_concurrency)
        async with gate:
            try:
                return await _read(session, reading, address, days, people.get(replay_id))
            except ReplayNotFoundError:
                return None

    found = await all_of(one(each) for each in dict.fromkeys(replay_ids))
    read = [each for each in found if each is not None]
    if include_mixpanel_events and read:
        read = await _with_events(session, read, event_properties)
    return _bundle(session, read, replay_ids)


@replays.reads
async def replays_for_user(
    session: Session,
    distinct_id: DistinctId,
    from_date: FromDate,
    to_date: ToDate,
    limit: MostReplays = 20,
    include_mixpanel_events: WithEvents = True,
    event_properties: EventProperties | None = None,
) -> ReplayBundle:
    """Read the session replays of one person in a range of days, with the project's events.

    Returns what fetch_replays returns; no replays where none were recorded. Query API: POST
    insights.
    """
    days = _days(distinct_id, None, from_date, to_date)
    found = (await recorded(session, days, distinct_id=distinct_id))[:limit]
    if not found:
        return _bundle(session, [], [])
    return await fetch_replays(
        session,
        [each.replay_id for each in found],
        include_mixpanel_events=include_mixpanel_events,
        event_properties=event_properties,
        retention_by_id={
            each.replay_id: each.retention_days or _DEFAULT_RETENTION for each in found
        },
        distinct_id_by_id={each.replay_id: distinct_id for each in found},
    )


@replays.reads
async def analyze_replay(session: Session, replay_id: ReplayId) -> str:
    """Tell in words what happened in one session replay, and where it went wrong.

    Returns a summary, errors of the page with what was done just before, repeated clicks, and
    every action with its time. App API: POST replays/sign/bulk.
    """
    return account_of(await fetch_replay(session, replay_id))


def _days(
    distinct_id: str | None,
    replay_ids: Sequence[str] | None,
    from_date: str | None,
    to_date: str | None,
) -> Days:
    """From when to when to look for replays; ParamValidationError without one selector."""
    if (distinct_id is None) == (not replay_ids):
        raise ParamValidationError(
            "distinct_id: give either distinct_id, with from_date and to_date, or replay_ids.",
            code="WR4_REPLAY_SELECTOR_REQUIRED",
        )
    if distinct_id is not None and (from_date is None or to_date is None):
        lacking = "from_date" if from_date is None else "to_date"
        raise ParamValidationError(
            f"{lacking}: the replays of a person need from_date and to_date, YYYY-MM-DD.",
            code="WR5_DATE_RANGE_REQUIRED",
        )
    return _checked(from_date, to_date)


def _checked(from_date: str | None, to_date: str | None) -> Days:
    days = Days(from_date, to_date)
    days.check()
    return days


async def _retention(session: Session, replay_id: str) -> int:
    """How many days a replay is kept, by what was recorded of it."""
    found = await recorded(session, Days(), replay_ids=[replay_id])
    return next((each.retention_days for each in found if each.retention_days), _DEFAULT_RETENTION)


async def _read(
    session: Session,
    reading: Recording,
    signed: SignedReplay,
    retention_days: int,
    distinct_id: str | None,
) -> Replay:
    events = [event async for event in reading.events()]
    moments = [int(event["timestamp"]) for event in events]
    return Replay(
        replay_id=signed.replay_id,
        distinct_id=distinct_id,
        project_id=int(session.project_id),
        start_time=min(moments, default=None),
        end_time=max(moments, default=None),
        retention_days=retention_days,
        rrweb_events=events,
        actions=actions_of(events),
        mixpanel_events=[],
    )


async def _with_events(
    session: Session, read: Sequence[Replay], properties: list[str] | None
) -> list[Replay]:
    """The replays with the project's events between what was recorded."""
    ids = [each.replay_id for each in read]
    found = await events_during(session, ids, properties or [], Days())
    return [each.model_copy(update={"mixpanel_events": found[each.replay_id]}) for each in read]


def _bundle(session: Session, read: Sequence[Replay], wanted: Sequence[str]) -> ReplayBundle:
    found = {each.replay_id for each in read}
    return ReplayBundle(
        computed_at=session.now(),
        project_id=int(session.project_id),
        replays=list(read),
        missing=[each for each in wanted if each not in found],
    )
