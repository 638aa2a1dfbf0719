"""One request to an ASGI application in this process, whose answer arrives in pieces."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

AsgiApp = Callable[..., Awaitable[None]]
Message = dict[str, Any]

_PIECES_AHEAD = 8


class AppFailed(Exception):
    """The application raised, or ended without a whole answer."""


class Exchange:
    """A request under way: the application runs beside its reader, a few pieces ahead."""

    def __init__(self, app: AsgiApp, scope: Message, body: bytes) -> None:
        self._incoming: list[Message] = [
            {"type": "http.request", "body": body, "more_body": False},
        ]
        self._outgoing: asyncio.Queue[Message | None] = asyncio.Queue(_PIECES_AHEAD)
        self._gone = asyncio.Event()
        self._sent_all = self._read_all = False
        self._cause: Exception | None = None
        self._task = asyncio.create_task(self._serve(app, scope))

    async def start(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        """Status and headers; AppFailed when the application ends before it sends them."""
        try:
            message = await self._outgoing.get()
        except BaseException:
            await self.close()
            raise
        if message is None:
            raise self._failed("before it answered")
        return message["status"], list(message.get("headers", []))

    async def body(self) -> AsyncIterator[bytes]:
        """The pieces of the body; AppFailed when the application ends before the last one."""
        while not self._read_all:
            message = await self._outgoing.get()
            if message is None:
                raise self._failed("in the middle of its answer")
            self._read_all = not message.get("more_body", False)
            if piece := message.get("body"):
                yield piece

    async def close(self) -> None:
        """Tell the application that its reader is gone, and wait for its end.

        An application that still has something to send is cancelled.
        """
        self._gone.set()
        if not self._read_all:
            self._task.cancel()
        await asyncio.wait({self._task})

    async def _serve(self, app: AsgiApp, scope: Message) -> None:
        try:
            await app(scope, self._receive, self._send)
        except Exception as error:
            self._cause = error
        if not (self._sent_all or self._gone.is_set()):
            await self._outgoing.put(None)

    async def _receive(self) -> Message:
        if self._incoming:
            return self._incoming.pop()
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if self._sent_all:
            return
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        self._sent_all = last
        await self._outgoing.put(message)

    def _failed(self, when: str) -> AppFailed:
        cause = self._cause
        told = f": {type(cause).__name__}: {cause}" if cause else ""
        failure = AppFailed(f"the application in this process ended {when}{told}")
        failure.__cause__ = cause
        return failure
