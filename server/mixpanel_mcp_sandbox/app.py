"""The ASGI app: one table of endpoints, answered in worker threads, errors as JSON."""

import logging
import re
from collections.abc import Awaitable, Callable, Generator, Mapping
from functools import cache, partial
from itertools import chain

import duckdb
import orjson
from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from . import export, oauth
from .calls import Answer, Call, Endpoint, Text, parse_json, too_large
from .endpoints import ENDPOINTS
from .errors import Refusal
from .guard import check_credentials, check_organization, check_project, check_workspace
from .privacy_jobs import do_what_is_due
from .service_accounts import let_in
from .store import Store
from .territory import later

logger = logging.getLogger(__name__)

HOST = r"(?P<host>/(?:(?:eu|in|data|data-eu|data-in|api|api-eu|api-in)\.)?mixpanel\.com)"
# The second form is where RFC 8414 looks for the description of a server with a path.
HOSTED = (
    re.compile(rf"{HOST}(?P<path>/.*)", re.DOTALL),
    re.compile(rf"(?P<path>/\.well-known/[^/]+){HOST}"),
)
# A lookup table may be as large.
MOST_BYTES = 100_000_000
# What `error()` in a compiled expression and a value out of range say is the request's fault.
REQUEST_ERRORS = (
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.OutOfRangeException,
)

Handler = Callable[[Store, oauth.AuthorizationServer, Request], Awaitable[Response]]


def build_app(store: Store, server: oauth.AuthorizationServer) -> ASGIApp:
    """Return the app that answers for every Mixpanel host."""
    app = Starlette(routes=_routes(), exception_handlers={HTTPException: _unrouted})
    app.router.redirect_slashes = False
    return _AnyHost(app, store, server)


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Return the table of all paths: once, since hundreds of patterns are compiled for it."""
    return (
        *(
            Route(path, _guarded(partial(_answer, endpoint)), methods=[endpoint.method])
            for endpoint in ENDPOINTS
            for path in _paths(endpoint)
        ),
        Route("/api/2.0/export", _guarded(_export), methods=["GET"]),
        *(
            Route(path, _guarded(partial(_visit, answer)), methods=[method])
            for method, path, answer in oauth.ROUTES
        ),
    )


class _AnyHost:
    """Takes `/<host>` off a path and keeps it aside, so that one port serves every host."""

    def __init__(self, app: ASGIApp, store: Store, server: oauth.AuthorizationServer):
        self.app = app
        self.sandbox = (store, server)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "sandbox": self.sandbox}
            matches = (pattern.fullmatch(scope["path"]) for pattern in HOSTED)
            if match := next(filter(None, matches), None):
                path, host = match["path"], match["host"]
                scope = {**scope, "path": path, "raw_path": path.encode(), "mixpanel_host": host}
        await self.app(scope, receive, send)


def _paths(endpoint: Endpoint) -> list[str]:
    scopes = ("projects/{project_id:int}", "workspaces/{workspace_id:int}")
    if "{scope}" not in endpoint.path:
        return [endpoint.path]
    return [endpoint.path.replace("{scope}", scope) for scope in scopes]


async def _answer(
    endpoint: Endpoint, store: Store, server: oauth.AuthorizationServer, request: Request
) -> Response:
    # Asking may make the sandbox go on with its work, which is no change of the caller's.
    await _let_in(store, server, request, writes=endpoint.writes and endpoint.method != "GET")
    body = await _body(request, MOST_BYTES)
    return await to_thread.run_sync(_answered, store, endpoint, request, body)


async def _let_in(
    store: Store, server: oauth.AuthorizationServer, request: Request, *, writes: bool
) -> None:
    path = request.url.path
    guest = check_credentials(path, request.headers, store.project, server)
    if guest is not None:
        await to_thread.run_sync(partial(let_in, store, guest, path, writes=writes))


def _answered(store: Store, endpoint: Endpoint, request: Request, body: bytes) -> Response:
    _check_scope(store, request, body)
    do_what_is_due(store)
    with store.write() if endpoint.writes else store.read() as database:
        call = Call(
            store,
            database,
            store.now(),
            {name: str(value) for name, value in request.path_params.items()},
            request.query_params,
            request.headers,
            body,
            f"{request.url.scheme}://{request.url.netloc}",
            request.client.host if request.client else "",
        )
        try:
            content = endpoint.answer(call)
        except REQUEST_ERRORS as error:
            raise Refusal(400, _sentence(error)) from error
    if content is None:
        return Response(status_code=204)
    if isinstance(content, Text):
        return Response(content.content, media_type=content.media_type)
    answer = content if isinstance(content, Answer) else Answer(content)
    return _json(answer.content, answer.status)


def _check_scope(store: Store, request: Request, body: bytes) -> None:
    check_organization(request.path_params.get("organization_id"))
    named = [request.path_params, request.query_params]
    if body[:1] == b"{" and request.url.path.startswith("/api/query/"):
        named.append(parse_json(body))
    for source in named:
        check_project(source.get("project_id"), store.project)
        check_workspace(source.get("workspace_id"), store.project)


async def _visit(
    answer: oauth.Answer, _: Store, server: oauth.AuthorizationServer, request: Request
) -> Response:
    visit = oauth.Visit(
        server,
        origin=f"{request.url.scheme}://{request.url.netloc}",
        host=request.scope.get("mixpanel_host", ""),
        query=request.url.query,
        content_type=request.headers.get("content-type", ""),
        body=await _body(request, oauth.MOST_BYTES),
    )
    return answer(visit)


async def _export(store: Store, server: oauth.AuthorizationServer, request: Request) -> Response:
    await _let_in(store, server, request, writes=False)
    _check_scope(store, request, b"")
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    chunks = _lines(store, request, zipped)
    # The first step runs the query, so that a refusal still becomes a status.
    await to_thread.run_sync(next, chunks)
    headers = {"content-encoding": "gzip"} if zipped else {}
    return _Lines(chunks, headers=headers, media_type="text/plain")


def _lines(store: Store, request: Request, zipped: bool) -> Generator[bytes]:
    do_what_is_due(store)
    with store.read() as database:
        lines = export.lines(Call(store, database, store.now(), query=request.query_params))
        try:
            first = next(lines, b"")
        except REQUEST_ERRORS as error:
            raise Refusal(400, _sentence(error)) from error
        yield b""
        chunks = chain([first], lines)
        yield from export.zipped(chunks) if zipped else chunks


class _Lines(StreamingResponse):
    """A streamed export whose cursor is closed however the client leaves."""

    def __init__(self, chunks: Generator[bytes], headers: dict[str, str], media_type: str):
        super().__init__(chunks, headers=headers, media_type=media_type)
        self.chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.chunks.close()


async def _body(request: Request, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise too_large(most)
        parts.append(part)
    return b"".join(parts)


async def _unrouted(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.url.path
    if thing := later(path):
        return _json(_error(f"The sandbox does not emulate {thing} yet."), 501)
    if error.status_code == 405:
        sentence = f"{request.method} is not allowed on {path}"
    else:
        sentence = f"Unknown path {path}"
    return _json(_error(sentence), error.status_code)


def _guarded(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Turn what a handler raises into JSON; a traceback goes to the log only."""

    async def answer(request: Request) -> Response:
        store, server = request.scope["sandbox"]
        try:
            return await handler(store, server, request)
        except Refusal as refusal:
            return _json(refusal.body, refusal.status, refusal.headers)
        except ClientDisconnect:
            return Response(status_code=499)
        except Exception:
            logger.exception("%s %s failed", request.method, request.url.path)
            return _json(_error("The sandbox failed to answer; its log says more."), 500)

    return answer


def _sentence(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _error(sentence: str) -> dict[str, str]:
    return {"status": "error", "error": sentence}


def _json(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, media_type="application/json")
