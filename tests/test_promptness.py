"""Answers over HTTP leave at once, although head and body are written one after the other."""

import time
from statistics import median

import httpx
import pytest
from processes import http_server
from served import served

pytestmark = pytest.mark.anyio

# A system that waits for the client's acknowledgement of the head waits 40 ms.
LATE = 0.03


async def usual_seconds(url: str) -> float:
    """What most requests take on a connection that is kept open."""
    taken: list[float] = []
    async with httpx.AsyncClient() as client:
        for _ in range(15):
            started = time.perf_counter()
            await client.get(url)
            taken.append(time.perf_counter() - started)
    return median(taken)


async def test_server_answers_at_once() -> None:
    """The server's own HTTP does not hold an answer's body back."""
    async with http_server(["--sandbox", "empty"]) as url:
        assert await usual_seconds(url.replace("/mcp", "/health")) < LATE


async def test_served_sandbox_tells_its_port_and_answers_at_once() -> None:
    """Port 0 becomes a real one in the sentence for the user; answers are not held back."""
    with served("empty") as sandbox:
        assert await usual_seconds(sandbox.at("mixpanel.com/api/app/me")) < LATE
