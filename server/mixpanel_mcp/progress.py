"""What a call tells its client while it goes on: how far it is, or at least that it goes on."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from typing import Any

from mcp.server.mcpserver import Context

from mixpanel_mcp_core.clock import lasting

# How long a call may be silent: clients give up on those that are for long.
BEAT_SECONDS = 5.0
WAITING = "waiting for an answer"
# Progress has to grow, also where nothing more is done yet.
_STEP = 0.001


class Progress:
    """The progress of one call, which only grows, whatever its parts tell."""

    def __init__(self, context: Context[Any, Any]) -> None:
        self._context = context
        self._began = time.monotonic()
        self._before = 0.0
        self._part = 0.0
        self._sent = -_STEP
        self._total: float | None = None
        self._message = WAITING
        self._before_line: str | None = None

    async def report(self, done: float, total: float | None, message: str) -> None:
        """Tell how much is done; what begins anew is another part, after those before."""
        if done < self._part:
            self._before = self._sent
        self._part, self._message = done, message
        self._total = None if total is None else self._before + total
        await self._send(self._before + done, message)

    async def note(self, waits_for: str | None) -> None:
        """Tell what the call waits for instead of an answer, until it is told that it is over."""
        if waits_for is not None:
            self._before_line = self._before_line or self._message
            self._message = waits_for
            await self._send(self._sent, waits_for)
        elif self._before_line is not None:
            self._message, self._before_line = self._before_line, None

    async def beat(self) -> None:
        """Tell from time to time that the call goes on, until it ends."""
        # A client that is gone is told nothing.
        with contextlib.suppress(Exception):
            while True:
                await asyncio.sleep(BEAT_SECONDS)
                waited = lasting(time.monotonic() - self._began)
                await self._send(self._sent, f"{self._message} ({waited} so far)")

    async def _send(self, done: float, message: str) -> None:
        self._sent = max(done, self._sent + _STEP)
        total = None if self._total is None else max(self._total, self._sent)
        await self._context.report_progress(self._sent, total, message)


@contextlib.asynccontextmanager
async def progress_of(context: Context[Any, Any] | None) -> AsyncGenerator[Progress | None]:
    """The progress of a call, if there is a client to tell."""
    if context is None:
        yield None
        return
    progress = Progress(context)
    beating = asyncio.create_task(progress.beat())
    try:
        yield progress
    finally:
        beating.cancel()
