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
from typing import Any, NamedTuple

import httpx
import truststore

from mixpanel_mcp_core.errors import MixpanelError

CONNECT_SECONDS = 15
_CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")

AsgiApp = Callable[..., Awaitable[None]]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Request:
    """A request, complete but for its authorization; `echo` is the body as errors show it."""

    method: str
    url: str
    query: Mapping[str, str | list[str]] = field(default_factory=dict[str, str | list[str]])
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    read_seconds: float = 135
    echo: Any = None

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


@dataclass(frozen=True, slots=True)
class Retry:
    """Which statuses are worth another attempt, and the first wait, doubled each time."""

    statuses: frozenset[int] = frozenset({429})
    first_wait: float = 1
    network: bool = False
    attempts: int = 4
    longest_wait: float = 60


RATE_LIMIT_ONLY = Retry()
SAFE_WRITE = Retry(statuses=frozenset({429, 502, 503}), first_wait=2)
NEVER = Retry(attempts=1)


def retry_after(headers: Mapping[str, str]) -> int | None:
    """The seconds of a `Retry-After` header; a date or other text counts as none."""
    value = headers.get("retry-after", "").strip()
    return int(value) if value.isascii() and value.isdigit() else None


def next_wait(retry: Retry, attempt: int, told: int | None, jitter: float) -> float:
    """Seconds before the next attempt; `jitter` from 0 to 1 adds up to a tenth."""
    if told is not None:
        return min(told, retry.longest_wait)
    wait = min(retry.first_wait * 2**attempt, retry.longest_wait)
    return wait * (1 + jitter / 10)


class Http:
    """A pool of connections with retries; open it once and close it at the end.

    `max_wait` bounds the seconds that all retries of one request may wait together: a longer
    wait goes back to the caller as the error it is. With `app`, requests go to that ASGI
    application in this process instead of to the network.
    """

    def __init__(
        self,
        user_agent: str,
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
        self._client = httpx.AsyncClient(
            headers={"User-Agent": user_agent},
            transport=InProcess(app) if app else None,
            verify=True if app else trust(environ),
            limits=httpx.Limits(max_connections=16, max_keepalive_connections=8),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def send(
        self, request: Request, authorization: str | None, retry: Retry = RATE_LIMIT_ONLY
    ) -> Answer:
        """Send until there is an answer that is not worth another attempt, and give it back.

        Raises MixpanelError with code HTTP_ERROR when the network fails.
        """
        async with self._answered(request, authorization, retry) as response:
            try:
                body = await response.aread()
            except httpx.HTTPError as error:
                raise _unreachable(request, error) from error
            return Answer(response.status_code, response.headers, body)

    @contextlib.asynccontextmanager
    async def stream(
        self, request: Request, authorization: str | None, retry: Retry
    ) -> AsyncGenerator["Streamed"]:
        """Open an answer whose body is read in pieces; no attempt is repeated once it is open."""
        async with self._answered(request, authorization, retry) as response:
            yield Streamed(request, response)

    @contextlib.asynccontextmanager
    async def _answered(
        self, request: Request, authorization: str | None, retry: Retry
    ) -> AsyncGenerator[httpx.Response]:
        built = self._build(request, authorization)
        waited = 0.0
        for attempt in range(retry.attempts):
            told: int | None = None
            response: httpx.Response | None = None
            failure: httpx.HTTPError | None = None
            try:
                response = await self._client.send(built, stream=True)
            except httpx.HTTPError as error:
                failure = error
                again = retry.network
            else:
                told = retry_after(response.headers)
                again = response.status_code in retry.statuses
            wait = next_wait(retry, attempt, told, self._jitter())
            if again and attempt + 1 < retry.attempts and waited + wait <= self._max_wait:
                if response is not None:
                    await response.aclose()
                await self._sleep(wait)
                waited += wait
                continue
            if response is None:
                raise _unreachable(request, failure) from failure
            try:
                yield response
            finally:
                await response.aclose()
            return

    def _build(self, request: Request, authorization: str | None) -> httpx.Request:
        headers = dict(request.headers)
        if authorization:
            headers["Authorization"] = authorization
        timeout = httpx.Timeout(request.read_seconds, connect=CONNECT_SECONDS)
        return self._client.build_request(
            request.method,
            request.url,
            params=request.query or None,
            content=request.body,
            headers=headers,
            timeout=timeout,
        )


class Streamed:
    """An answer whose body arrives in pieces."""

    def __init__(self, request: Request, response: httpx.Response) -> None:
        self._request = request
        self._response = response
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers

    async def read(self) -> Answer:
        """The whole body, for answers that turn out to be errors."""
        return Answer(self.status, self.headers, await self._response.aread())

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body's pieces, decompressed; MixpanelError with code HTTP_ERROR if it breaks off."""
        try:
            async for chunk in self._response.aiter_bytes():
                yield chunk
        except httpx.HTTPError as error:
            raise _unreachable(self._request, error) from error


def _unreachable(request: Request, error: Exception | None) -> MixpanelError:
    text = str(error) or type(error).__name__
    return MixpanelError(
        f"{request.method} {request.url} failed: {text}",
        code="HTTP_ERROR",
        details={"error": text, **request.details()},
    )


def trust(environ: Mapping[str, str]) -> ssl.SSLContext:
    """The system's certificates, and those of a bundle that the environment names."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for variable in _CA_VARIABLES:
        if bundle := environ.get(variable):
            context.load_verify_locations(bundle)
    return context


class InProcess(httpx.AsyncBaseTransport):
    """Hands requests to an ASGI application in this process, bodies streaming both ways.

    httpx's own ASGI transport waits for the whole answer, which an export may never fit into
    memory.
    """

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = _Exchange(await request.aread())
        exchange.run(self._app, request)
        status, headers = await exchange.start()
        return httpx.Response(status, headers=headers, stream=exchange)


class _Exchange(httpx.AsyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._incoming = [{"type": "http.request", "body": body, "more_body": False}]
        self._started: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._chunks: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=8)
        self._gone = asyncio.Event()

    def run(self, app: AsgiApp, request: httpx.Request) -> None:
        scope = {
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
        self._task = asyncio.create_task(self._serve(app, scope))

    async def _serve(self, app: AsgiApp, scope: dict[str, Any]) -> None:
        try:
            await app(scope, self._receive, self._send)
        except Exception as error:
            if not self._started.done():
                self._started.set_exception(httpx.ReadError(f"the sandbox failed: {error}"))
        await self._chunks.put(None)

    async def _receive(self) -> dict[str, Any]:
        if self._incoming:
            return self._incoming.pop()
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._started.set_result(message)
        elif chunk := message.get("body"):
            await self._chunks.put(chunk)

    async def start(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        try:
            message = await self._started
        except BaseException:
            await self.aclose()
            raise
        return message["status"], message["headers"]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (chunk := await self._chunks.get()) is not None:
            yield chunk

    async def aclose(self) -> None:
        self._gone.set()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
