"""An ASGI application in this process in Mixpanel's place: streaming, and no hangs."""

import asyncio
import tracemalloc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from clients import client
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.exchange import AsgiApp
from mixpanel_mcp_core.http import Answer, Request, Streamed
from mixpanel_mcp_core.retries import NEVER

pytestmark = pytest.mark.anyio

START: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}


def piece(body: bytes, *, more: bool = True) -> dict[str, Any]:
    """An ASGI message with a piece of a body."""
    return {"type": "http.response.body", "body": body, "more_body": more}


async def fetched(app: AsgiApp, request: Request | None = None) -> Answer:
    """What the application answers, within two seconds."""
    async with client(app=app) as http, asyncio.timeout(2):
        return await http.send(request or Request("GET", "http://sandbox.test/"), None)


@asynccontextmanager
async def opened(app: AsgiApp) -> AsyncGenerator[Streamed]:
    """A stream of the application's answer."""
    async with client(app=app) as http:
        request = Request("GET", "http://sandbox.test/")
        async with http.stream(request, None, http.attempts(NEVER)) as stream:
            yield stream


async def test_the_whole_request_arrives() -> None:
    """Method, path, query, headers and a large body are those that were sent."""

    async def echo(asked: Asked) -> Response:
        length = len(await asked.body())
        query = list(asked.query_params.multi_items())
        told = [asked.method, asked.url.path, query, asked.headers["authorization"], length]
        return JSONResponse(told)

    app = Starlette(routes=[Route("/a/{rest:path}", echo, methods=["POST"])])
    url = "http://sandbox.test/a/b%20c"
    body = b"x" * 3_000_000
    async with client(app=app) as http:
        request = Request("POST", url, {"q": "é&=", "ids[]": ["1", "2"]}, body)
        answer = await http.send(request, "Basic eDp5")
    assert answer.body.decode() == (
        '["POST","/a/b c",[["q","é&="],["ids[]","1"],["ids[]","2"]],"Basic eDp5",3000000]'
    )


async def test_a_large_answer_arrives_whole() -> None:
    """Fifty megabytes in one piece are no more than a large answer."""

    async def large(_: Asked) -> Response:
        return Response(bytes(50_000_000), headers={"x-kind": "large"})

    answer = await fetched(Starlette(routes=[Route("/", large)]))
    assert (answer.status, len(answer.body), answer.headers["x-kind"]) == (200, 50_000_000, "large")


async def test_an_endless_body_is_read_with_flat_memory() -> None:
    """A reader that takes a hundred megabytes never holds more than a few pieces."""

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        while True:
            await send(piece(bytes(100_000)))

    taken = 0
    async with opened(endless) as stream:
        tracemalloc.start()
        async for data in stream.chunks():
            taken += len(data)
            if taken >= 100_000_000:
                break
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert taken == 100_000_000
    assert peak < 3_000_000


async def test_an_abandoned_stream_cancels_the_application() -> None:
    """An application that is still sending is stopped where it stands."""
    ends: list[str] = []

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        try:
            while True:
                await send(piece(b"x"))
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise

    async with opened(endless) as stream:
        assert await anext(stream.chunks()) == b"x"
    assert ends == ["cancelled"]


async def test_a_caller_that_gives_up_before_the_answer_cancels_the_application() -> None:
    """Cancelling the call ends the work that nobody waits for any more."""
    begun, ends = asyncio.Event(), list[str]()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ends.append("cancelled")

    call = asyncio.create_task(fetched(slow))
    await begun.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert ends == ["cancelled"]


async def test_an_application_that_waits_for_the_readers_end_is_told() -> None:
    """After the body was read to its end, `receive` says that the client is gone."""
    heard: list[str] = []

    async def polite(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(START)
        await send(piece(b"done", more=False))
        heard.append((await receive())["type"])

    assert (await fetched(polite)).body == b"done"
    assert heard == ["http.disconnect"]


async def fails_before(scope: Any, receive: Any, send: Any) -> None:
    """Raise before anything is sent."""
    raise ValueError("no such table")


async def fails_after(scope: Any, receive: Any, send: Any) -> None:
    """Raise when half of the body is out."""
    await send(START)
    await send(piece(b"half"))
    raise ValueError("no such table")


async def says_nothing(scope: Any, receive: Any, send: Any) -> None:
    """Return without an answer."""


async def stops_short(scope: Any, receive: Any, send: Any) -> None:
    """Return with more of the body announced."""
    await send(START)
    await send(piece(b"half"))


@pytest.mark.parametrize(
    ("app", "told"),
    [
        (fails_before, "ended before it answered: ValueError: no such table"),
        (fails_after, "ended in the middle of its answer: ValueError: no such table"),
        (says_nothing, "ended before it answered"),
        (stops_short, "ended in the middle of its answer"),
    ],
)
async def test_a_failing_application_is_an_http_error_and_no_hang(app: AsgiApp, told: str) -> None:
    """Whenever it fails, half of an answer is never taken for the whole."""
    with pytest.raises(MixpanelError) as caught:
        await fetched(app)
    assert caught.value.code == "HTTP_ERROR"
    assert caught.value.details["error"] == f"the application in this process {told}"


async def test_a_failure_after_the_answer_does_not_spoil_it() -> None:
    """What was sent whole is whole, whatever the application does afterwards."""

    async def fails_late(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send(piece(b"whole", more=False))
        for _ in range(20):
            await send(piece(b"too much"))
        raise ValueError("no such table")

    assert (await fetched(fails_late)).body == b"whole"


async def test_a_cleanup_that_fails_does_not_hang_the_reader() -> None:
    """An abandoned application may even raise while it is stopped."""

    ahead = asyncio.Event()

    async def untidy(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        try:
            for _ in range(9):
                await send(piece(b"x"))
            ahead.set()
            await send(piece(b"one too many to be held"))
        except asyncio.CancelledError:
            raise ValueError("no such table") from None

    async with asyncio.timeout(2), opened(untidy) as stream:
        assert await anext(stream.chunks()) == b"x"
        await ahead.wait()


async def test_requests_run_beside_each_other() -> None:
    """Each of twenty requests is answered only when all of them have arrived."""
    together = asyncio.Barrier(20)

    async def meet(scope: Any, receive: Any, send: Any) -> None:
        await together.wait()
        await send(START)
        await send(piece(scope["query_string"], more=False))

    async with client(app=meet) as http, asyncio.timeout(2):
        requests = [Request("GET", "http://sandbox.test/", {"n": str(n)}) for n in range(20)]
        answers = await asyncio.gather(*(http.send(request, None) for request in requests))
    assert [each.body.decode() for each in answers] == [f"n={n}" for n in range(20)]
