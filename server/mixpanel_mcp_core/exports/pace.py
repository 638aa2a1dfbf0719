"""Mixpanel takes three exports a second: requests wait for their turn."""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from weakref import WeakKeyDictionary

from mixpanel_mcp_core.http import Http
from mixpanel_mcp_core.session import Session

_A_SECOND = 3


class Pace:
    """When exports of each project may begin."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_A_SECOND))

    def seconds(self, project: str) -> float:
        """How long to wait before the next export of a project, which then counts as begun."""
        begun, now = self._begun[project], self._clock()
        begin = max(now, begun[0] + 1) if len(begun) == _A_SECOND else now
        begun.append(begin)
        return begin - now


# What is asked over one pool of connections is asked by one of Mixpanel's users.
_PACES: WeakKeyDictionary[Http, Pace] = WeakKeyDictionary()


async def turn(session: Session) -> None:
    """Return when the next export may begin; the sandbox takes any number."""
    if session.sandbox:
        return
    wait = _PACES.setdefault(session.http, Pace()).seconds(session.project_id)
    if wait:
        await session.http.pause(wait)
