"""One session's requests against the ledger of limits, and what remains for its answers."""

import contextlib
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass

from mixpanel_mcp_core.errors import RateLimitError
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

    @contextlib.asynccontextmanager
    async def turn(self, url: str) -> AsyncGenerator[None]:
        """A request's turn: counted, and held while others have all the places.

        Raises RateLimitError with the seconds where a limit is reached.
        """
        limits, project = limits_of(url), self._project(url)
        async with contextlib.AsyncExitStack() as places:
            for limit in limits:
                await self._count(limit, project)
                await places.enter_async_context(self.ledger.place(limit, project))
            yield

    def learn(self, url: str, status: int, headers: Mapping[str, str]) -> None:
        """Note how long Mixpanel wants no more of a kind that it refused."""
        seconds = retry_after(headers) if status == 429 else None
        for limit in limits_of(url)[-1:] if seconds else ():
            self.ledger.hold_back(limit, self._project(url), seconds or 0)

    def check_queries(self, base_url: str, number: int) -> None:
        """Raise RateLimitError where so many queries would not all be taken now; counts none."""
        project = self._project(base_url)
        wait, standing = self.ledger.wait(QUERY, project, number)
        if wait > SHORT:
            raise _reached(standing, project, wait, number)

    async def _count(self, limit: Limit, project: Project) -> None:
        wait, standing = self.ledger.count(limit, project)
        if wait > SHORT:
            raise _reached(standing, project, wait)
        self.standings[limit.name] = standing
        if wait:
            await self.pause(wait)

    def _project(self, url: str) -> Project:
        return Project(url.partition("/api/")[0], self.project_id)


def _reached(standing: Standing, project: Project, wait: float, number: int = 1) -> RateLimitError:
    limit, left = standing.limit, standing.left
    if left >= number:
        why = f"Mixpanel has asked for no {limit.things} of project {project.id} for a while"
    else:
        why = (
            f"Mixpanel takes {limit.most} {limit.things} of a project in one {limit.period}, of "
            f"which project {project.id} has {left} left"
        )
    return RateLimitError(
        retry_after=math.ceil(wait),
        project_id=project.id,
        details={"limit": limit.name, "left": left, "most": limit.most, "period": limit.period},
        reason=f"{why}: nothing was sent.",
    )
