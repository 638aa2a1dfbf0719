"""The export host: raw events as JSON lines."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from mixpanel_mcp_core.caller import READ_SECONDS, Caller, parameters
from mixpanel_mcp_core.errors import (
    AuthenticationError,
    MixpanelError,
    QueryError,
    RateLimitError,
)
from mixpanel_mcp_core.http import Request, Streamed
from mixpanel_mcp_core.lines import GIVEN_UP, GivenUp, split_lines
from mixpanel_mcp_core.outcome import error_of
from mixpanel_mcp_core.retries import Attempts, Retry

_EXPORT_RETRY = Retry(statuses=frozenset({*range(300, 600)} - {400, 401}), network=True)


@dataclass(frozen=True, slots=True)
class ExportApi:
    """`/api/2.0/export`: raw events as JSON lines."""

    caller: Caller

    @property
    def url(self) -> str:
        """Where exports are asked for."""
        return self.caller.url("export", "")

    def attempts(self) -> Attempts:
        """A fresh count of attempts for one export."""
        return self.caller.http.attempts(_EXPORT_RETRY)

    @asynccontextmanager
    async def opened(self, path: str, attempts: Attempts, **query: Any) -> AsyncGenerator[Streamed]:
        """A good answer whose body is yet to be read; no attempt is repeated once it is open."""
        caller = self.caller
        request = caller.dressed(
            Request(
                "GET",
                caller.url("export", f"/{path}"),
                parameters({"project_id": caller.project_id, **query}),
                headers={"Accept-Encoding": "gzip"},
                read_seconds=READ_SECONDS["export"],
            )
        )
        async with caller.http.stream(request, await caller.authorize(), attempts) as stream:
            if not 200 <= stream.status < 300:
                raise _export_error(error_of(await stream.read(), request, caller.project_id))
            yield stream

    async def lines(self, path: str, **query: Any) -> AsyncGenerator[bytes]:
        """The lines of an export, as they arrive.

        A failure before the first line is tried again; one in mid-stream is raised, since a fresh
        start would deliver the first lines twice.
        """
        attempts = self.attempts()
        while True:
            async with self.opened(path, attempts, **query) as stream:
                lines = _whole(stream)
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
            await self.caller.http.pause(wait)


async def _whole(stream: Streamed) -> AsyncGenerator[bytes]:
    async for line in split_lines(stream.chunks()):
        if line == GIVEN_UP:
            raise stream.broken(GivenUp())
        yield line


def _export_error(error: MixpanelError) -> MixpanelError:
    if isinstance(error, (AuthenticationError, RateLimitError)):
        error.details.pop("response_body", None)
        return error
    if isinstance(error, QueryError) and error.status_code == 400:
        return error
    return MixpanelError(error.message, code="HTTP_ERROR", details={"error": error.message})
