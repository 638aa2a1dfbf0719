"""The answers of the last minute: who asks the same again spends no query."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mixpanel_mcp.grounded import Grounded, grounded
from mixpanel_mcp.keeping import digest
from mixpanel_mcp_core.operation import Operation

if TYPE_CHECKING:
    from mixpanel_mcp_core.session import Session

_SECONDS = 60
_MOST = 32
_TOOLSETS = frozenset({"queries", "live_query"})


class Answers:
    """Runs operations, and answers a query from memory where it was asked just before.

    Whatever changes something through this server makes it forget all.
    """

    def __init__(self, *, remembering: bool) -> None:
        self._remembering = remembering
        self._kept: dict[Any, tuple[float, Grounded]] = {}
        self._asking: dict[Any, asyncio.Event] = {}
        self._changes = 0

    async def to(
        self, session: "Session", operation: Operation, given: Mapping[str, Any]
    ) -> Grounded:
        """The answer to a call."""
        if not operation.effect.read_only:
            return await self._changed(session, operation, given)
        if not self._remembering or not _is_query(operation):
            return await grounded(session, operation, given)
        key = (session.sandbox, session.scope, session.today(), operation.name, digest(given))
        while key in self._asking:
            # The same is being asked: where that fails, the next in line asks for itself.
            await self._asking[key].wait()
        kept = self._remembered(key, session.seconds())
        if kept is not None:
            session.ages.append(kept.age or 0)
            return kept
        self._asking[key] = asked = asyncio.Event()
        try:
            return await self._asked(key, session, operation, given)
        finally:
            del self._asking[key]
            asked.set()

    def _remembered(self, key: Any, now: float) -> Grounded | None:
        self._kept = {key: each for key, each in self._kept.items() if each[0] > now - _SECONDS}
        if key not in self._kept:
            return None
        asked, answer = self._kept[key]
        return answer._replace(age=now - asked)

    async def _asked(
        self, key: Any, session: "Session", operation: Operation, given: Mapping[str, Any]
    ) -> Grounded:
        changes = self._changes
        answer = await grounded(session, operation, given)
        # What was changed meanwhile may not be in it.
        if changes == self._changes:
            self._kept[key] = session.seconds(), answer
        if len(self._kept) > _MOST:
            del self._kept[next(iter(self._kept))]
        return answer

    def forget(self) -> None:
        """Drop all answers, since something has changed."""
        self._kept.clear()
        self._changes += 1

    async def _changed(
        self, session: "Session", operation: Operation, given: Mapping[str, Any]
    ) -> Grounded:
        try:
            return await grounded(session, operation, given)
        finally:
            self.forget()


def _is_query(operation: Operation) -> bool:
    """Whether an operation asks for figures; to compile a query costs nothing."""
    return operation.toolset in _TOOLSETS and not operation.name.startswith("build_")
