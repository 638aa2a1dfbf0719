"""The export host: raw events as JSON lines."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from mixpanel_mcp_core.caller import READ_SECONDS, Caller, parameters
from mixpanel_mcp_core.errors import (
    AuthenticationError,
    MixpanelError,
    QueryError,
    RateLimitError,
)
from mixpanel_mcp_core.http import Request
from mixpanel_mcp_core.lines import split_lines
from mixpanel_mcp_core.outcome import error_of
from mixpanel_mcp_core.retries import Retry

_EXPORT_RETRY = Retry(statuses=frozenset({*range(300, 600)} - {400, 401}), network=True)


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
                read_seconds=READ_SECONDS["export"],
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
