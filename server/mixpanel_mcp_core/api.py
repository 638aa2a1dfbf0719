"""Mixpanel's APIs that answer in JSON: queries, entities, and the web app's short links."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from mixpanel_mcp_core.caller import READ_SECONDS, Caller, Query
from mixpanel_mcp_core.http import Answer, Request
from mixpanel_mcp_core.outcome import error_of, read, unwrap
from mixpanel_mcp_core.retries import NEVER, RATE_LIMIT_ONLY

PRODUCT = "mixpanel-mcp"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class QueryApi:
    """`/api/query`: reports, live queries, discovery. A pinned workspace is always sent."""

    caller: Caller

    @property
    def url(self) -> str:
        """Where queries are asked."""
        return self.caller.url("query", "")

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
    unscoped: bool = False

    @property
    def at_project(self) -> "AppApi":
        """The same API, under the project even where a workspace is pinned."""
        return replace(self, project_only=True)

    def at_organization(self, organization_id: int) -> "AppApi":
        """The same API, under an organization."""
        return replace(self, organization_id=organization_id)

    @property
    def at_host(self) -> "AppApi":
        """The same API, outside any workspace, project or organization."""
        return replace(self, unscoped=True)

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

    async def delete_returning(self, path: str, returns: type[T], body: Any = None) -> T:
        """DELETE and read the answer as `returns`."""
        return read(await self.raw("DELETE", path, {}, body), returns)

    async def me(self) -> Any:
        """`GET /me`: the user, outside any project."""
        return await self.at_host.raw("GET", "me", {})

    async def metadata_index(self) -> Any:
        """`GET /projects/metadata/index`: all projects that can be seen, by id."""
        return await self.at_host.raw("GET", "projects/metadata/index", {})

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
        url = self._path(path)
        return unwrap(await self.caller.json("app", method, url, query, body, changes=changes))

    async def whole(self, path: str, **query: Any) -> Any:
        """GET and give the answer back as it came, what stands beside `results` included."""
        return await self.caller.json("app", "GET", self._path(path), query)

    def url(self, path: str) -> str:
        """The URL of a path under the workspace or project."""
        return self.caller.url("app", self._path(path))

    def _path(self, path: str) -> str:
        return f"/{path}" if self.unscoped else f"/{self._scope}/{path}"

    @property
    def _scope(self) -> str:
        if self.organization_id is not None:
            return f"organizations/{self.organization_id}"
        workspace = None if self.project_only else self.caller.workspace_id
        return f"workspaces/{workspace}" if workspace else f"projects/{self.caller.project_id}"


@dataclass(frozen=True, slots=True)
class WebApi:
    """The web app's own host: short links."""

    caller: Caller

    async def get(self, path: str) -> Answer:
        """GET without following a redirect, and the answer to it.

        Raises only what would be raised anywhere: for 401, 403, 429 and 5xx.
        """
        caller = self.caller
        request = Request("GET", caller.url("web", path), read_seconds=READ_SECONDS["web"])
        answer = await caller.send(request, RATE_LIMIT_ONLY)
        if answer.status in (401, 403, 429) or answer.status >= 500:
            raise error_of(answer, request, caller.project_id)
        return answer
