"""One session's requests against the ledger of limits, and what remains for its answers."""

import contextlib
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass

from mixpanel_mcp_core.errors import RateLimitError
from mixpanel_mcp_core.http import Request
from mixpanel_mcp_core.ledger import SHORT, Ledger, Project
from mixpanel_mcp_core.limits import QUERY, Limit, Standing, limits_of
from mixpanel_mcp_core.retries import retry_after


@dataclass(frozen=True, slots=True)
class Meter:
    """Counts what a session sends; `standings` collects what remains, by the limit's name."""

    ledger: Ledger
    project_id: str
    standings: dict[str, Standing]
    pause: Callable[[float], Awaitable[None]]
    note: Callable[[str | None], Awaitable[None]]

    @contextlib.asynccontextmanager
    async def turn(self, request: Request) -> AsyncGenerator[None]:
        """A request's turn: held while others have all the places, and counted as it begins.

        Raises RateLimitError with the seconds where a limit is reached.
        """
        limits, project = self._limits_of(request)
        amounts = [(limit, _amount(request, limit)) for limit in limits]
        for limit, amount in amounts:
            # Nobody queues for what is refused, and one limit counts nothing if another refuses.
            self._check(limit, project, amount)
        async with contextlib.AsyncExitStack() as places:
            for limit, _ in amounts:
                if self.ledger.is_full(limit, project):
                    at_once = f"{limit.at_once} {limit.things} of a project at once"
                    await self.note(f"waiting in line: Mixpanel runs {at_once}")
                await places.enter_async_context(self.ledger.place(limit, project))
            await self.note(None)
            for limit, amount in amounts:
                await self._count(limit, project, amount)
            yield

    def learn(self, request: Request, status: int, headers: Mapping[str, str]) -> None:
        """Note how long Mixpanel wants no more of a kind that it refused."""
        seconds = retry_after(headers) if status == 429 else None
        limits, project = self._limits_of(request)
        for limit in limits[-1:] if seconds else ():
            if limit.holds:
                self.ledger.hold_back(limit, project, seconds or 0)

    def check_queries(self, base_url: str, number: int) -> None:
        """Raise RateLimitError where so many queries would not all be taken now; counts none."""
        origin, _ = limits_of("GET", base_url)
        self._check(QUERY, Project(origin, self.project_id), number)

    def _check(self, limit: Limit, project: Project, amount: int) -> None:
        wait, standing = self.ledger.wait(limit, project, amount)
        if wait > SHORT:
            raise _reached(standing, project, wait, amount)

    async def _count(self, limit: Limit, project: Project, amount: int) -> None:
        wait, standing = self.ledger.count(limit, project, amount)
        if wait > SHORT:
            raise _reached(standing, project, wait, amount)
        if self.ledger.knows_limits(project):
            self.standings[limit.name] = standing
        if wait:
            await self.pause(wait)

    def _limits_of(self, request: Request) -> tuple[tuple[Limit, ...], Project]:
        origin, limits = limits_of(request.method, request.url)
        return limits, Project(origin, self.project_id)


def _amount(request: Request, limit: Limit) -> int:
    """How much of a limit a request takes."""
    if limit.counts == "requests":
        return 1
    if limit.counts == "bytes":
        return request.size
    entries = request.echo.get("entries") if isinstance(request.echo, dict) else None  # pyright: ignore
    return len(entries) if isinstance(entries, list) else 1  # pyright: ignore


def _reached(standing: Standing, project: Project, wait: float, amount: int) -> RateLimitError:
    limit, left = standing.limit, standing.left
    if left >= amount:
        why = f"Mixpanel has asked for no {limit.things} of project {project.id} for a while"
    else:
        why = (
            f"Mixpanel takes {limit.told(limit.most)} {limit.things} of a project in one "
            f"{limit.period}, of which project {project.id} has {limit.told(left)} left"
        )
    return RateLimitError(
        retry_after=math.ceil(wait),
        project_id=project.id,
        details={"limit": limit.name, "left": left, "most": limit.most, "period": limit.period},
        reason=f"{why}: nothing was sent.",
    )
