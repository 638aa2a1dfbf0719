"""Mixpanel's API families: their paths, parameters, envelopes and authorization."""

import gzip
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import orjson
from pydantic_core import to_jsonable_python

from mixpanel_mcp_core.auth.accounts import basic
from mixpanel_mcp_core.auth.resolve import Headers, chosen_project
from mixpanel_mcp_core.errors import (
    AuthenticationError,
    MixpanelError,
    NotPermittedError,
    QueryError,
    RateLimitError,
)
from mixpanel_mcp_core.headers import over
from mixpanel_mcp_core.http import Answer, Http, Request
from mixpanel_mcp_core.lines import split_lines
from mixpanel_mcp_core.outcome import error_of, read, unwrap, value_of
from mixpanel_mcp_core.regions import Family, Region, base_url
from mixpanel_mcp_core.retries import NEVER, RATE_LIMIT_ONLY, SAFE_WRITE, Retry

PRODUCT = "mixpanel-mcp"
# What stands for the project where there is none, e.g. in the error of a question about all.
NO_PROJECT = "0"

T = TypeVar("T")
Query = Mapping[str, Any]
Authorize = Callable[[], Awaitable[str]]

# The server's own limit for each family, and 15 seconds for the way.
_READ_SECONDS: Mapping[Family, float] = {
    "query": 503,
    "app": 135,
    "export": 600,
    "ingest": 135,
    "web": 135,
}

_EXPORT_RETRY = Retry(statuses=frozenset({*range(300, 600)} - {400, 401}), network=True)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, for which project: what every API family needs to build a request."""

    http: Http
    account: str
    region: Region
    authorize: Authorize
    environ: Mapping[str, str]
    project: str | None = None
    workspace_id: int | None = None
    headers: Headers = ()
    read_only: bool = False

    @property
    def project_id(self) -> str:
        """The project; ConfigError where none is chosen."""
        return chosen_project(self.project, self.account)

    def url(self, family: Family, path: str) -> str:
        """The URL of a path in a family, in the account's region."""
        return base_url(self.region, family, self.environ) + path

    async def send(self, request: Request, retry: Retry, token: str | None = None) -> Answer:
        """Send a request with the account's headers; a project `token` takes the account's place.

        The authorization is worked out anew for every request.
        """
        authorization = await self.authorize() if token is None else basic(token, "")
        return await self.http.send(self.dressed(request), authorization, retry)

    def dressed(self, request: Request) -> Request:
        """The request with the headers that go with the account."""
        return replace(request, headers=over(self.headers, request.headers))

    async def json(
        self,
        family: Family,
        method: str,
        path: str,
        query: Query,
        body: Any = None,
        *,
        changes: bool | None = None,
    ) -> Any:
        """Send a request with an optional JSON body and return the JSON value of its answer.

        Models in the body are written under their wire names, without the fields that are None;
        a None inside free-form objects is sent.
        """
        self.permit(method, changes)
        body = to_jsonable_python(body, by_alias=True, exclude_none=True)
        request = Request(
            method,
            self.url(family, path),
            parameters(query),
            None if body is None else orjson.dumps(body),
            {} if body is None else {"Content-Type": "application/json"},
            _READ_SECONDS[family],
            echo=body,
        )
        answer = await self.send(request, RATE_LIMIT_ONLY)
        return value_of(answer, request, self.project or NO_PROJECT)

    def permit(self, method: str, changes: bool | None = None) -> None:
        """Raise NotPermittedError when the request would change something and may not.

        `changes` tells of a POST that only reads; without it, all but GET count as changes.
        """
        if self.read_only and (method != "GET" if changes is None else changes):
            raise NotPermittedError("This server is read-only: nothing was sent to Mixpanel.")


@dataclass(frozen=True, slots=True)
class QueryApi:
    """`/api/query`: reports, live queries, discovery. A pinned workspace is always sent."""

    caller: Caller

    async def get(self, path: str, **query: Any) -> Any:
        """GET; parameters that are None are left out."""
        return await self.caller.json("query", "GET", f"/{path}", {**query, **self._scope(True)})

    async def post(
        self,
        path: str,
        body: Mapping[str, Any] | None,
        *,
        in_query: bool = False,
        workspace_id: int | None = None,
    ) -> Any:
        """POST a question; `in_query` repeats the project id in the query string.

        `workspace_id` is asked instead of the pinned workspace.
        """
        scope = self._scope(in_query, workspace_id)
        return await self.caller.json("query", "POST", f"/{path}", scope, body, changes=False)

    def _scope(self, project: bool, workspace_id: int | None = None) -> dict[str, Any]:
        pinned = self.caller.workspace_id
        return {
            "project_id": self.caller.project_id if project else None,
            "workspace_id": pinned if workspace_id is None else workspace_id,
            "query_origin": PRODUCT,
        }


@dataclass(frozen=True, slots=True)
class AppApi:
    """`/api/app`: entities and governance, under the pinned workspace or else the project."""

    caller: Caller
    project_only: bool = False
    organization_id: int | None = None

    @property
    def at_project(self) -> "AppApi":
        """The same API, under the project even where a workspace is pinned."""
        return replace(self, project_only=True)

    def at_organization(self, organization_id: int) -> "AppApi":
        """The same API, under an organization."""
        return replace(self, organization_id=organization_id)

    async def get(self, path: str, returns: type[T], **query: Any) -> T:
        """GET and read the answer as `returns`."""
        return read(await self.raw("GET", path, query), returns)

    async def post(
        self, path: str, returns: type[T], body: Any = None, *, changes: bool = True
    ) -> T:
        """POST and read the answer as `returns`; `changes` is False for one that only reads."""
        return read(await self.raw("POST", path, {}, body, changes=changes), returns)

    async def put(self, path: str, returns: type[T], body: Any = None) -> T:
        """PUT and read the answer as `returns`."""
        return read(await self.raw("PUT", path, {}, body), returns)

    async def patch(self, path: str, returns: type[T], body: Any = None) -> T:
        """PATCH and read the answer as `returns`."""
        return read(await self.raw("PATCH", path, {}, body), returns)

    async def delete(self, path: str, body: Any = None) -> None:
        """DELETE; whatever a good answer says is ignored."""
        await self.raw("DELETE", path, {}, body)

    async def me(self) -> Any:
        """`GET /me`: the user, outside any project."""
        return unwrap(await self.caller.json("app", "GET", "/me", {}))

    async def metadata_index(self) -> Any:
        """`GET /projects/metadata/index`: all projects that can be seen, by id."""
        return unwrap(await self.caller.json("app", "GET", "/projects/metadata/index", {}))

    async def headers(self) -> Mapping[str, str]:
        """The headers of an answer to `GET /me`, whatever its status."""
        caller = self.caller
        request = Request("GET", caller.url("app", "/me"))
        return (await caller.send(request, NEVER)).headers

    async def raw(
        self,
        method: str,
        path: str,
        query: Query,
        body: Any = None,
        *,
        changes: bool | None = None,
    ) -> Any:
        """Send and unwrap `results`, without reading it as a type."""
        url = f"/{self._scope}/{path}"
        return unwrap(await self.caller.json("app", method, url, query, body, changes=changes))

    async def whole(self, path: str, **query: Any) -> Any:
        """GET and give the answer back as it came, what stands beside `results` included."""
        return await self.caller.json("app", "GET", f"/{self._scope}/{path}", query)

    def url(self, path: str) -> str:
        """The URL of a path under the workspace or project."""
        return self.caller.url("app", f"/{self._scope}/{path}")

    @property
    def _scope(self) -> str:
        if self.organization_id is not None:
            return f"organizations/{self.organization_id}"
        workspace = None if self.project_only else self.caller.workspace_id
        return f"workspaces/{workspace}" if workspace else f"projects/{self.caller.project_id}"


@dataclass(frozen=True, slots=True)
class ExportApi:
    """`/api/2.0/export`: raw events as JSON lines."""

    caller: Caller

    async def lines(self, path: str, **query: Any) -> AsyncGenerator[bytes]:
        """The lines of an export, as they arrive.

        A failure before the first line is tried again; one in mid-stream is raised, since a fresh
        start would deliver the first lines twice.
        """
        caller = self.caller
        request = caller.dressed(
            Request(
                "GET",
                caller.url("export", f"/{path}"),
                parameters({"project_id": caller.project_id, **query}),
                headers={"Accept-Encoding": "gzip"},
                read_seconds=_READ_SECONDS["export"],
            )
        )
        authorization = await caller.authorize()
        attempts = caller.http.attempts(_EXPORT_RETRY)
        while True:
            async with caller.http.stream(request, authorization, attempts) as stream:
                if not 200 <= stream.status < 300:
                    raise _export_error(error_of(await stream.read(), request, caller.project_id))
                lines = split_lines(stream.chunks())
                try:
                    first = await anext(lines, None)
                except MixpanelError:
                    wait = attempts.wait_after(None)
                    if wait is None:
                        raise
                else:
                    if first is not None:
                        yield first
                    async for line in lines:
                        yield line
                    return
            await caller.http.pause(wait)


def _export_error(error: MixpanelError) -> MixpanelError:
    if isinstance(error, (AuthenticationError, RateLimitError)):
        error.details.pop("response_body", None)
        return error
    if isinstance(error, QueryError) and error.status_code == 400:
        return error
    return MixpanelError(error.message, code="HTTP_ERROR", details={"error": error.message})


@dataclass(frozen=True, slots=True)
class IngestApi:
    """The ingestion host: events and profiles on their way in."""

    caller: Caller

    async def post(
        self,
        path: str,
        body: Any,
        query: Query,
        *,
        token: str | None = None,
        compress: bool = False,
        repeatable: bool = False,
    ) -> tuple[int, Any]:
        """POST a batch and return status and JSON value, also those of a 400.

        `token` (a project token) takes the account's place; `repeatable` allows retries, which
        needs records that the server recognises when they come twice.
        """
        caller = self.caller
        caller.permit("POST")
        headers = {"Content-Type": "application/json"}
        data = orjson.dumps(body)
        if compress:
            headers["Content-Encoding"] = "gzip"
            data = gzip.compress(data, compresslevel=1, mtime=0)
        if token is None:
            query = {**query, "project_id": caller.project_id}
        request = Request(
            "POST",
            caller.url("ingest", path),
            parameters(query),
            data,
            headers,
            _READ_SECONDS["ingest"],
        )
        answer = await caller.send(request, SAFE_WRITE if repeatable else NEVER, token)
        project = caller.project or NO_PROJECT
        if answer.status == 400:
            return 400, _refusal(answer.body, error_of(answer, request, project))
        return answer.status, value_of(answer, request, project)


@dataclass(frozen=True, slots=True)
class WebApi:
    """The web app's own host: short links."""

    caller: Caller

    async def get(self, path: str) -> Answer:
        """GET without following a redirect, and the answer to it.

        Raises only what would be raised anywhere: for 401, 403, 429 and 5xx.
        """
        caller = self.caller
        request = Request("GET", caller.url("web", path), read_seconds=_READ_SECONDS["web"])
        answer = await caller.send(request, RATE_LIMIT_ONLY)
        if answer.status in (401, 403, 429) or answer.status >= 500:
            raise error_of(answer, request, caller.project_id)
        return answer


def _refusal(body: bytes, error: MixpanelError) -> Any:
    """The body of a 400 that lists the records it refused; any other is raised."""
    shown = error.details.get("response_body")
    if isinstance(shown, dict) and "failed_records" in shown:
        return shown  # pyright: ignore[reportUnknownVariableType]
    raise error


def parameters(query: Query) -> dict[str, str | list[str]]:
    """Query values as text: None left out, booleans in lower case, `name[]` repeated."""
    return {
        name: [_text(each) for each in value] if name.endswith("[]") else _text(value)
        for name, value in query.items()
        if value is not None
    }


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(map(_text, value))  # pyright: ignore[reportUnknownArgumentType]
    return str(value)


def json_text(value: Any) -> str | None:
    """JSON inside one parameter, or None for nothing, which leaves the parameter out."""
    return json.dumps(value) if value else None


def given(**values: Any) -> dict[str, Any]:
    """The arguments that were given: what is None was not."""
    return {name: value for name, value in values.items() if value is not None}
