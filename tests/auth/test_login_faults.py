"""Logins that go wrong: what is told, and that nothing of them stays."""

import asyncio
import json
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from login_clients import (
    answer,
    at_home,
    client_at,
    failure,
    files_in,
    message,
)
from people import Allowing, visit
from played_mixpanel import GOOD_TOKENS, Mixpanel, played
from recorder import recording
from visitors import Asked, Bringing, Visiting, callback_of, port_of, send

from mixpanel_mcp_core.auth import flows
from mixpanel_mcp_core.auth.callback import PORTS

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("ports")]

CONFIG = ".mp/config.toml"
CLIENT = ".mp/oauth/client_us.json"
REGISTER, TOKEN, ME = "POST /oauth/mcp/register/", "POST /oauth/token/", "GET /api/app/me"
GOOD = {"code": "THECODE", "state": "THEIRS"}
HOSTILE = "<script>alert(1)</script> \x1b[2Jno"


@pytest.mark.parametrize(
    ("back", "details", "told"),
    [
        ({"code": "THECODE", "state": "another"}, {}, "another login"),
        ({"state": "THEIRS"}, {}, "no code and state"),
        ({"code": "THECODE"}, {}, "no code and state"),
        (
            {"error": "access_denied", "error_description": HOSTILE, "state": "THEIRS"},
            {
                "error": "access_denied",
                "error_description": "<script>alert(1)</script> [2Jno",
            },
            "access_denied",
        ),
        ({**GOOD, "iss": "https://evil.example"}, {"issuer": "https://evil.example"}, "not from"),
        ({**GOOD, "iss": "https://"}, {"issuer": "https://"}, "not from"),
    ],
    ids=["other state", "no code", "no state", "denied", "other issuer", "issuer of nothing"],
)
async def test_what_is_not_this_login_ends_it(
    back: dict[str, str], details: dict[str, str], told: str, tmp_path: Path
) -> None:
    """The browser and the caller are told why, no code is exchanged and nothing is stored."""
    person = Bringing(**back)
    async with played() as mixpanel, client_at(at_home(tmp_path), mixpanel.url, person) as client:
        result = await client.call_tool("accounts_login", {"name": "me"})
    assert failure(result) == ("OAUTH_TOKEN_ERROR", details)
    assert told in message(result)
    [(status, page)] = person.pages
    assert status == 400
    assert "<script>" not in page
    assert "\x1b" not in page + message(result)
    assert mixpanel.asked == [REGISTER]
    assert files_in(tmp_path) == {CONFIG, CLIENT}


STRANGERS = {
    "another site's name": (
        b"GET /callback?code=x&state=y HTTP/1.1\r\nHost: evil.example\r\n",
        400,
    ),
    "another port": (b"GET /callback?code=x&state=y HTTP/1.1\r\nHost: localhost:80\r\n", 400),
    "no host": (b"GET /callback?code=x&state=y HTTP/1.1\r\n", 400),
    "a form": (b"POST /callback?code=x&state=y HTTP/1.1\r\nHost: localhost:PORT\r\n", 405),
    "the icon": (b"GET /favicon.ico HTTP/1.1\r\nHost: localhost:PORT\r\n", 404),
    "no address": (b"GET http://[ HTTP/1.1\r\nHost: localhost:PORT\r\n", 400),
    "no HTTP": (b"\x16\x03\x01\x02\x00\r\n", 405),
    "a long head": (b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n", None),
}


@pytest.mark.parametrize(("head", "status"), STRANGERS.values(), ids=STRANGERS)
async def test_stranger_at_the_callback_decides_nothing(
    head: bytes, status: int | None, tmp_path: Path
) -> None:
    """It is answered or cut off, nothing is said of it in the log, and the login goes on."""
    answers: list[bytes] = []

    async def first_a_stranger(asked: Asked) -> None:
        port = port_of(asked)
        answers.append(await send(port, head.replace(b"PORT", str(port).encode()) + b"\r\n"))
        await visit(callback_of(asked, code="THECODE", state=asked["state"]))

    person = Visiting(first_a_stranger)
    async with played() as mixpanel, client_at(at_home(tmp_path), mixpanel.url, person) as client:
        answer(await client.call_tool("accounts_login", {"name": "me"}))
    begins = b"" if status is None else f"HTTP/1.1 {status} ".encode()
    assert [each[: len(begins)] if begins else each for each in answers] == [begins]


async def test_silent_connection_holds_nothing_up(tmp_path: Path) -> None:
    """A browser opens spare connections: the login ends without them, and hangs up on them."""
    left = asyncio.get_running_loop().create_future()

    async def spare(asked: Asked) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(asked))
        await visit(callback_of(asked, code="THECODE", state=asked["state"]))
        left.set_result(await reader.read())
        writer.close()

    person = Visiting(spare)
    async with played() as mixpanel, client_at(at_home(tmp_path), mixpanel.url, person) as client:
        answer(await client.call_tool("accounts_login", {"name": "me"}))
    assert await asyncio.wait_for(left, 3) == b""


async def test_second_return_changes_nothing(tmp_path: Path) -> None:
    """Once a code has come, whoever comes after it is told that the login is over."""
    later: list[tuple[int, str]] = []
    came, told = asyncio.Event(), asyncio.Event()

    async def twice(asked: Asked) -> None:
        await visit(callback_of(asked, code="THECODE", state=asked["state"]))
        await came.wait()
        later.append(await visit(callback_of(asked, code="ANOTHER", state=asked["state"])))
        told.set()

    async def until_told() -> None:
        came.set()
        await told.wait()

    person = Visiting(twice)
    async with played() as mixpanel, client_at(at_home(tmp_path), mixpanel.url, person) as client:
        mixpanel.before_token = until_told
        answer(await client.call_tool("accounts_login", {"name": "me"}))
    assert [(status, "over already" in page) for status, page in later] == [(400, True)]
    assert [form["code"] for form in mixpanel.forms()] == ["THECODE"]


def taken(ports: tuple[int, ...]) -> ExitStack:
    """Other programs that listen on these ports."""
    stack = ExitStack()
    for port in ports:
        stack.enter_context(socket.create_server(("127.0.0.1", port)))
    return stack


async def test_login_needs_one_free_port(tmp_path: Path) -> None:
    """With all four taken no page is opened and nothing is sent."""
    person = Allowing()
    async with played() as mixpanel, client_at(at_home(tmp_path), mixpanel.url, person) as client:
        with taken(PORTS):
            result = await client.call_tool("accounts_login", {"name": "me"})
    assert failure(result) == ("OAUTH_PORT_ERROR", {"ports": list(PORTS)})
    assert (person.opened, mixpanel.asked) == ([], [])


async def test_client_is_registered_anew_for_another_port(tmp_path: Path) -> None:
    """The first free port is taken; the stored client is used only where it returns to it."""
    person = Allowing()
    async with played() as mixpanel, client_at(at_home(tmp_path), mixpanel.url, person) as client:
        for busy in ((), (), PORTS[:1]):
            with taken(busy):
                answer(await client.call_tool("accounts_login", {"name": "me"}))
    addresses = [f"http://localhost:{port}/callback" for port in (*PORTS[:1] * 2, PORTS[1])]
    assert [form["redirect_uri"] for form in mixpanel.forms()] == addresses
    login = [TOKEN, ME]
    assert mixpanel.asked == [REGISTER, *login, *login, REGISTER, *login]
    assert json.loads((tmp_path / CLIENT).read_text())["redirect_uri"] == addresses[-1]


@pytest.mark.parametrize(
    ("register", "details"),
    [
        (
            {"status": 429, "body": {}, "headers": {"retry-after": "7"}},
            {"status_code": 429, "retry_after": 7},
        ),
        ({"status": 500, "text": "oops"}, {"status_code": 500, "response_body": "oops"}),
        ({"status": 200, "text": "<html>"}, {"status_code": 200}),
        ({"status": 201, "body": {"client_id": 5}}, {"status_code": 201}),
        ({"network_error": True}, {"url": "/mixpanel.com/oauth/mcp/register/"}),
    ],
    ids=["too many", "broken", "no JSON", "no client", "no answer"],
)
async def test_refused_registration_opens_no_page(
    register: Mapping[str, Any], details: dict[str, Any], tmp_path: Path
) -> None:
    """The error says what the login server answered; it is asked once and nothing is stored."""
    person = Allowing()
    async with played() as mixpanel, client_at(at_home(tmp_path), mixpanel.url, person) as client:
        mixpanel.register = register
        result = await client.call_tool("accounts_login", {"name": "me"})
    assert failure(result) == ("OAUTH_REGISTRATION_ERROR", at(mixpanel, details))
    assert (person.opened, mixpanel.asked) == ([], [REGISTER])
    assert files_in(tmp_path) == {CONFIG}


def at(mixpanel: Mixpanel, details: dict[str, Any]) -> dict[str, Any]:
    """Details whose URL is one of this recorder."""
    origin = mixpanel.url.removesuffix("/{host}")
    return {k: origin + v if k == "url" else v for k, v in details.items()}


@pytest.mark.parametrize(
    ("token", "details"),
    [
        ({"status": 400, "text": "bad code"}, {"status_code": 400, "response_body": "bad code"}),
        ({"status": 201, "body": 1}, {"status_code": 201, "response_body": "1"}),
        (
            {"status": 200, "text": "access_token=abcdef", "headers": {"content-type": "text/x"}},
            {"content_type": "text/x", "body_length": 19},
        ),
        (
            {"status": 200, "body": {**GOOD_TOKENS, "expires_in": "soon", "id_token": {"a": "b"}}},
            {
                "response_data": {
                    **GOOD_TOKENS,
                    "access_token": "<redacted>",
                    "refresh_token": "<redacted>",
                    "expires_in": "soon",
                    "id_token": "<redacted>",
                }
            },
        ),
        ({"status": 200, "body": ["secret-one"]}, {"response_data": "<redacted>"}),
        ({"network_error": True}, {"url": "/mixpanel.com/oauth/token/"}),
    ],
    ids=["refused", "not 200", "no JSON", "fields missing", "a list", "no answer"],
)
async def test_failed_exchange_tells_no_secret(
    token: Mapping[str, Any], details: dict[str, Any], tmp_path: Path
) -> None:
    """The details are the documented ones, redacted; nothing is asked twice, nothing stored."""
    async with (
        played() as mixpanel,
        client_at(at_home(tmp_path), mixpanel.url, Allowing()) as client,
    ):
        mixpanel.token = token
        result = await client.call_tool("accounts_login", {"name": "me"})
    code, told = failure(result)
    told = json.loads(json.dumps(told).replace("*" * 10, "<redacted>"))
    assert (code, told) == ("OAUTH_TOKEN_ERROR", at(mixpanel, details))
    assert mixpanel.asked == [REGISTER, TOKEN]
    assert files_in(tmp_path) == {CONFIG, CLIENT}


async def test_redirect_of_the_token_endpoint_is_not_followed(tmp_path: Path) -> None:
    """Code and verifier go to the login server only, whoever it points to."""
    async with (
        recording() as elsewhere,
        played() as mixpanel,
        client_at(at_home(tmp_path), mixpanel.url, Allowing()) as client,
    ):
        place = elsewhere.url.replace("{host}", "x/")
        mixpanel.token = {"status": 307, "text": "", "headers": {"location": place}}
        result = await client.call_tool("accounts_login", {"name": "me"})
    assert failure(result) == ("OAUTH_TOKEN_ERROR", {"status_code": 307, "response_body": ""})
    assert elsewhere.requests == []


def assert_free(port: int) -> None:
    """Nobody listens any more."""
    socket.create_server(("127.0.0.1", port)).close()


async def test_login_that_nobody_makes_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time for it the error says so, and the port is free again."""
    monkeypatch.setattr(flows, "CODE_SECONDS", 0.1)

    async def nothing(asked: Asked) -> None:
        pass

    person = Visiting(nothing)
    async with played() as mixpanel, client_at(at_home(tmp_path), mixpanel.url, person) as client:
        result = await client.call_tool("accounts_login", {"name": "me"})
        assert_free(PORTS[0])
    assert failure(result) == ("OAUTH_TIMEOUT", {"timeout_seconds": 0.1})


async def test_cancelled_login_frees_its_port(tmp_path: Path) -> None:
    """A client that gives up does not lock others out, and leaves no tokens."""
    opened = asyncio.Event()

    async def wait(asked: Asked) -> None:
        opened.set()

    person = Visiting(wait)
    async with played() as mixpanel, client_at(at_home(tmp_path), mixpanel.url, person) as client:
        call = asyncio.create_task(client.call_tool("accounts_login", {"name": "me"}))
        await opened.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        answer(await client.call_tool("session_show", {}))
    assert_free(PORTS[0])
    assert files_in(tmp_path) == {CONFIG, CLIENT}
