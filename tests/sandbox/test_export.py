"""The raw export: ranges, filters, compression, and clients that leave early."""

from functools import partial

import anyio
import httpx
import pytest
from sandbox_client import ACCOUNT, Client

DAYS = {"from_date": "2026-02-01", "to_date": "2026-02-28"}


def events(count: int) -> list[dict[str, object]]:
    """Return events of one day, numbered in order."""
    return [
        {
            "event": "A" if number % 2 else "B",
            "distinct_id": f"u{number % 7}",
            "time": f"2026-02-03T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z",
            "properties": {"n": number, "text": "ä"},
        }
        for number in range(count)
    ]


def test_lines_come_in_order_of_time_with_their_properties(client: Client) -> None:
    """A line holds the event, its time in seconds, the person and what was sent."""
    client.load(events(3))
    assert client.exported(**DAYS)[1] == {
        "event": "A",
        "properties": {"time": 1770076801, "distinct_id": "u1", "n": 1, "text": "ä"},
    }


def test_limit_event_list_and_expression_choose_the_lines(client: Client) -> None:
    """The three filters work together."""
    client.load(events(60))
    lines = client.exported(**DAYS, event='["A"]', where='properties["n"] > 10', limit="3")
    assert [line["properties"]["n"] for line in lines] == [11, 13, 15]


def test_gzip_gives_the_same_lines(client: Client) -> None:
    """The stream is compressed when the client accepts it."""
    client.load(events(50))
    answers = [
        client.request("GET", "/api/2.0/export", params=DAYS, headers={"Accept-Encoding": coding})
        for coding in ("gzip", "identity")
    ]
    assert [a.headers.get("content-encoding") for a in answers] == ["gzip", None]
    assert answers[0].text == answers[1].text


@pytest.mark.parametrize(
    "query",
    [
        {"from_date": "2026-02-01"},
        {"from_date": "2026-02-02", "to_date": "2026-02-01"},
        {"from_date": "2025-01-01", "to_date": "2026-02-01"},
        {**DAYS, "where": 'properties["n"] >'},
        {**DAYS, "where": "nonsense"},
        {**DAYS, "where": 'properties["n"] or properties["m"]'},
        {**DAYS, "event": "A"},
        {**DAYS, "limit": "100001"},
    ],
)
def test_a_wrong_parameter_is_refused_before_the_first_line(
    client: Client, query: dict[str, str]
) -> None:
    """A bad range, expression, list or limit answers 400."""
    client.load(events(1))
    answer = client.get("/api/2.0/export", **query)
    assert answer.status_code == 400, answer.text
    assert answer.json()["status"] == "error"


def test_a_client_that_leaves_in_mid_export_leaves_nothing_open(client: Client) -> None:
    """The next request and the closing of the file work as if it had read to the end."""
    client.load(events(20_000))
    anyio.run(partial(_read_one_chunk, client))
    assert client.get("/api/query/events/names").json() == ["A", "B"]
    client.sandbox.close()


async def _read_one_chunk(client: Client) -> None:
    """Play a server whose client is gone after the first bytes."""
    gone = anyio.Event()

    async def receive() -> dict[str, object]:
        if gone.is_set():
            return {"type": "http.disconnect"}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        if isinstance(message, dict) and message.get("body"):
            gone.set()
            await anyio.lowlevel.checkpoint()

    request = httpx.Request("GET", "http://sandbox/api/2.0/export", params=DAYS)
    account = next(httpx.BasicAuth(*ACCOUNT).auth_flow(request))
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/2.0/export",
        "query_string": request.url.query,
        "headers": [(b"authorization", account.headers["authorization"].encode())],
    }
    await client.sandbox.app(scope, receive, send)  # pyright: ignore[reportArgumentType]
