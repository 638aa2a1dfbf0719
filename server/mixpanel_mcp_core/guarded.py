"""The gate that every request of a session goes through.

What changes something is asked about, and what Mixpanel limits is counted.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from mixpanel_mcp_core.errors import NotPermittedError
from mixpanel_mcp_core.http import Answer, Http, Request, Streamed
from mixpanel_mcp_core.metering import Meter
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

    def __init__(self, http: Http, on_change: OnChange, meter: Meter | None = None) -> None:
        self._http = http
        self._on_change = on_change
        self._meter = meter

    async def send(
        self, request: Request, authorization: str | None, retry: Retry = RATE_LIMIT_ONLY
    ) -> Answer:
        """As `Http.send`, where the request may leave."""
        await self._ask(request)
        async with self._turn(request):
            answer = await self._http.send(request, authorization, retry)
        self._learn(request, answer)
        return answer

    @asynccontextmanager
    async def stream(
        self, request: Request, authorization: str | None, attempts: Attempts
    ) -> AsyncGenerator[Streamed]:
        """As `Http.stream`, where the request may leave."""
        await self._ask(request)
        stream = self._http.stream(request, authorization, attempts)
        async with self._turn(request), stream as streamed:
            self._learn(request, streamed)
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

    def _turn(self, request: Request) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self._meter is None else self._meter.turn(request)

    def _learn(self, request: Request, answer: Answer | Streamed) -> None:
        if self._meter is not None:
            self._meter.learn(request, answer.status, answer.headers)
