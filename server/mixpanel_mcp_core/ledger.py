"""What was sent to each project, counted against Mixpanel's limits."""

import asyncio
import contextlib
import hashlib
import os
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from mixpanel_mcp_core.counts import Count, Files, Memory
from mixpanel_mcp_core.limits import Limit, Sent, Standing

# A wait that nobody minds is waited; a longer one is told.
SHORT = 5.0
_LONGEST_HOLD = 3600
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class Project(NamedTuple):
    """Who has a limit: a project, at the origin where it is asked."""

    origin: str
    id: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """The counts of one user.

    The limits of a gateway on this machine are not known: what goes there is counted by each
    process for itself and refused never, unless it is to be like Mixpanel `everywhere`.
    """

    files: Files
    everywhere: bool = False
    now: Callable[[], float] = time.time
    memory: Memory = field(default_factory=Memory)
    queues: dict[str, asyncio.Semaphore] = field(default_factory=dict[str, asyncio.Semaphore])

    def count(self, limit: Limit, project: Project, amount: int = 1) -> tuple[float, Standing]:
        """Count what is sent; the seconds to wait before it, and what remains after it.

        Where that is longer than SHORT, it is refused and not counted.
        """
        name, counts, now = _name(limit, project), self._counts(project), self.now()
        with counts.locked():
            count = _recent(counts.read(name), limit, now)
            wait = self._wait(limit, project, count, now, amount)
            if wait > SHORT:
                return wait, limit.standing(count.sent, now)
            sent = _with(count.sent, Sent(now + wait, amount), limit)
            counts.write(name, count._replace(sent=sent))
        return wait, limit.standing(sent, now)

    def wait(self, limit: Limit, project: Project, more: int) -> tuple[float, Standing]:
        """The seconds until so much more may be sent, and what remains now; counts nothing."""
        now = self.now()
        count = _recent(self._counts(project).read(_name(limit, project)), limit, now)
        return self._wait(limit, project, count, now, more), limit.standing(count.sent, now)

    def hold_back(self, limit: Limit, project: Project, seconds: float) -> None:
        """Note that Mixpanel wants nothing more for so many seconds."""
        name, counts, now = _name(limit, project), self._counts(project), self.now()
        with counts.locked():
            count = _recent(counts.read(name), limit, now)
            until = max(count.until, now + min(seconds, _LONGEST_HOLD))
            counts.write(name, Count(count.sent, now, until))

    def is_full(self, limit: Limit, project: Project) -> bool:
        """Whether other requests of this process have all the places."""
        queue = self.queues.get(_name(limit, project))
        return queue is not None and queue.locked()

    @contextlib.asynccontextmanager
    async def place(self, limit: Limit, project: Project) -> AsyncGenerator[None]:
        """One of the places that a project has for requests at once, waited for in a queue."""
        if limit.at_once is None:
            yield
            return
        name = _name(limit, project)
        async with self.queues.setdefault(name, asyncio.Semaphore(limit.at_once)):
            handle = await self._counts(project).place(name, limit.at_once)
            try:
                yield
            finally:
                if handle is not None:
                    os.close(handle)

    def knows_limits(self, project: Project) -> bool:
        """Whether where a project is asked has Mixpanel's limits."""
        return self.everywhere or urlsplit(project.origin).hostname not in _THIS_MACHINE

    def _counts(self, project: Project) -> Files | Memory:
        return self.files if self.knows_limits(project) else self.memory

    def _wait(self, limit: Limit, project: Project, count: Count, now: float, more: int) -> float:
        wait = limit.wait(count.sent, now, more)
        if self.knows_limits(project):
            return max(wait, count.until - now)
        return wait if wait <= SHORT else 0.0


def _name(limit: Limit, project: Project) -> str:
    # A base URL may hold a password.
    return f"{hashlib.sha256(repr(project).encode()).hexdigest()[:16]}-{limit.name}"


def _with(sent: Sequence[Sent], new: Sent, limit: Limit) -> list[Sent]:
    """What was sent with one more, no more of them than can count."""
    if sent and 0 <= new.at - sent[-1].at < limit.grain:
        return [*sent[:-1], Sent(sent[-1].at, sent[-1].amount + new.amount)]
    return [*sent, new][-limit.most :]


def _recent(count: Count, limit: Limit, now: float) -> Count:
    """What still counts; times to come are of a clock that was set back."""
    sent = [each for each in count.sent if now - limit.seconds < each.at <= now + SHORT]
    held = count.since <= now < count.until <= now + _LONGEST_HOLD
    return Count(sent, *((count.since, count.until) if held else ()))
