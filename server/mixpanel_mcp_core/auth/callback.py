"""The loopback address that a browser login comes back to."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from mixpanel_mcp_core.auth.callback_page import LOGGED_IN, Shown, failed, page, undecided
from mixpanel_mcp_core.errors import OAuthError

PORTS = (19284, 19285, 19286, 19287)
_PATH = "/callback"
_LONGEST_HEAD = 16_384
_HEAD_SECONDS = 10
_LONGEST_TOLD = 500
_SECURITY = (
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n"
)


class Returned(NamedTuple):
    """The parameters that the login server sent back."""

    code: str | None = None
    state: str | None = None
    error: str | None = None
    error_description: str | None = None
    issuer: str | None = None

    def __repr__(self) -> str:
        """Without the code."""
        return "Returned(...)"


def returned(query: str) -> Returned:
    """A query string's parameters; the first of those that stand several times."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query.lstrip("?")):
        found.setdefault(name, value)
    return Returned(
        found.get("code"),
        found.get("state"),
        _plain(found.get("error")),
        _plain(found.get("error_description")),
        found.get("iss"),
    )


def _plain(text: str | None) -> str | None:
    """Text from anybody, since any page can send a browser here; it is printed on terminals."""
    return text and "".join(each for each in text if each.isprintable())[:_LONGEST_TOLD]


Judge = Callable[[Returned], str]
Acceptor = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]


class Callback:
    """A listener for the one request that ends a login."""

    def __init__(self, port: int, judge: Judge) -> None:
        self.redirect_uri = f"http://localhost:{port}{_PATH}"
        self.code: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._hosts = {f"{name}:{port}" for name in ("localhost", "127.0.0.1")}
        self._judge = judge

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection; only a request of the login's own decides anything."""
        try:
            async with asyncio.timeout(_HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            writer.write(self._answered(head.decode("latin-1")))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass
        finally:
            writer.close()

    def _answered(self, head: str) -> bytes:
        first, _, rest = head.partition("\r\n")
        words = first.split(" ")
        if len(words) != 3 or words[0] != "GET":
            return _response(405, undecided("Only GET is answered here."))
        # A page of another site, whose name was pointed at this machine, is not the login server.
        if _host(rest) not in self._hosts:
            return _response(400, undecided("This address answers for localhost only."))
        try:
            parts = urlsplit(words[1])
        except ValueError:
            return _response(400, undecided("This is no address."))
        given = returned(parts.query)
        if parts.path != _PATH and given == Returned():
            return _response(404, undecided("Nothing is here."))
        return self._decided(given)

    def _decided(self, given: Returned) -> bytes:
        if self.code.done():
            return _response(400, undecided("This login is over already."))
        try:
            code = self._judge(given)
        except OAuthError as error:
            self.code.set_exception(error)
            return _response(400, failed(error.message))
        self.code.set_result(code)
        return _response(200, LOGGED_IN)


def _host(headers: str) -> str | None:
    for line in headers.split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "host":
            return value.strip().lower()
    return None


_PHRASES: Mapping[int, str] = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
}


def _response(status: int, shown: Shown) -> bytes:
    body = page(shown).encode()
    head = (
        f"HTTP/1.1 {status} {_PHRASES[status]}\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n{_SECURITY}\r\n"
    )
    return head.encode() + body


@asynccontextmanager
async def listening(judge: Judge) -> AsyncGenerator[Callback]:
    """A listener on the first of the fixed ports that is free.

    `judge` turns what came back into the code, or raises OAuthError. Raises OAuthError
    (OAUTH_PORT_ERROR) when no port is free.
    """
    callbacks: list[Callback] = []
    answering: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(callbacks[0].answer(reader, writer))
        answering.add(task)
        task.add_done_callback(answering.discard)

    server, port = await _bound(accept)
    callbacks.append(Callback(port, judge))
    try:
        yield callbacks[0]
    finally:
        callbacks[0].code.cancel()
        server.close()
        # Browsers keep spare connections open, on which nothing will come any more.
        for task in answering:
            task.cancel()


async def _bound(accept: Acceptor) -> tuple[asyncio.Server, int]:
    for port in PORTS:
        try:
            server = await asyncio.start_server(accept, "127.0.0.1", port, limit=_LONGEST_HEAD)
        except OSError:
            continue
        return server, port
    raise OAuthError(
        f"The ports {', '.join(map(str, PORTS))} of this machine are all taken, and a browser "
        "login comes back to one of them. Close other logins and try again.",
        code="OAUTH_PORT_ERROR",
        details={"ports": list(PORTS)},
    )
