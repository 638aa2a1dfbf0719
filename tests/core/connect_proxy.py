"""A small CONNECT proxy on a real socket that notes where it was asked to go."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field


@dataclass
class ConnectProxy:
    """Where it listens, and the targets and credentials of the tunnels it opened."""

    url: str = ""
    targets: list[str] = field(default_factory=list[str])
    credentials: list[str | None] = field(default_factory=list[str | None])
    tunnels: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])
    writers: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Open one tunnel and carry bytes both ways until either end closes."""
        self.tunnels.append(asyncio.create_task(self._tunnel(reader, writer)))

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        target = head[0].split(" ")[1]
        fields = dict(line.split(": ", 1) for line in head[1:] if line)
        self.targets.append(target)
        self.credentials.append(fields.get("Proxy-Authorization"))
        host, port = target.rsplit(":", 1)
        there, out = await asyncio.open_connection(host, int(port))
        self.writers += [writer, out]
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_carry(reader, out), _carry(there, writer))


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()


@contextlib.asynccontextmanager
async def connect_proxy() -> AsyncGenerator[ConnectProxy]:
    """A proxy on a free port of this machine."""
    proxy = ConnectProxy()
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        for writer in proxy.writers:
            writer.close()
        if proxy.tunnels:
            await asyncio.wait(proxy.tunnels)
