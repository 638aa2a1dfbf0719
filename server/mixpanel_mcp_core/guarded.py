"""The gate that every request of a session goes through: what changes something is asked about."""

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable

from mixpanel_mcp_core.errors import NotPermittedError
from mixpanel_mcp_core.http import Answer, Http, Request, Streamed
from mixpanel_mcp_core.retries import RATE_LIMIT_ONLY, Attempts, Retry

# Asked before a request that changes something; it raises for one that may not leave.
OnChange = Callable[[Request], Awaitable[None]]


async def let_through(request: Request) -> None:
    """Let every change pass."""


async def refuse(request: Request) -> None:
    """Let no change pass."""
    raise NotPermittedError("This server is read-only: nothing was sent to Mixpanel.")


class Guarded:
    """A session's way to the pool of connections."""

    def __init__(self, http: Http, on_change: OnChange) -> None:
        self._http = http
        self._on_change = on_change

    async def send(
        self, request: Request, authorization: str | None, retry: Retry = RATE_LIMIT_ONLY
    ) -> Answer:
        """As `Http.send`, where the request may leave."""
        await self._ask(request)
        return await self._http.send(request, authorization, retry)

    @contextlib.asynccontextmanager
    async def stream(
        self, request: Request, authorization: str | None, attempts: Attempts
    ) -> AsyncGenerator[Streamed]:
        """As `Http.stream`, where the request may leave."""
        await self._ask(request)
        async with self._http.stream(request, authorization, attempts) as streamed:
            yield streamed

    def attempts(self, retry: Retry) -> Attempts:
        """A fresh count of attempts for one request."""
        return self._http.attempts(retry)

    async def pause(self, seconds: float) -> None:
        """Wait before another attempt."""
        await self._http.pause(seconds)

    async def _ask(self, request: Request) -> None:
        if request.changes:
            await self._on_change(request)
