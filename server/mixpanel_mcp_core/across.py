"""Asking several projects the same: all checked before the first is asked."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.models.across import AcrossTargets, TargetAnswer, TypedQuery
from mixpanel_mcp_core.placing import placed
from mixpanel_mcp_core.problems import refuse, unfit
from mixpanel_mcp_core.session import Opener, Session

_AT_ONCE = 4


async def ask_across(
    session_of: Opener, tool: TypedQuery, targets: Sequence[str], arguments: Mapping[str, Any]
) -> AcrossTargets:
    """The answers of all targets; one that fails leaves the others' as they are.

    Raises before anything is sent for a target that is none or told twice, and for a project that
    would not take all queries now; and what all targets say, where they say the same.
    """
    if "target" in arguments:
        raise unfit("arguments.target", "targets has them all")
    refuse(
        (f"targets[{number}]", f"{target!r} is told twice")
        for number, target in enumerate(targets)
        if target in targets[:number]
    )
    sessions = [await _opened(session_of, *each) for each in enumerate(targets)]
    _check_budget(sessions)
    at_once = asyncio.Semaphore(_AT_ONCE)
    outcomes = await asyncio.gather(*(_asked(each, tool, arguments, at_once) for each in sessions))
    failed = {
        target: outcome
        for target, outcome in zip(targets, outcomes, strict=True)
        if isinstance(outcome, MixpanelError)
    }
    if len(failed) == len(targets):
        raise _of_all(failed)
    answers = [
        TargetAnswer(target=target, source=session.source(), result=outcome)
        for target, session, outcome in zip(targets, sessions, outcomes, strict=True)
        if target not in failed
    ]
    told = {target: error.message for target, error in failed.items()}
    return AcrossTargets(answers=answers, failed=told)


async def _opened(session_of: Opener, number: int, target: str) -> Session:
    try:
        session = await session_of(target)
        # Without a project there is nobody to ask.
        _ = session.project_id
    except MixpanelError as error:
        raise placed(error, f"targets[{number}]") from None
    return session


def _check_budget(sessions: Sequence[Session]) -> None:
    places = [(each.query.url, each.project_id) for each in sessions]
    numbers = Counter(places)
    for session, place in zip(sessions, places, strict=True):
        if session.meter is not None:
            session.meter.check_queries(session.query.url, numbers[place])


async def _asked(
    session: Session, tool: TypedQuery, arguments: Mapping[str, Any], at_once: asyncio.Semaphore
) -> Any:
    async with at_once:
        try:
            return await session.run(tool, arguments)
        except MixpanelError as error:
            return error


def _of_all(failed: Mapping[str, MixpanelError]) -> MixpanelError:
    """What no target could be asked for."""
    first, *others = failed.values()
    if all(each.message == first.message for each in others):
        return first
    told = "; ".join(f"{target}: {error.message}" for target, error in failed.items())
    return MixpanelError(f"No target answered. {told}", code=first.code)
