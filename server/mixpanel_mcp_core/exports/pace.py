"""Mixpanel takes three exports a second: requests wait for their turn."""

import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable

_A_SECOND = 3


class Pace:
    """When requests for the same key may begin."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun: defaultdict[object, deque[float]] = defaultdict(
            lambda: deque(maxlen=_A_SECOND)
        )

    async def turn(self, key: object, pause: Callable[[float], Awaitable[None]]) -> None:
        """Return when the next request may begin."""
        begun, now = self._begun[key], self._clock()
        begin = max(now, begun[0] + 1) if len(begun) == _A_SECOND else now
        begun.append(begin)
        if begin > now:
            await pause(begin - now)
