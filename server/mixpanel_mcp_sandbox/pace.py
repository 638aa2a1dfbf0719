"""How often something may be asked, as far as this process remembers."""

from collections import deque


class Pace:
    """At most so many times within a span of milliseconds."""

    def __init__(self, most: int, span: int):
        self.most = most
        self.span = span
        self._taken: deque[int] = deque()

    def takes(self, now_ms: int) -> bool:
        """Return whether it may be asked once more now, and count it if so."""
        while self._taken and self._taken[0] <= now_ms - self.span:
            self._taken.popleft()
        if len(self._taken) == self.most:
            return False
        self._taken.append(now_ms)
        return True
