"""The ingestion host: events and profiles on their way in, lookup tables, flags for SDKs."""

import asyncio
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from mixpanel_mcp_core.caller import NO_PROJECT, READ_SECONDS, Caller, Query, parameters
from mixpanel_mcp_core.errors import MixpanelError, QueryError
from mixpanel_mcp_core.http import FORM, JSON, Request
from mixpanel_mcp_core.lenient_json import written
from mixpanel_mcp_core.outcome import error_of, value_of
from mixpanel_mcp_core.retries import NEVER, RATE_LIMIT_ONLY, RECOGNISED_WRITE, SAFE_WRITE

# How Mixpanel says that it took records: verbosely, in a word, and where it checked each of them.
_TAKEN = (1, "1", "OK")


@dataclass(frozen=True, slots=True)
class IngestApi:
    """The ingestion host: what comes in, and what SDKs ask of it."""

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
        """POST a batch, bytes as they are, and return status and JSON value, also those of a 400.

        `token` (a project token) takes the account's place; `repeatable` allows retries, which
        needs records that the server recognises when they come twice.
        """
        headers = {"Content-Type": JSON}
        data = body if isinstance(body, bytes) else written(body)
        unpacked = len(data)
        if compress:
            headers["Content-Encoding"] = "gzip"
            # In a thread, so that other requests go on meanwhile.
            data = await asyncio.to_thread(gzip.compress, data, compresslevel=1, mtime=0)
        request = self._request("POST", path, self._scoped(query, token), data, headers)
        counted = replace(request, unpacked=unpacked)
        return await self._taken(counted, token, repeatable=repeatable)

    async def put_csv(self, path: str, table: bytes) -> Any:
        """PUT a table as a whole; QueryError where it is refused, with the rows at fault."""
        query = self._scoped({}, None)
        request = self._request("PUT", path, query, table, {"Content-Type": "text/csv"})
        return value_of(await self.caller.send(request, SAFE_WRITE), request, self._project)

    async def records(
        self, path: str, records: Sequence[Any], *, repeatable: bool = False, **query: Any
    ) -> dict[str, Any]:
        """POST records that carry their project's token, and return `{status, error}`.

        Nobody is authorized. Raises QueryError where the server says that nothing was well-formed,
        in spite of status 200. Records that are `repeatable` are sent again after a failure, also
        when only the answer was lost.
        """
        told = {"verbose": 1, **query}
        request = self._request("POST", path, told, written(records), {"Content-Type": JSON})
        return await self._accepted(request, repeatable)

    async def form(self, path: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """POST one record that carries its project's token as the form field `data`."""
        body = urlencode({"data": written(record)}).encode()
        request = self._request("POST", path, {"verbose": 1}, body, {"Content-Type": FORM})
        return await self._accepted(request, repeatable=True)

    async def get(self, path: str, *, token: str | None = None, **query: Any) -> Any:
        """GET; with a project `token` in the account's place, and in the query."""
        scope = self._scoped(query, token)
        request = self._request("GET", path, {**scope, "token": token}, None, {})
        answer = await self.caller.send(request, RATE_LIMIT_ONLY, token)
        return value_of(answer, request, self._project)

    @property
    def _project(self) -> str:
        return self.caller.project or NO_PROJECT

    def _scoped(self, query: Query, token: str | None) -> Query:
        return {**query, "project_id": self.caller.project_id} if token is None else query

    def _request(
        self, method: str, path: str, query: Query, body: bytes | None, headers: Mapping[str, str]
    ) -> Request:
        url = self.caller.url("ingest", path)
        return Request(method, url, parameters(query), body, headers, READ_SECONDS["ingest"])

    async def _taken(
        self, request: Request, token: str | None, *, repeatable: bool
    ) -> tuple[int, Any]:
        answer = await self.caller.send(request, RECOGNISED_WRITE if repeatable else NEVER, token)
        if answer.status == 400:
            return 400, _refusal(answer.body, error_of(answer, request, self._project))
        return answer.status, value_of(answer, request, self._project)

    async def _accepted(self, request: Request, repeatable: bool) -> dict[str, Any]:
        caller = self.caller
        retry = RECOGNISED_WRITE if repeatable else NEVER
        answer = await caller.http.send(caller.dressed(request), None, retry)
        value = value_of(answer, request, self._project)
        told: dict[str, Any] = value if isinstance(value, dict) else {"status": value}
        if told.get("status") in _TAKEN:
            return {"status": 1, "error": None}
        reason = told.get("error") or "Mixpanel took none of the records."
        shown = {"status_code": answer.status, "response_body": value, **request.details()}
        raise QueryError(str(reason), details=shown)


def _refusal(body: bytes, error: MixpanelError) -> Any:
    """The body of a 400 that lists the records it refused; any other is raised."""
    shown = error.details.get("response_body")
    if isinstance(shown, dict) and shown.get("failed_records"):  # pyright: ignore[reportUnknownMemberType]
        return shown
    raise error
