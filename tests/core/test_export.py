"""Exports: lines as they arrive, whole and once, over whatever the network does."""

import gzip
from contextlib import aclosing

import pytest
from clients import Clock, session
from origin import OPEN_ENDED, Origin, Reply, chunk, listening, reply

from mixpanel_mcp_core.errors import (
    AuthenticationError,
    MixpanelError,
    QueryError,
    RateLimitError,
)
from mixpanel_mcp_core.session import Session

pytestmark = pytest.mark.anyio

EVENT = '{"event":"Sign Up","properties":{"city":"Zürich \u2028 \x85 😀"}}'.encode()


def pieces(*parts: bytes, breaks: bool = False, **headers: str) -> Reply:
    """An answer in pieces; one that breaks has no end."""
    body = b"".join(map(chunk, parts)) + (b"" if breaks else chunk(b""))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return reply(200, body, {**OPEN_ENDED, **named}, breaks=breaks)


async def exported(mixpanel: Session) -> list[bytes]:
    """All lines of an export."""
    lines = mixpanel.export.lines("export", from_date="2026-01-01", to_date="2026-01-02")
    return [line async for line in lines]


async def collect(mixpanel: Session, delivered: list[bytes]) -> None:
    """Add the lines of an export as they arrive, so that a failure leaves what came before."""
    lines = mixpanel.export.lines("export")
    while (line := await anext(lines, None)) is not None:
        delivered.append(line)


async def lines_of(*replies: Reply, clock: Clock | None = None) -> list[bytes]:
    """All lines of an export that is answered like this."""
    async with listening() as origin, session(origin.url, clock) as mixpanel:
        origin.replies += replies
        return await exported(mixpanel)


async def failure_of(origin: Origin, *replies: Reply, clock: Clock | None = None) -> MixpanelError:
    """The error of an export that is answered like this."""
    origin.replies += replies
    async with session(origin.url, clock) as mixpanel:
        with pytest.raises(MixpanelError) as caught:
            await exported(mixpanel)
    return caught.value


async def test_an_export_asks_once_for_the_whole_range() -> None:
    """One GET with project and dates, compressed, and without the query API's parameters."""
    async with listening() as origin, session(origin.url) as mixpanel:
        origin.replies += [reply(200, EVENT)]
        await exported(mixpanel)
    [request] = origin.seen
    assert request.target == (
        "/api/2.0/export?project_id=12345&from_date=2026-01-01&to_date=2026-01-02"
    )
    assert request.headers["accept-encoding"] == "gzip"


async def test_lines_are_whole_wherever_the_network_cuts() -> None:
    """Cut at every byte, multi-byte characters and line separators inside strings survive."""
    body = EVENT + b"\n" + EVENT + b"\n"
    assert await lines_of(pieces(*(body[at : at + 1] for at in range(len(body))))) == [EVENT, EVENT]


async def test_blank_lines_are_no_events() -> None:
    """Empty lines, spaces and carriage returns deliver nothing."""
    assert await lines_of(pieces(b"\n\r\n  \n{}\r\n\n{}\n \n")) == [b"{}", b"{}"]


async def test_a_last_line_counts_without_its_newline() -> None:
    """The end of the body ends the line."""
    assert await lines_of(pieces(b"{}\n", b"[", b"]")) == [b"{}", b"[]"]


async def test_an_empty_export_has_no_lines() -> None:
    """Days without events answer nothing, which is no failure."""
    assert await lines_of(reply(200, b"")) == []


async def test_compressed_lines_are_unpacked_as_they_arrive() -> None:
    """Pieces of a gzip body carry no whole lines."""
    body = gzip.compress(b"\n".join([EVENT] * 1000))
    parts = [body[at : at + 7] for at in range(0, len(body), 7)]
    assert await lines_of(pieces(*parts, content_encoding="gzip")) == [EVENT] * 1000


async def test_a_body_of_several_gzip_members_is_delivered_whole() -> None:
    """Servers that compress part by part lose nothing, wherever the parts are cut."""
    body = gzip.compress(b"1\n2") + gzip.compress(b"3\n") + bytes(4) + gzip.compress(b"4")
    for size in (1, 7, len(body)):
        parts = [body[at : at + size] for at in range(0, len(body), size)]
        assert await lines_of(pieces(*parts, content_encoding="gzip")) == [b"1", b"23", b"4"]


async def test_a_compressed_line_of_many_megabytes_is_one_line() -> None:
    """A few kilobytes may unpack to much more than arrives at a time."""
    line = b"x" * 20_000_000
    assert await lines_of(reply(200, gzip.compress(line), {"content-encoding": "gzip"})) == [line]


async def test_a_gzip_body_that_stops_early_is_an_http_error() -> None:
    """Lines that are missing at the end are not passed over, even when the framing is whole."""
    clock = Clock()
    delivered: list[bytes] = []
    body = gzip.compress(b"\n".join(b"%d" % n for n in range(100_000)))[:-4]
    async with listening() as origin, session(origin.url, clock) as mixpanel:
        origin.replies += [reply(200, body, {"content-encoding": "gzip"})]
        with pytest.raises(MixpanelError, match="stops before its end") as caught:
            await collect(mixpanel, delivered)
    assert (caught.value.code, clock.slept, delivered[0]) == ("HTTP_ERROR", [], b"0")


async def test_an_empty_compressed_export_has_no_lines() -> None:
    """No bytes at all are no broken gzip."""
    assert await lines_of(reply(200, b"", {"content-encoding": "gzip"})) == []


async def test_a_compressed_refusal_is_read() -> None:
    """The sentence of an error is unpacked too."""
    body = gzip.compress(b'{"error": "bad where"}')
    async with listening() as origin:
        failure = await failure_of(origin, reply(400, body, {"content-encoding": "gzip"}))
    assert failure.message == "bad where"


async def test_a_broken_gzip_body_is_an_http_error() -> None:
    """What cannot be unpacked is not delivered half."""
    async with listening() as origin:
        failure = await failure_of(origin, *[pieces(b"junk", content_encoding="gzip")] * 4)
    assert failure.code == "HTTP_ERROR"


@pytest.mark.parametrize("status", [301, 402, 403, 404, 412, 413, 422, 429, 500, 502, 503, 504])
async def test_a_failing_status_is_tried_again_before_the_first_line(status: int) -> None:
    """After 1, 2 and 4 seconds the export is asked for again."""
    clock = Clock()
    lines = await lines_of(*[reply(status)] * 3, reply(200, EVENT), clock=clock)
    assert (lines, clock.slept) == ([EVENT], [1, 2, 4])


@pytest.mark.parametrize(
    "failure",
    [
        Reply(breaks=True),
        pieces(breaks=True),
        pieces(b" \n", b'{"half', breaks=True),
        reply(200, b"", {"content-length": "9"}, breaks=True),
    ],
    ids=["no answer", "no body", "half a line", "shorter than told"],
)
async def test_a_network_failure_before_the_first_line_is_tried_again(failure: Reply) -> None:
    """Nothing was delivered yet, so nothing can come twice."""
    clock = Clock()
    lines = await lines_of(failure, failure, failure, pieces(EVENT), clock=clock)
    assert (lines, clock.slept) == ([EVENT], [1, 2, 4])


async def test_failures_of_all_kinds_share_the_attempts() -> None:
    """Four attempts in all, whatever ends each of them; the last failure is the error."""
    clock = Clock()
    async with listening() as origin:
        failure = await failure_of(
            origin, reply(503), pieces(breaks=True), Reply(breaks=True), reply(500), clock=clock
        )
    assert (clock.slept, len(origin.seen)) == ([1, 2, 4], 4)
    assert failure.to_dict() == {
        "type": "MixpanelError",
        "code": "HTTP_ERROR",
        "message": "Server error: 500",
        "details": {"error": "Server error: 500"},
    }


async def test_a_network_that_stays_down_is_an_http_error() -> None:
    """The fourth failure is told."""
    clock = Clock()
    async with listening() as origin:
        failure = await failure_of(origin, *[pieces(breaks=True)] * 4, clock=clock)
    assert (failure.code, clock.slept, len(origin.seen)) == ("HTTP_ERROR", [1, 2, 4], 4)
    assert "peer closed connection" in failure.details["error"]


async def test_a_failure_in_mid_stream_is_raised_and_nothing_comes_twice() -> None:
    """A fresh start would deliver the first lines again, so the reader decides."""
    clock = Clock()
    delivered: list[bytes] = []
    async with listening() as origin, session(origin.url, clock) as mixpanel:
        origin.replies += [pieces(b"1\n", b"2\n", b"3", breaks=True)]
        with pytest.raises(MixpanelError) as caught:
            await collect(mixpanel, delivered)
    assert (delivered, clock.slept, len(origin.seen)) == ([b"1", b"2"], [], 1)
    assert caught.value.code == "HTTP_ERROR"


async def test_refused_credentials_are_told_at_once() -> None:
    """401 is not tried again, and its details have no body."""
    clock = Clock()
    async with listening() as origin:
        failure = await failure_of(origin, reply(401, b'{"error": "wrong"}'), clock=clock)
    assert (type(failure), clock.slept) == (AuthenticationError, [])
    assert "response_body" not in failure.details


async def test_a_refused_request_is_told_at_once() -> None:
    """400 is the caller's to repair."""
    clock = Clock()
    async with listening() as origin:
        failure = await failure_of(origin, reply(400, b'{"error": "bad where"}'), clock=clock)
    assert (type(failure), failure.message, clock.slept) == (QueryError, "bad where", [])


async def test_a_rate_limit_is_waited_for_as_told() -> None:
    """Retry-After is obeyed; in the end the seconds are told, without a body."""
    clock = Clock()
    told = reply(429, b'{"error": "slow down"}', {"retry-after": "2"})
    async with listening() as origin:
        failure = await failure_of(origin, *[told] * 4, clock=clock)
    assert isinstance(failure, RateLimitError)
    assert (failure.retry_after, clock.slept) == (2, [2, 2, 2])
    assert "response_body" not in failure.details


@pytest.mark.parametrize("status", [403, 404, 500, 503])
async def test_other_failing_statuses_end_as_an_http_error(status: int) -> None:
    """After the last attempt the sentence of the body is all that is told."""
    async with listening() as origin:
        failure = await failure_of(origin, *[reply(status, b'{"error": "no luck"}')] * 4)
    prefix = "Server error: " if status >= 500 else ""
    assert (failure.code, failure.details) == ("HTTP_ERROR", {"error": f"{prefix}no luck"})


async def test_an_error_body_that_breaks_off_is_an_http_error() -> None:
    """The failure while reading a failure is told too."""
    broken = reply(400, b'{"err', {"content-length": "99"}, breaks=True)
    async with listening() as origin:
        failure = await failure_of(origin, broken)
    assert failure.code == "HTTP_ERROR"


async def test_a_reader_that_stops_early_closes_the_connection() -> None:
    """The rest of a large export does not travel for nobody."""
    async with listening() as origin, session(origin.url) as mixpanel:
        origin.replies += [pieces(b"1\n" * 10, breaks=False), pieces(b"2\n")]
        async with aclosing(mixpanel.export.lines("export")) as lines:
            assert await anext(lines) == b"1"
        assert await exported(mixpanel) == [b"2"]
    assert [each.connection for each in origin.seen] == [1, 2]


async def test_an_export_that_mixpanel_gives_up_is_an_http_error() -> None:
    """Its last line says so, and what is missing is not passed over."""
    delivered: list[bytes] = []
    async with listening() as origin, session(origin.url) as mixpanel:
        origin.replies += [reply(200, b"1\n2\nterminated early\n")]
        with pytest.raises(MixpanelError, match="terminated the export early") as caught:
            await collect(mixpanel, delivered)
    assert (caught.value.code, delivered) == ("HTTP_ERROR", [b"1", b"2"])
