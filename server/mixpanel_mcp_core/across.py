"""Asking several projects the same: all checked before the first is asked."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mixpanel_mcp_core.auth.known import me_of
from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.models.across import AcrossTargets, TargetAnswer, TargetTool
from mixpanel_mcp_core.placing import placed
from mixpanel_mcp_core.problems import refuse, unfit
from mixpanel_mcp_core.session import Opener, Report, Session
from mixpanel_mcp_core.together import all_of

_AT_ONCE = 4
# Time zones are worth a short wait, and none of them is worth an answer.
_ZONE_SECONDS = 5

# By account and project.
_Zones = dict[tuple[str, str], str]


async def ask_across(
    session_of: Opener,
    report: Report,
    tool: TargetTool,
    targets: Sequence[str],
    arguments: Mapping[str, Any],
) -> AcrossTargets:
    """The answers of all targets; one that fails leaves the others' as they are.

    Raises before anything is sent for a target that is none or told twice, and for a project that
    would not take all queries now; and what each target says, where none answers.
    """
    if "target" in arguments:
        raise unfit("arguments.target", "targets has them all")
    refuse(
        (f"targets[{number}]", f"{target!r} is told twice")
        for number, target in enumerate(targets)
        if target in targets[:number]
    )
    sessions = [await _opened(session_of, *each) for each in enumerate(targets)]
    scopes = [each.scope for each in sessions]
    refuse(
        (f"targets[{number}]", f"{targets[number]!r} is the same place as {targets[first]!r}")
        for number, scope in enumerate(scopes)
        if (first := scopes.index(scope)) < number
    )
    _check_budget(sessions)
    asking = _Asking(report, tool, arguments, len(targets))
    outcomes = await all_of(asking.outcome(*each) for each in zip(targets, sessions, strict=True))
    failed: dict[str, MixpanelError] = {}
    answered: dict[str, tuple[Session, Any]] = {}
    for target, session, outcome in zip(targets, sessions, outcomes, strict=True):
        if isinstance(outcome, MixpanelError):
            failed[target] = outcome
        else:
            answered[target] = session, outcome
    if not answered:
        raise _of_all(failed)
    zones = await _zones([session for session, _ in answered.values()])
    return AcrossTargets(
        answers=[_answer(target, *each, zones) for target, each in answered.items()],
        failed={target: error.message for target, error in failed.items()},
    )


class _Asking:
    """One question, asked of a few targets at once; it reports how many are done."""

    def __init__(
        self, report: Report, tool: TargetTool, arguments: Mapping[str, Any], number: int
    ) -> None:
        self._report = report
        self._tool = tool
        self._arguments = arguments
        self._number = number
        self._done = 0
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    async def outcome(self, target: str, session: Session) -> Any:
        """What a target answers, or why it does not."""
        async with self._at_once:
            try:
                outcome = await session.run(self._tool, self._arguments)
            except MixpanelError as error:
                outcome = error
        self._done += 1
        failed = isinstance(outcome, MixpanelError)
        said = f"{target} {'did not answer' if failed else 'answered'}"
        await self._report(self._done, self._number, said)
        return outcome


def _answer(target: str, session: Session, result: Any, zones: _Zones) -> TargetAnswer:
    return TargetAnswer(
        target=target,
        source=session.source(),
        result=result,
        cached_seconds=max(session.ages, default=None),
        hints=session.hints,
        standings=list(session.standings.values()),
        time_zone=zones.get((session.scope.account.name, session.project_id)),
    )


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


async def _zones(sessions: Sequence[Session]) -> _Zones:
    """The time zones of projects, as far as they can be found out; each account is asked once."""
    if len({each.project_id for each in sessions}) == 1:
        return {}
    accounts = {each.scope.account.name: each for each in sessions if each.lookups}
    found = await all_of(_zones_of(each) for each in accounts.values())
    return {place: zone for each in found for place, zone in each.items()}


async def _zones_of(session: Session) -> _Zones:
    try:
        async with asyncio.timeout(_ZONE_SECONDS):
            projects = (await me_of(session)).projects
    except (MixpanelError, TimeoutError):
        return {}
    account = session.scope.account.name
    return {(account, id): each.timezone for id, each in projects.items() if each.timezone}


def _of_all(failed: Mapping[str, MixpanelError]) -> MixpanelError:
    """What no target could be asked for, said once for those that say the same."""
    reasons: dict[str, list[str]] = {}
    for target, error in failed.items():
        reasons.setdefault(error.message, []).append(target)
    told = "; ".join(f"{', '.join(names)}: {why}" for why, names in reasons.items())
    first = next(iter(failed.values()))
    first.message = f"None of the {len(failed)} targets answered. {told}"
    return first
