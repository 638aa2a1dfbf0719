"""Events into a file: requests side by side, each part kept once it is whole."""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from mixpanel_mcp_core.caller import json_text
from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.exports.crew import Crew, Lost, Writing
from mixpanel_mcp_core.exports.delivery import Output, deliver
from mixpanel_mcp_core.exports.kinds import together
from mixpanel_mcp_core.exports.parts import Making, Torn
from mixpanel_mcp_core.exports.plan import Stretch, stretches
from mixpanel_mcp_core.exports.progress import Progress
from mixpanel_mcp_core.exports.records import EVENTS
from mixpanel_mcp_core.exports.staging import Fetched, Staging, digest_of, owner_of, staged
from mixpanel_mcp_core.exports.target import Target
from mixpanel_mcp_core.files import writing
from mixpanel_mcp_core.gunzip import BrokenGzip
from mixpanel_mcp_core.http import Streamed
from mixpanel_mcp_core.lines import GivenUp
from mixpanel_mcp_core.models.streaming import Written
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.together import all_of

log = logging.getLogger(__name__)

_PARALLEL = 4


class Asked(NamedTuple):
    """Which events are asked for, and whether they are to stay as Mixpanel stores them."""

    from_date: str
    to_date: str
    events: Sequence[str] | None = None
    where: str | None = None
    limit: int | None = None
    raw: bool = False

    @property
    def days(self) -> int:
        """How many days are asked for."""
        return (date.fromisoformat(self.to_date) - date.fromisoformat(self.from_date)).days + 1

    def query(self, stretch: Stretch) -> dict[str, Any]:
        """The parameters of the request for a stretch."""
        return {
            "from_date": str(stretch.first),
            "to_date": str(stretch.last),
            "event": json_text(self.events),
            "where": self.where or None,
            "limit": self.limit,
        }


async def export_events(session: Session, asked: Asked, target: Target) -> Written:
    """Write events to a file; what an interrupted call of the same kind fetched is not asked again.

    Raises MixpanelError, whose message tells what is fetched and kept.
    """
    plan = stretches(
        asked.from_date, asked.to_date, daily=target.daily, whole=asked.limit is not None
    )
    source = {**owner_of(session), "url": session.export.url}
    digest = digest_of({**source, **asked._asdict(), "target": target.path.name})
    with staged(target, digest) as staging:
        await _Export(session, asked, target, staging).fetch(plan)
        return await _delivered(plan, target, staging)


class _Export:
    def __init__(self, session: Session, asked: Asked, target: Target, staging: Staging) -> None:
        self._session = session
        self._asked = asked
        self._target = target
        self._staging = staging
        self._progress = Progress(session, sum(each.events for each in staging.done.values()))
        self._crew = Crew()
        self._failures: list[MixpanelError] = []

    async def fetch(self, plan: Sequence[Stretch]) -> None:
        """Fetch what is missing, a few stretches at a time; those begun end before an error."""
        missing = [each for each in plan if each.name not in self._staging.done]
        waiting = iter(missing)
        try:
            await all_of(self._fetch_some(waiting) for _ in range(min(_PARALLEL, len(missing))))
        finally:
            await self._crew.end()
        if self._failures:
            raise _told(self._failures[0], plan, self._staging)

    async def _fetch_some(self, waiting: Iterator[Stretch]) -> None:
        for stretch in waiting:
            try:
                with writing(self._target.path):
                    self._staging.add(stretch, await self._fetched(stretch))
            except MixpanelError as error:
                self._failures.append(error)
            if self._failures:
                return

    async def _fetched(self, stretch: Stretch) -> Fetched:
        """A stretch, asked for again as a whole where its body breaks off."""
        api = self._session.export
        attempts = api.attempts()
        query = self._asked.query(stretch)
        while True:
            async with api.opened("export", attempts, **query) as stream:
                try:
                    return await self._written(stream)
                except (MixpanelError, BrokenGzip, GivenUp, Torn, Lost) as error:
                    log.info("a part of an export broke off", extra={"days": stretch.name})
                    wait = attempts.wait_after(None)
                    if wait is None:
                        raise stream.broken(error) from error
            await self._session.http.pause(wait)

    async def _written(self, stream: Streamed) -> Fetched:
        """What the body of an answer holds, as a file of the staging folder."""
        path = self._staging.new_file()
        target = self._target
        making = Making(
            str(path), target.staged_compression, stream.packed, self._asked.raw, target.tabular
        )
        part = Writing(self._crew, making)
        self._progress.begin(part)
        whole = False
        try:
            async for piece in stream.pieces():
                await part.feed(piece)
                await self._progress.tell()
            kinds = await part.finish()
            whole = True
        finally:
            await part.close()
            self._progress.end(part, kept=whole)
            if not whole:
                path.unlink(missing_ok=True)
        return Fetched(
            file=path.name,
            size=path.stat().st_size,
            events=part.count.events,
            skipped=part.count.skipped,
            at=datetime.now(UTC),
            kinds=kinds,
        )


def _told(error: MixpanelError, plan: Sequence[Stretch], staging: Staging) -> MixpanelError:
    """The error, with what is fetched by now and how to go on."""
    done = [each.name for each in plan if each.name in staging.done]
    missing = [each.name for each in plan if each.name not in staging.done]
    error.details |= {"fetched": done, "missing": missing}
    told = "Nothing was fetched, and the file is not written."
    if done:
        told = (
            f"{len(done)} of {len(plan)} parts are fetched and kept for a day: the same call asks "
            "for the rest only. The file is not written yet."
        )
    error.message = f"{error.message.rstrip('.')}. {told}"
    return error


async def _delivered(plan: Sequence[Stretch], target: Target, staging: Staging) -> Written:
    done = [staging.done[each.name] for each in plan]
    parts = [staging.folder / each.file for each in done]
    if target.daily:
        outputs = [
            Output(target.of_day(stretch.first), [part])
            for stretch, part in zip(plan, parts, strict=True)
        ]
    else:
        outputs = [Output(target.path, parts)]
    kinds = together(each.kinds for each in done)
    file = await deliver(outputs, target, EVENTS, kinds, staging.folder)
    return Written(
        file=str(target.path),
        files=len(outputs) if target.daily else None,
        events=sum(each.events for each in done),
        bytes=file.bytes,
        skipped=sum(each.skipped for each in done),
        by_day={stretch.name: each.events for stretch, each in zip(plan, done, strict=True)},
        resumed=[each.name for each in plan if each.name in staging.resumed] or None,
        columns=file.columns,
        renamed=file.renamed,
    )
