"""A stand-in for Mixpanel on a real socket: records requests, answers with what is queued."""

import asyncio
import gzip
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from processes import away

# A service account's, as a server is given them to ask the recorder with.
CREDENTIALS = {
    **away(),
    "MP_USERNAME": "sa.user",
    "MP_SECRET": "hunter2-secret",
    "MP_PROJECT_ID": "12345",
    "MP_REGION": "us",
}


@dataclass
class Recorded:
    """One request as it arrived; `host` is the one that would have been called."""

    method: str
    host: str
    path: str
    query: dict[str, Any]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body's JSON value, unpacked if it was compressed; None for no body."""
        packed = self.headers.get("content-encoding") == "gzip"
        body = gzip.decompress(self.body) if packed else self.body
        return orjson.loads(body) if body else None


@dataclass
class Recorder:
    """Where to send requests (`url`, with `{host}`), what came, and what to answer next.

    With `answer`, it decides what a request is answered, whatever their order.
    """

    url: str = ""
    requests: list[Recorded] = field(default_factory=list[Recorded])
    answers: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    answer: Callable[[Recorded], Awaitable[Mapping[str, Any]]] | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handle the requests of one connection until it ends or is to be broken."""
        try:
            while line := await reader.readline():
                self.requests.append(request := await read_request(line, reader))
                answer = await self._answer_to(request)
                if answer.get("transport_error") or answer.get("network_error"):
                    break
                writer.write(written(answer))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer_to(self, request: Recorded) -> Mapping[str, Any]:
        if self.answer:
            return await self.answer(request)
        return self.answers.pop(0) if self.answers else {"status": 599, "body": {}}


async def read_request(line: bytes, reader: asyncio.StreamReader) -> Recorded:
    """The request that begins with a line."""
    method, target, _ = line.decode().split(" ", 2)
    headers: dict[str, str] = {}
    while (each := (await reader.readline()).decode().strip()) != "":
        name, value = each.split(":", 1)
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    path, _, text = target.partition("?")
    _, host, rest = path.split("/", 2)
    return Recorded(method, host, f"/{rest}", form_of(text), headers, body)


def form_of(text: str) -> dict[str, Any]:
    """The fields of a query string or a form; one that is repeated, or a `name[]`, as a list."""
    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        fields.setdefault(name, []).append(value)
    return {
        name: values if name.endswith("[]") or len(values) > 1 else values[0]
        for name, values in fields.items()
    }


def written(answer: Mapping[str, Any]) -> bytes:
    """An answer as it goes over the wire."""
    if "text" in answer:
        body = str(answer["text"]).encode()
    else:
        body = b"" if answer.get("body") is None else orjson.dumps(answer["body"])
    headers = {"content-type": "application/json", **(answer.get("headers") or {})}
    if answer.get("content_encoding") == "gzip":
        body = gzip.compress(body)
        headers["content-encoding"] = "gzip"
    if answer["status"] != 204:
        headers["content-length"] = str(len(body))
    lines = [f"HTTP/1.1 {answer['status']} -", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def recording() -> AsyncGenerator[Recorder]:
    """A recorder that listens on a free port of this machine."""
    recorder = Recorder()
    server = await asyncio.start_server(recorder.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    recorder.url = f"http://127.0.0.1:{port}/{{host}}"
    try:
        yield recorder
    finally:
        server.close()
