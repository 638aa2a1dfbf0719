"""A sandbox behind a front that fails as it is told, on a real socket."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from mcp import Client
from processes import away
from recorder import Recorded, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_sandbox import open_sandbox
from mixpanel_mcp_sandbox.sandbox import Sandbox

Answer = Mapping[str, Any]
Forward = Callable[[], Awaitable[Answer]]
# What becomes of one request: it may be forwarded, and the answer be another one.
Fault = Callable[[Recorded, Forward], Awaitable[Answer]]

# Only what is called: to describe hundreds of tools takes longer than to call one.
TOOLS = ("import_events", "import_file")
CUT: Answer = {"network_error": True}


def status(code: int, **headers: str) -> Fault:
    """An error status, without a word to the sandbox."""

    async def answer(_request: Recorded, _forward: Forward) -> Answer:
        body = {"code": code, "error": "told to fail", "status": "Error"}
        return {"status": code, "body": body, "headers": headers}

    return answer


async def cut_before(_request: Recorded, _forward: Forward) -> Answer:
    """The connection breaks before anything is stored."""
    return CUT


async def cut_after(_request: Recorded, forward: Forward) -> Answer:
    """All is stored, and the answer is lost."""
    await forward()
    return CUT


async def no_json(_request: Recorded, forward: Forward) -> Answer:
    """All is stored, and the answer is unreadable."""
    await forward()
    return {"status": 200, "text": "<html>"}


async def well(_request: Recorded, forward: Forward) -> Answer:
    """No fault."""
    return await forward()


@dataclass
class Front:
    """Fails with the next of `faults`, as long as there are any; `requests` are all that came."""

    sandbox: Sandbox
    faults: list[Fault] = field(default_factory=list[Fault])
    requests: list[Recorded] = field(default_factory=list[Recorded])
    waits: list[float] = field(default_factory=list[float])

    async def answer(self, request: Recorded) -> Answer:
        """Deal with one request."""
        self.requests.append(request)

        async def forward() -> Answer:
            return await self._forwarded(request)

        fault = self.faults.pop(0) if self.faults else well
        return await fault(request, forward)

    def stored(self) -> list[str]:
        """The insert ids of all events that queries of the sandbox count, sorted."""
        with self.sandbox.store.read() as database:
            rows = database.rows("select insert_id from own.events order by 1")
        return [row[0] for row in rows]

    async def _forwarded(self, request: Recorded) -> Answer:
        transport = httpx.ASGITransport(self.sandbox.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as http:
            answer = await http.request(
                request.method,
                request.path,
                params=request.query,
                headers={k: v for k, v in request.headers.items() if k != "host"},
                content=request.body,
            )
        return {"status": answer.status_code, "body": answer.json() if answer.content else None}


@asynccontextmanager
async def faulty(files: Path, *faults: Fault) -> AsyncGenerator[tuple[Client, Front]]:
    """A client of a server whose Mixpanel is an empty sandbox behind a front with these faults."""
    with open_sandbox("empty") as sandbox:
        front = Front(sandbox, list(faults))
        async with recording() as recorder:
            recorder.answer = front.answer
            environ = {
                **away(),
                "MP_API_BASE_URL": recorder.url,
                "MP_USERNAME": "sandbox",
                "MP_SECRET": "sandbox",
                "MP_PROJECT_ID": "1",
                "MP_REGION": "us",
            }

            async def sleep(seconds: float) -> None:
                front.waits.append(round(seconds))

            settings = Settings(tools=TOOLS, result_format="json", files=files)
            sessions = Sessions(settings, environ, sleep=sleep)
            async with Client(build(settings, environ, sessions=sessions)) as client:
                yield client, front
