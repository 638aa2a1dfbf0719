"""The answers of the last minute: who asks the same again spends no query."""

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
        now, changes = session.seconds(), self._changes
        self._kept = {key: each for key, each in self._kept.items() if each[0] > now - _SECONDS}
        if key in self._kept:
            asked, answer = self._kept[key]
            session.ages.append(now - asked)
            return answer._replace(age=now - asked)
        answer = await grounded(session, operation, given)
        # What was changed meanwhile may not be in it.
        if changes == self._changes and len(self._kept) < _MOST:
            self._kept[key] = session.seconds(), answer
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
