"""How far an export is, told twice a second at most."""

import time

from mixpanel_mcp_core.exports.crew import Writing
from mixpanel_mcp_core.session import Session

_PAUSE = 0.5


class Progress:
    """Counts over all parts of an export; `events` begins with those of an earlier call."""

    def __init__(self, session: Session, events: int) -> None:
        self.events = events
        self.bytes = 0
        self._session = session
        self._parts: set[Writing] = set()
        self._due = time.monotonic() + _PAUSE
        self._most = 0

    def begin(self, part: Writing) -> None:
        """Count a part while it is fetched."""
        self._parts.add(part)

    def end(self, part: Writing, *, kept: bool) -> None:
        """Count a part for good, or no longer where it was thrown away."""
        self._parts.remove(part)
        if kept:
            self.events += part.count.events
            self.bytes += part.count.bytes

    async def tell(self) -> None:
        """Report events and bytes if it is time to; what a client is told never shrinks."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + _PAUSE
        events = self.events + sum(each.count.events for each in self._parts)
        size = self.bytes + sum(each.count.bytes for each in self._parts)
        self._most = max(self._most, events)
        message = f"{events:,} events, {size:,} bytes"
        await self._session.report(self._most, None, message)
