"""Who writes the parts of an export: a thread for a small one, processes for large ones.

Python runs on one core only, and to take records apart is Python.
"""

import asyncio
import pickle
import sys
from typing import Any

from mixpanel_mcp_core.children import environment
from mixpanel_mcp_core.exports.parts import Count, Making, Part
from mixpanel_mcp_core.exports.worker import LENGTH, framed
from mixpanel_mcp_core.threads import stoppable

_WORKER = "mixpanel_mcp_core.exports.worker"
# What comes sooner than a process would have started.
_SMALL = 1 << 18


class Lost(Exception):
    """The process that wrote a part ended before the part did."""

    def __str__(self) -> str:
        return "the process that wrote it to the disk has ended"


class Worker:
    """A process that writes one part after the other."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def told(self, message: Any) -> Any:
        """The answer to a message; raises what the worker raised, or Lost."""
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        try:
            asked.write(framed(message))
            await asked.drain()
            (length,) = LENGTH.unpack(await answers.readexactly(LENGTH.size))
            answer = pickle.loads(await answers.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise Lost from error
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def end(self) -> None:
        """End the process."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


class Crew:
    """The processes of one export, which wait for another part when they have written one.

    No more are started after one was `lost`.
    """

    def __init__(self) -> None:
        self.lost = False
        self._idle: list[Worker] = []

    async def hired(self) -> Worker | None:
        """A process that has nothing to do; None where none may be started."""
        if self.lost:
            return None
        if self._idle:
            return self._idle.pop()
        try:
            return Worker(
                await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-m", _WORKER),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    env=environment(),
                    # An interrupt in the terminal is for the server, which ends it.
                    start_new_session=True,
                )
            )
        except OSError:
            return None

    def free(self, worker: Worker) -> None:
        """Keep a process for the next part."""
        self._idle.append(worker)

    async def end(self) -> None:
        """End all that wait."""
        while self._idle:
            await self._idle.pop().end()


class Writing:
    """A part that is written from the pieces of a body, by whoever is right for its size.

    It raises BrokenGzip, GivenUp, Torn, Lost and OSError; `close` it in any case.
    """

    def __init__(self, crew: Crew, making: Making) -> None:
        self.count = Count()
        self._crew = crew
        self._making = making
        self._head = bytearray()
        self._part: Part | None = None
        self._worker: Worker | None = None

    async def feed(self, piece: bytes) -> None:
        """Take a piece of the body."""
        if self._worker or self._part:
            await self._fed(piece)
            return
        self._head += piece
        if len(self._head) > _SMALL:
            await self._begin(await self._crew.hired())

    async def finish(self) -> dict[str, int]:
        """Take the end of the body; the kinds of its properties, for a table."""
        if not (self._worker or self._part):
            await self._begin(None)
        if self._part:
            finish = self._part.finish
            self.count, kinds = await stoppable(lambda _: finish())
            return kinds
        worker = self._worker
        assert worker is not None
        self.count, kinds = await self._told(worker, None)
        self._crew.free(worker)
        self._worker = None
        return kinds

    async def close(self) -> None:
        """Write no more."""
        if self._part:
            self._part.close()
        if self._worker:
            # It may be in the middle of an answer that nobody waits for.
            await self._worker.end()

    async def _begin(self, worker: Worker | None) -> None:
        self._worker = worker
        if worker:
            await self._told(worker, self._making)
        else:
            self._part = Part(self._making)
        head, self._head = bytes(self._head), bytearray()
        if head:
            await self._fed(head)

    async def _fed(self, piece: bytes) -> None:
        if self._worker:
            self.count = await self._told(self._worker, piece)
        elif self._part:
            feed = self._part.feed
            self.count = await stoppable(lambda _: feed(piece))

    async def _told(self, worker: Worker, message: Any) -> Any:
        try:
            return await worker.told(message)
        except Lost:
            self._crew.lost = True
            raise
