"""A server of bytes: answers exactly what a test wrote, also where that is no whole answer."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

OPEN_ENDED: Mapping[str, str] = {"transfer-encoding": "chunked"}


class Reply(NamedTuple):
    """Bytes to write; `breaks` closes the connection after them. No bytes: silence."""

    data: bytes = b""
    breaks: bool = False


class Seen(NamedTuple):
    """A request: its target and headers, and which connection brought it."""

    target: str
    headers: dict[str, str]
    connection: int


@dataclass
class Origin:
    """Where to send requests, what came, and what to answer next; `arrivals` counts requests.

    With `answer`, it decides what a request is answered, whatever their order.
    """

    url: str = ""
    port: int = 0
    connections: int = 0
    seen: list[Seen] = field(default_factory=list[Seen])
    replies: list[Reply] = field(default_factory=list[Reply])
    answer: Callable[[Seen], Awaitable[Reply]] | None = None
    arrivals: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    writers: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])
    served: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection in a task of its own."""
        self.writers.append(writer)
        self.served.append(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while line := await reader.readline():
                seen = await _read(line, reader, number)
                self.seen.append(seen)
                self.arrivals.release()
                reply = await self.answer(seen) if self.answer else self.replies.pop(0)
                writer.write(reply.data)
                await writer.drain()
                if reply.breaks:
                    break
        writer.close()


async def _read(line: bytes, reader: asyncio.StreamReader, connection: int) -> Seen:
    headers: dict[str, str] = {}
    while each := (await reader.readline()).decode().strip():
        name, value = each.split(":", 1)
        headers[name.lower()] = value.strip()
    await reader.readexactly(int(headers.get("content-length", 0)))
    return Seen(line.decode().split(" ")[1], headers, connection)


def reply(
    status: int = 200,
    body: bytes = b"{}",
    headers: Mapping[str, str] | None = None,
    *,
    breaks: bool = False,
) -> Reply:
    """A whole answer; with OPEN_ENDED the body is `chunk`s and has no length."""
    headers = dict(headers or {})
    if "transfer-encoding" not in headers:
        headers.setdefault("content-length", str(len(body)))
    lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in headers.items())]
    return Reply("\r\n".join([*lines, "", ""]).encode() + body, breaks)


def chunk(data: bytes) -> bytes:
    """One piece of a body without a length; an empty one ends it."""
    return b"%x\r\n%s\r\n" % (len(data), data)


@contextlib.asynccontextmanager
async def listening(tls: ssl.SSLContext | None = None) -> AsyncGenerator[Origin]:
    """An origin on a free port of this machine."""
    origin = Origin()
    server = await asyncio.start_server(origin.accept, "127.0.0.1", 0, ssl=tls)
    origin.port = server.sockets[0].getsockname()[1]
    origin.url = f"{'https' if tls else 'http'}://127.0.0.1:{origin.port}"
    try:
        yield origin
    finally:
        server.close()
        for writer in origin.writers:
            writer.close()
        if origin.served:
            await asyncio.wait(origin.served)
