"""Requests, retries, headers: what one call does to the network."""

import asyncio
from typing import Any

import pytest
from clients import Clock, client, session
from origin import Reply, listening, reply

from mixpanel_mcp_core.errors import ConfigError, MixpanelError, RateLimitError, ServerError
from mixpanel_mcp_core.http import Request
from mixpanel_mcp_core.retries import SAFE_WRITE

pytestmark = pytest.mark.anyio

BASIC = "Basic c2EudXNlcjpodW50ZXIy"


def limited(**headers: str) -> Reply:
    """A 429 with its headers."""
    return reply(
        429, b'{"error": "slow down"}', {k.replace("_", "-"): v for k, v in headers.items()}
    )


async def test_a_rate_limit_is_waited_out_with_doubling_pauses() -> None:
    """A 429 without Retry-After is tried again after 1, 2 and 4 seconds."""
    clock = Clock()
    async with listening() as origin, session(origin.url, clock) as mixpanel:
        origin.replies += [limited(), limited(), limited(), reply(200, b'{"results": [1]}')]
        value = await mixpanel.app.raw("GET", "dashboards", {})
    assert (value, clock.slept, len(origin.seen)) == ([1], [1, 2, 4], 4)


async def test_retry_after_in_seconds_is_obeyed() -> None:
    """The wait is the one that the server told, without jitter."""
    clock = Clock()
    async with listening() as origin, session(origin.url, clock, jitter=lambda: 1.0) as mixpanel:
        origin.replies += [limited(retry_after="3"), limited(retry_after=" 0 "), reply()]
        await mixpanel.query.get("funnels/list")
    assert clock.slept == [3, 0]


@pytest.mark.parametrize(
    "told",
    ["Wed, 21 Oct 2026 07:28:00 GMT", "-5", "+5", "1.5", "soon", "", "٣", "9" * 5000],
    ids=["date", "negative", "signed", "fraction", "word", "empty", "other digits", "endless"],
)
async def test_retry_after_that_is_no_number_of_seconds_counts_as_absent(told: str) -> None:
    """Waiting goes on as if the header were not there, and the error tells no seconds."""
    clock = Clock()
    async with listening() as origin, session(origin.url, clock) as mixpanel:
        origin.replies += [limited(retry_after=told)] * 4
        with pytest.raises(RateLimitError) as caught:
            await mixpanel.query.get("funnels/list")
    assert (clock.slept, caught.value.retry_after) == ([1, 2, 4], None)


async def test_the_fourth_rate_limit_is_the_error() -> None:
    """Three retries, then the error with what the last answer told."""
    async with listening() as origin, session(origin.url) as mixpanel:
        origin.replies += [limited(retry_after="1")] * 3 + [limited(retry_after="2")]
        with pytest.raises(RateLimitError) as caught:
            await mixpanel.query.get("funnels/list")
        url = origin.url
    assert caught.value.to_dict() == {
        "type": "RateLimitError",
        "code": "RATE_LIMITED",
        "message": "Mixpanel's rate limit is reached. Retry after 2 seconds.",
        "details": {
            "status_code": 429,
            "response_body": {"error": "slow down"},
            "request_method": "GET",
            "request_url": f"{url}/api/query/funnels/list",
            "request_params": {"project_id": "12345", "query_origin": "mixpanel-mcp"},
            "retry_after": 2,
            "project_id": "12345",
        },
    }


@pytest.mark.parametrize(
    ("told", "slept", "reported"),
    [("11", [], 11), ("6", [6], 6), ("86400", [], 3600)],
    ids=["too long at once", "too long together", "longer than an hour"],
)
async def test_a_wait_that_does_not_fit_comes_back_at_once(
    told: str, slept: list[float], reported: int
) -> None:
    """All waits of a call together stay within `max_wait`; the caller learns the seconds."""
    clock = Clock()
    async with listening() as origin, session(origin.url, clock, max_wait=10) as mixpanel:
        origin.replies += [limited(retry_after=told)] * 4
        with pytest.raises(RateLimitError) as caught:
            await mixpanel.query.get("funnels/list")
    assert (clock.slept, caught.value.retry_after) == (slept, reported)


async def test_a_long_retry_after_is_waited_for_a_minute_at_most() -> None:
    """With patience enough, the wait is still no longer than sixty seconds."""
    clock = Clock()
    async with listening() as origin, session(origin.url, clock, max_wait=1000) as mixpanel:
        origin.replies += [limited(retry_after="90"), reply()]
        await mixpanel.query.get("funnels/list")
    assert clock.slept == [60]


async def test_jitter_adds_up_to_a_tenth() -> None:
    """Clients that were limited together do not come back together."""
    clock = Clock()
    jitters = iter([0.0, 0.5, 1.0, 0.0])
    options: dict[str, Any] = {"jitter": lambda: next(jitters)}
    async with listening() as origin, session(origin.url, clock, **options) as mixpanel:
        origin.replies += [*[limited()] * 3, reply()]
        await mixpanel.query.get("funnels/list")
    assert clock.slept == pytest.approx([1, 2.1, 4.4])


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_is_not_tried_again(status: int) -> None:
    """A failing query would only fail again, and cost one of sixty an hour."""
    clock = Clock()
    async with listening() as origin, session(origin.url, clock) as mixpanel:
        origin.replies += [reply(status, b"")]
        with pytest.raises(ServerError, match=f"Server error: {status}"):
            await mixpanel.query.get("funnels/list")
    assert clock.slept == []


async def test_a_broken_connection_is_not_tried_again() -> None:
    """Whether the request was carried out is unknown, so the caller decides."""
    clock = Clock()
    async with listening() as origin, session(origin.url, clock) as mixpanel:
        origin.replies += [Reply(breaks=True)]
        with pytest.raises(MixpanelError) as caught:
            await mixpanel.app.raw("POST", "dashboards", {}, {"title": "Weekly"})
        url = f"{origin.url}/api/app/projects/12345/dashboards"
    text = "Server disconnected without sending a response."
    assert (clock.slept, len(origin.seen)) == ([], 1)
    assert caught.value.to_dict() == {
        "type": "MixpanelError",
        "code": "HTTP_ERROR",
        "message": f"POST {url} failed: {text}",
        "details": {
            "error": text,
            "request_method": "POST",
            "request_url": url,
            "request_params": {},
            "request_body": {"title": "Weekly"},
        },
    }


async def test_nobody_listening_is_an_http_error() -> None:
    """A refused connection names the request that could not be sent."""
    async with listening() as origin:
        url = origin.url
    async with session(url) as mixpanel:
        with pytest.raises(MixpanelError, match="All connection attempts failed") as caught:
            await mixpanel.app.me()
    assert caught.value.code == "HTTP_ERROR"


async def test_an_answer_that_breaks_off_is_an_http_error() -> None:
    """Half of an answer is never taken for the whole."""
    async with listening() as origin, session(origin.url) as mixpanel:
        origin.replies += [reply(200, b'{"results": [1]}', {"content-length": "99"}, breaks=True)]
        with pytest.raises(MixpanelError, match="peer closed connection") as caught:
            await mixpanel.app.me()
    assert caught.value.code == "HTTP_ERROR"


async def test_answer_that_breaks_off_is_asked_for_again_where_records_are_recognised() -> None:
    """A body cut short loses nothing where the same records may come twice."""
    clock = Clock()
    whole = b'{"code": 200, "num_records_imported": 1, "status": "OK"}'
    async with listening() as origin, session(origin.url, clock) as mixpanel:
        origin.replies += [reply(200, whole, {"content-length": "99"}, breaks=True)]
        origin.replies += [reply(200, whole)]
        status, value = await mixpanel.ingest.post("/import", [{}], {}, repeatable=True)
    assert (status, value["num_records_imported"]) == (200, 1)
    assert (clock.slept, len(origin.seen)) == ([2], 2)


async def test_a_timeout_is_an_http_error_that_names_itself() -> None:
    """Silence for longer than the request may take ends it."""
    async with listening() as origin, client() as http:
        origin.replies += [Reply()]
        request = Request("GET", f"{origin.url}/slow", {"page": "1"}, read_seconds=0.05)
        with pytest.raises(MixpanelError) as caught:
            await http.send(request, None)
    assert caught.value.code == "HTTP_ERROR"
    assert caught.value.details == {
        "error": "ReadTimeout",
        "request_method": "GET",
        "request_url": request.url,
        "request_params": {"page": "1"},
    }


async def test_safe_writes_are_repeated_when_a_gateway_fails() -> None:
    """Records that the server recognises when they come twice may be sent twice."""
    clock = Clock()
    async with listening() as origin, client(clock=clock) as http:
        origin.replies += [reply(502), reply(503), reply(200, b"1")]
        answer = await http.send(Request("POST", origin.url, body=b"[]"), BASIC, SAFE_WRITE)
    assert (answer.status, answer.body, clock.slept) == (200, b"1", [2, 4])


async def test_sequential_requests_share_one_connection() -> None:
    """The pool keeps a connection that an answer was read from to its end."""
    async with listening() as origin, session(origin.url) as mixpanel:
        origin.replies += [reply()] * 3
        for _ in range(3):
            await mixpanel.query.get("funnels/list")
    assert [each.connection for each in origin.seen] == [1, 1, 1]


async def test_concurrent_requests_do_not_wait_for_each_other() -> None:
    """A silent answer holds up its own caller only."""
    async with listening() as origin, session(origin.url) as mixpanel:
        origin.replies += [Reply(), reply(200, b'{"a": 1}')]
        slow = asyncio.create_task(mixpanel.query.get("events/top"))
        await origin.arrivals.acquire()
        assert await mixpanel.query.get("funnels/list") == {"a": 1}
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow


async def test_redirects_are_not_followed() -> None:
    """Credentials go to no place that an answer names."""
    async with listening() as origin, session(origin.url) as mixpanel:
        origin.replies += [reply(302, b"", {"location": f"{origin.url}/elsewhere"})]
        with pytest.raises(MixpanelError, match="302") as caught:
            await mixpanel.app.me()
    assert caught.value.code == "HTTP_ERROR"
    assert [each.target for each in origin.seen] == ["/api/app/me"]


async def test_cookies_are_not_kept() -> None:
    """What one account's answer sets is not sent with the next request."""
    async with listening() as origin, session(origin.url) as mixpanel:
        origin.replies += [reply(headers={"set-cookie": "session=1; Path=/"}), reply()]
        await mixpanel.app.me()
        await mixpanel.app.me()
    assert [each.headers.get("cookie") for each in origin.seen] == [None, None]


async def test_a_request_carries_its_documented_headers() -> None:
    """Basic authorization, our product's name, and no content type without a body."""
    async with listening() as origin, session(origin.url) as mixpanel:
        origin.replies += [reply()]
        await mixpanel.app.me()
        host = origin.url.removeprefix("http://")
    assert origin.seen[0].headers == {
        "host": host,
        "accept": "*/*",
        "accept-encoding": "gzip, deflate",
        "connection": "keep-alive",
        "user-agent": "tests/1",
        "authorization": BASIC,
    }


async def test_a_json_body_is_announced_as_json() -> None:
    """Only a request with a body has a content type."""
    async with listening() as origin, session(origin.url) as mixpanel:
        origin.replies += [reply()]
        await mixpanel.app.raw("POST", "dashboards", {}, {"title": "Weekly"})
    assert origin.seen[0].headers["content-type"] == "application/json"


async def sent_with(environ: dict[str, str]) -> dict[str, str]:
    """The headers of a request under this environment, but for the host."""
    async with listening() as origin, client(environ) as http:
        origin.replies += [reply()]
        await http.send(Request("GET", origin.url, headers={"Accept-Encoding": "gzip"}), BASIC)
        headers = origin.seen[0].headers
    return {name: value for name, value in headers.items() if name != "host"}


async def test_the_environment_adds_one_header() -> None:
    """MP_CUSTOM_HEADER_NAME and MP_CUSTOM_HEADER_VALUE go with every request."""
    environ = {
        "MP_CUSTOM_HEADER_NAME": "X-Mixpanel-Cluster",
        "MP_CUSTOM_HEADER_VALUE": "internal 1",
    }
    headers = await sent_with(environ)
    assert headers["x-mixpanel-cluster"] == "internal 1"


@pytest.mark.parametrize("part", ["NAME", "VALUE"])
async def test_half_of_a_custom_header_is_none(part: str) -> None:
    """Name and value must both be there; an empty one counts as absent."""
    other = "VALUE" if part == "NAME" else "NAME"
    environ = {f"MP_CUSTOM_HEADER_{part}": "x-half", f"MP_CUSTOM_HEADER_{other}": ""}
    assert await sent_with(environ) == await sent_with({})


@pytest.mark.parametrize(("name", "kept"), [("aUTHORIZATION", BASIC), ("accept-Encoding", "gzip")])
async def test_a_custom_header_never_replaces_a_requests_own(name: str, kept: str) -> None:
    """Authorization and what a call sets itself win over the environment."""
    environ = {"MP_CUSTOM_HEADER_NAME": name, "MP_CUSTOM_HEADER_VALUE": "Bearer other"}
    assert (await sent_with(environ))[name.lower()] == kept


async def test_a_custom_authorization_is_not_sent_where_there_is_none() -> None:
    """A request without authorization stays without."""
    environ = {"MP_CUSTOM_HEADER_NAME": "Authorization", "MP_CUSTOM_HEADER_VALUE": "Bearer other"}
    async with listening() as origin, client(environ) as http:
        origin.replies += [reply()]
        await http.send(Request("GET", origin.url), None)
    assert "authorization" not in origin.seen[0].headers


async def test_a_custom_header_may_rename_the_client() -> None:
    """The user agent gives way, as the documents order it."""
    environ = {"MP_CUSTOM_HEADER_NAME": "user-agent", "MP_CUSTOM_HEADER_VALUE": "gateway/2"}
    assert (await sent_with(environ))["user-agent"] == "gateway/2"


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("X Cluster", "sekret-1", "MP_CUSTOM_HEADER_NAME"),
        ("X-Cluster:", "sekret-1", "MP_CUSTOM_HEADER_NAME"),
        ("X-Cluster", "sekret-1\r\nX-Other: 2", "MP_CUSTOM_HEADER_VALUE"),
        ("X-Cluster", "sekret-ü", "MP_CUSTOM_HEADER_VALUE"),
    ],
)
async def test_a_custom_header_that_is_none_is_refused(name: str, value: str, named: str) -> None:
    """The error names the variable and never shows the value."""
    environ = {"MP_CUSTOM_HEADER_NAME": name, "MP_CUSTOM_HEADER_VALUE": value}
    with pytest.raises(ConfigError) as caught:
        async with client(environ):
            pass
    assert caught.value.details == {"env_var": named}
    assert "sekret" not in str(caught.value)


async def test_a_password_in_the_base_url_does_not_replace_the_authorization() -> None:
    """The account of the session asks, whatever the URL of a gateway holds."""
    async with listening() as origin:
        url = origin.url.replace("://", "://gate:keeper@")
        async with session(url) as mixpanel:
            origin.replies += [reply()]
            await mixpanel.app.me()
    assert origin.seen[0].headers["authorization"] == BASIC


@pytest.mark.parametrize("url", ["http://[::1", "http://mixpanel.test:port"])
async def test_a_base_url_that_is_none_is_a_configuration_error(url: str) -> None:
    """The message shows what was configured."""
    async with session(url) as mixpanel:
        with pytest.raises(ConfigError) as caught:
            await mixpanel.app.me()
    assert url in str(caught.value)


async def test_a_base_url_without_scheme_is_an_http_error() -> None:
    """What is missing is said."""
    async with session("mixpanel.test") as mixpanel:
        with pytest.raises(MixpanelError, match="missing an 'http://' or 'https://'") as caught:
            await mixpanel.app.me()
    assert caught.value.code == "HTTP_ERROR"


async def test_a_cancelled_request_frees_its_connection() -> None:
    """A caller that gives up leaves nothing behind in the pool."""
    async with listening() as origin, session(origin.url) as mixpanel:
        origin.replies += [Reply()] * 20
        for _ in range(20):
            task = asyncio.create_task(mixpanel.app.me())
            await origin.arrivals.acquire()
            task.cancel()
            await asyncio.wait([task])
        origin.replies += [reply(200, b'{"a": 1}')]
        assert await mixpanel.app.me() == {"a": 1}
