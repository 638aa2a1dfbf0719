"""The one place that speaks HTTP: a client opened once, requests, retries, streams.

Nothing here knows an endpoint. `Http.send` gives every answer back, whatever its status;
`outcome` decides what it means.
"""

import asyncio
import contextlib
import random
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import truststore

from mixpanel_mcp_core.errors import ConfigError, MixpanelError
from mixpanel_mcp_core.exchange import AppFailed, AsgiApp, Exchange
from mixpanel_mcp_core.gunzip import BrokenGzip, gunzip
from mixpanel_mcp_core.headers import added_header
from mixpanel_mcp_core.retries import RATE_LIMIT_ONLY, Attempts, Retry, retry_after

# What a body is written in.
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

CONNECT_SECONDS = 15
_CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
CUSTOM_HEADER = ("MP_CUSTOM_HEADER_NAME", "MP_CUSTOM_HEADER_VALUE")

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Request:
    """A request, complete but for its authorization; `echo` is the body as errors show it.

    A `bare` one goes without the header that the environment adds, which is not for strangers.
    `asks` tells of one that only asks though its method is another than GET; `unpacked` is how
    many bytes a compressed body had.
    """

    method: str
    url: str
    query: Mapping[str, str | list[str]] = field(default_factory=dict[str, str | list[str]])
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    read_seconds: float = 135
    echo: Any = None
    bare: bool = False
    asks: bool = False
    unpacked: int | None = None

    @property
    def size(self) -> int:
        """How many bytes its body has, before it is compressed."""
        return len(self.body or b"") if self.unpacked is None else self.unpacked

    @property
    def changes(self) -> bool:
        """Whether it may change something: all do but a GET and what is known to ask only."""
        return self.method != "GET" and not self.asks

    def details(self) -> dict[str, Any]:
        """Method, URL, parameters and body, for the details of an error."""
        told: dict[str, Any] = {
            "request_method": self.method,
            "request_url": self.url,
            "request_params": dict(self.query),
        }
        return told if self.echo is None else {**told, "request_body": self.echo}


class Answer(NamedTuple):
    """What came back, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """A pool of connections with retries; open it once and close it at the end.

    `max_wait` bounds the seconds that all retries of one request may wait together: a longer
    wait goes back to the caller as the error it is. With `app`, requests go to that ASGI
    application in this process instead of to the network. Without `user_agent` nothing is added to
    what a request says itself.
    """

    def __init__(
        self,
        user_agent: str | None,
        *,
        environ: Mapping[str, str],
        app: AsgiApp | None = None,
        max_wait: float = 10,
        sleep: Sleep = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._max_wait = max_wait
        self._sleep = sleep
        self._jitter = jitter
        self._added = custom_header(environ) if user_agent else {}
        self._client = _client(user_agent, self._added, environ, app)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def send(
        self, request: Request, authorization: str | None, retry: Retry = RATE_LIMIT_ONLY
    ) -> Answer:
        """Send until there is an answer that is not worth another attempt, and give it back.

        Raises MixpanelError with code HTTP_ERROR when the network fails.
        """
        attempts = self.attempts(retry)
        while True:
            async with self.stream(request, authorization, attempts) as streamed:
                try:
                    return await streamed.read()
                except MixpanelError:
                    wait = attempts.wait_after(None)
                    if wait is None:
                        raise
            await self._sleep(wait)

    @contextlib.asynccontextmanager
    async def stream(
        self, request: Request, authorization: str | None, attempts: Attempts
    ) -> AsyncGenerator["Streamed"]:
        """Open an answer whose body is read in pieces; no attempt is repeated once it is open."""
        async with self._answered(request, authorization, attempts) as response:
            yield Streamed(request, response)

    def attempts(self, retry: Retry) -> Attempts:
        """A fresh count of attempts for one request."""
        return Attempts(retry, self._max_wait, self._jitter)

    async def pause(self, seconds: float) -> None:
        """Wait before another attempt."""
        await self._sleep(seconds)

    @contextlib.asynccontextmanager
    async def _answered(
        self, request: Request, authorization: str | None, attempts: Attempts
    ) -> AsyncGenerator[httpx.Response]:
        built = self._build(request, authorization)
        while True:
            try:
                # Not even a password inside a base URL takes the place of the authorization.
                response = await self._client.send(built, stream=True, auth=httpx.Auth())
            except httpx.HTTPError as error:
                wait = attempts.wait_after(None)
                if wait is None:
                    raise _unreachable(request, error) from error
            else:
                wait = attempts.wait_after(response.status_code, retry_after(response.headers))
                if wait is None:
                    break
                await response.aclose()
            await self._sleep(wait)
        try:
            yield response
        finally:
            await response.aclose()

    def _build(self, request: Request, authorization: str | None) -> httpx.Request:
        headers = dict(request.headers)
        if authorization:
            headers["Authorization"] = authorization
        try:
            built = self._client.build_request(
                request.method,
                request.url,
                params=request.query or None,
                content=request.body,
                headers=headers,
                timeout=httpx.Timeout(request.read_seconds, connect=CONNECT_SECONDS),
            )
        except httpx.InvalidURL as error:
            raise ConfigError(f"{request.url} is not a URL: {error}") from error
        for name in self._added if request.bare else ():
            built.headers.pop(name)
        return built


class Streamed:
    """An answer whose body arrives in pieces."""

    def __init__(self, request: Request, response: httpx.Response) -> None:
        self._request = request
        self._response = response
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers

    async def read(self) -> Answer:
        """The whole body; MixpanelError with code HTTP_ERROR if it breaks off."""
        try:
            return Answer(self.status, self.headers, await self._response.aread())
        except httpx.HTTPError as error:
            raise _unreachable(self._request, error) from error

    @property
    def packed(self) -> bool:
        """Whether the body is a gzip."""
        return self.headers.get("content-encoding", "").lower() in ("gzip", "x-gzip")

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body's pieces, a gzip's as they are; HTTP_ERROR if it breaks off."""
        response = self._response
        try:
            async for piece in response.aiter_raw() if self.packed else response.aiter_bytes():
                yield piece
        except httpx.HTTPError as error:
            raise self.broken(error) from error

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body's pieces, decompressed; MixpanelError with code HTTP_ERROR if it breaks off."""
        try:
            async for chunk in gunzip(self.pieces()) if self.packed else self.pieces():
                yield chunk
        except BrokenGzip as error:
            raise self.broken(error) from error

    def broken(self, error: Exception) -> MixpanelError:
        """The error of a body that ended before its end, for the reason that `error` tells."""
        return _unreachable(self._request, error)


def _unreachable(request: Request, error: Exception | None) -> MixpanelError:
    text = str(error) or type(error).__name__
    return MixpanelError(
        f"{request.method} {request.url} failed: {text}",
        code="HTTP_ERROR",
        details={"error": text, **request.details()},
    )


def _client(
    user_agent: str | None,
    added: Mapping[str, str],
    environ: Mapping[str, str],
    app: AsgiApp | None,
) -> httpx.AsyncClient:
    # Said by ourselves, since the library offers whatever it finds installed beside it.
    headers = httpx.Headers({"Accept-Encoding": "gzip, deflate"})
    headers.update({"User-Agent": user_agent} if user_agent else {})
    headers.update(added)
    try:
        return httpx.AsyncClient(
            headers=headers,
            # Accounts share the pool, and a cookie of one is not for another.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            transport=InProcess(app) if app else None,
            verify=True if app else trust(environ),
            limits=httpx.Limits(max_connections=16, max_keepalive_connections=8),
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise ConfigError(f"The proxy that the environment names is not usable: {error}") from error


def custom_header(environ: Mapping[str, str]) -> dict[str, str]:
    """The header that the environment adds to every request; the authorization is never it.

    Raises ConfigError when name or value are not those of a header.
    """
    name, value = (environ.get(variable) for variable in CUSTOM_HEADER)
    return added_header(name, value, *CUSTOM_HEADER) if name and value else {}


def trust(environ: Mapping[str, str]) -> ssl.SSLContext:
    """The system's certificates, and those of a bundle that the environment names.

    Raises ConfigError when the bundle is not there or holds no certificates.
    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for variable in _CA_VARIABLES:
        if bundle := environ.get(variable):
            _load(context, variable, bundle)
    return context


def _load(context: ssl.SSLContext, variable: str, bundle: str) -> None:
    try:
        if Path(bundle).is_dir():
            context.load_verify_locations(capath=bundle)
        else:
            context.load_verify_locations(cafile=bundle)
    except OSError as error:
        raise ConfigError(
            f"{variable} names {bundle}, which cannot be read as certificates: {error}",
            details={"env_var": variable, "value": bundle},
        ) from error


class InProcess(httpx.AsyncBaseTransport):
    """Hands requests to an ASGI application in this process, bodies streaming both ways.

    httpx's own ASGI transport waits for the whole answer, which an export may never fit into
    memory.
    """

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = Exchange(self._app, _asgi_scope(request), await request.aread())
        try:
            status, headers = await exchange.start()
        except AppFailed as error:
            raise httpx.ReadError(str(error), request=request) from error
        return httpx.Response(status, headers=headers, stream=_Body(exchange))


class _Body(httpx.AsyncByteStream):
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._exchange.body():
                yield piece
        except AppFailed as error:
            raise httpx.ReadError(str(error)) from error

    async def aclose(self) -> None:
        await self._exchange.close()


def _asgi_scope(request: httpx.Request) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (request.url.host, request.url.port),
        "client": ("127.0.0.1", 0),
        "root_path": "",
    }
