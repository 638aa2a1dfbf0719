"""A Mixpanel that lets calls wait: it answers as long as it has answers, then never."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from recorder import Recorded, read_request, written


@dataclass
class SlowFront:
    """What was asked; `waiting` are the requests that nobody answers and nobody has hung up on."""

    url: str = ""
    answers: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    requests: list[Recorded] = field(default_factory=list[Recorded])
    waiting: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handle the requests of one connection until its client hangs up."""
        try:
            while line := await reader.readline():
                self.requests.append(await read_request(line, reader))
                if not self.answers:
                    await self._count(1)
                    await reader.read()
                    await self._count(-1)
                    break
                writer.write(written(self.answers.pop(0)))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def asked(self, seconds: float) -> None:
        """Return when a request waits; TimeoutError where that takes too long."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: self.waiting > 0)

    async def left(self, seconds: float) -> None:
        """Return when no request waits any more; TimeoutError where that takes too long."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: self.waiting == 0)

    async def _count(self, change: int) -> None:
        async with self._changed:
            self.waiting += change
            self._changed.notify_all()


@asynccontextmanager
async def slow_front(*answers: Mapping[str, Any]) -> AsyncGenerator[SlowFront]:
    """A front on a free port of this machine, that gives these answers and no more."""
    front = SlowFront(answers=list(answers))
    server = await asyncio.start_server(front.serve, "127.0.0.1", 0)
    front.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/{{host}}"
    try:
        yield front
    finally:
        server.close()
