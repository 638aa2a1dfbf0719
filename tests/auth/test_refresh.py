"""Tokens of a browser login that run out: renewed once, whoever asks, or refused with a reason."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from login_clients import (
    answer,
    client_at,
    failure,
    lay,
    logged_in,
    message,
    tokens_at,
    tokens_for,
)
from mcp import Client
from mcp.types import CallToolResult
from played_mixpanel import Mixpanel, played
from processes import over_stdio

pytestmark = pytest.mark.anyio

FRESH = {
    "access_token": "new-access-token",
    "refresh_token": "new-refresh-token",
    "expires_in": 3600,
    "token_type": "Bearer",
    "scope": "projects",
}
RENEWAL = {
    "grant_type": "refresh_token",
    "refresh_token": "old-refresh-token",
    "client_id": "CLIENT",
}
NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
NEW, OLD = "Bearer new-access-token", "Bearer old-access-token"
INVALID = {"error": "invalid_grant", "error_description": "used"}
BRIDGE = ".claude/mixpanel/auth.json"


async def ask(client: Client) -> CallToolResult:
    """A call that is sent to Mixpanel each time."""
    return await client.call_tool("projects", {"refresh": True})


def stored(home: Path) -> dict[str, Any]:
    """The tokens as they are on disk."""
    return json.loads(tokens_at(home).read_text("utf-8"))


@pytest.mark.parametrize(
    ("left_out", "refresh_token"),
    [("", "new-refresh-token"), ("refresh_token", "old-refresh-token")],
    ids=["rotated", "kept"],
)
async def test_expired_token_is_renewed_stored_and_used(
    left_out: str, refresh_token: str, tmp_path: Path
) -> None:
    """One request renews it; the call goes out with the new one, and so does the next."""
    logged_in(tmp_path, tokens_for(-1, now=NOW))
    async with (
        played() as mixpanel,
        client_at(tmp_path, mixpanel.url, clock=lambda: NOW) as client,
    ):
        mixpanel.token = {
            "status": 200,
            "body": {name: value for name, value in FRESH.items() if name != left_out},
        }
        answer(await ask(client))
        answer(await ask(client))
    assert (mixpanel.forms(), mixpanel.bearers()) == ([RENEWAL], [NEW, NEW])
    assert stored(tmp_path) == {
        "access_token": "new-access-token",
        "expires_at": "2030-05-01T13:00:00+00:00",
        "token_type": "Bearer",
        "scope": "projects",
        "refresh_token": refresh_token,
    }
    assert tokens_at(tmp_path).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("seconds", "bearer"), [(30, NEW), (30.000001, OLD), (-3600, NEW), (3600, OLD)]
)
async def test_token_counts_as_expired_half_a_minute_early(
    seconds: float, bearer: str, tmp_path: Path
) -> None:
    """At thirty seconds before its end it is renewed, a moment earlier it is not."""
    logged_in(tmp_path, tokens_for(seconds, now=NOW))
    async with (
        played() as mixpanel,
        client_at(tmp_path, mixpanel.url, clock=lambda: NOW) as client,
    ):
        mixpanel.token = {"status": 200, "body": FRESH}
        answer(await ask(client))
    assert mixpanel.bearers() == [bearer]


def without(*names: str) -> dict[str, str]:
    """Expired tokens without these fields."""
    return {name: each for name, each in tokens_for(-1).items() if name not in names}


def nothing(path: Path) -> None:
    """There is no file."""
    path.unlink()


def link(path: Path) -> None:
    """The file is a link to itself elsewhere."""
    path.rename(path.with_name("other.json"))
    path.symlink_to("other.json")


def lax(path: Path) -> None:
    """Others can read the file."""
    path.chmod(0o644)


def folder(path: Path) -> None:
    """A folder is in its place."""
    path.unlink()
    path.mkdir()


def pipe(path: Path) -> None:
    """A pipe is in its place, from which nothing will come."""
    path.unlink()
    os.mkfifo(path, 0o600)


@pytest.mark.parametrize("spoil", [nothing, link, lax, folder, pipe])
async def test_tokens_that_cannot_be_read_name_account_and_file(
    spoil: Callable[[Path], None], tmp_path: Path
) -> None:
    """The error says to log in again, and nothing is sent."""
    logged_in(tmp_path, tokens_for(3600))
    path = tokens_at(tmp_path)
    spoil(path)
    async with played() as mixpanel, client_at(tmp_path, mixpanel.url) as client:
        result = await ask(client)
    details = {"account_name": "me", "path": str(path)}
    assert failure(result) == ("OAUTH_TOKEN_ERROR", details)
    assert "Log in again: mixpanel-mcp accounts login me" in message(result)
    assert mixpanel.asked == []


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "[" * 5000,
        "\x00",
        without("access_token"),
        without("expires_at"),
        {**without(), "expires_at": "2030-05-01T12:00:00"},
        {**without(), "expires_at": "never"},
        {**without(), "refresh_token": 7},
    ],
    ids=["cut", "list", "deep", "zero", "no token", "no end", "no zone", "never", "number"],
)
async def test_malformed_tokens_are_told_without_what_they_hold(
    content: Mapping[str, Any] | str, tmp_path: Path
) -> None:
    """The error has a complaint beside account and file."""
    logged_in(tmp_path, content)
    async with played() as mixpanel, client_at(tmp_path, mixpanel.url) as client:
        code, details = failure(await ask(client))
    assert details.pop("validation_error")
    expected = {"account_name": "me", "path": str(tokens_at(tmp_path))}
    assert (code, details) == ("OAUTH_TOKEN_ERROR", expected)
    assert "old-" not in str(details)


async def test_expired_token_without_a_refresh_token_wants_a_login(tmp_path: Path) -> None:
    """Nothing can renew it."""
    logged_in(tmp_path, without("refresh_token"))
    async with played() as mixpanel, client_at(tmp_path, mixpanel.url) as client:
        result = await ask(client)
    details = {"account_name": "me", "region": "us", "path": str(tokens_at(tmp_path))}
    assert failure(result) == ("OAUTH_TOKEN_ERROR", details)
    assert "Log in again: mixpanel-mcp accounts login me" in message(result)


@pytest.mark.parametrize("content", [None, "{", "[]", {"client_id": 5}])
async def test_expired_token_without_its_client_wants_a_login(
    content: Mapping[str, Any] | str | None, tmp_path: Path
) -> None:
    """The client that could renew it is not there, or not readable."""
    client_file = logged_in(tmp_path, tokens_for(-1)) / ".mp/oauth/client_us.json"
    client_file.unlink()
    if content is not None:
        lay(client_file, content)
    async with played() as mixpanel, client_at(tmp_path, mixpanel.url) as client:
        result = await ask(client)
    details = {"account_name": "me", "region": "us", "path": str(client_file)}
    assert failure(result) == ("OAUTH_REFRESH_ERROR", details)
    assert "Log in again: mixpanel-mcp accounts login me" in message(result)


GRANT = json.dumps(INVALID)
ERROR, REVOKED = "OAUTH_REFRESH_ERROR", "OAUTH_REFRESH_REVOKED"
REFUSALS: dict[str, tuple[Mapping[str, Any], str, dict[str, Any]]] = {
    "revoked": (
        {"status": 400, "text": GRANT},
        REVOKED,
        {"status_code": 400, "response_body": GRANT, "account_name": "me"},
    ),
    "unauthorized": (
        {"status": 401, "text": GRANT},
        REVOKED,
        {"status_code": 401, "response_body": GRANT, "account_name": "me"},
    ),
    "forbidden": (
        {"status": 403, "text": GRANT},
        ERROR,
        {"status_code": 403, "response_body": GRANT, "account_name": "me"},
    ),
    "other": (
        {"status": 400, "text": "no"},
        ERROR,
        {"status_code": 400, "response_body": "no", "account_name": "me"},
    ),
    "down": (
        {"status": 503, "text": ""},
        ERROR,
        {"status_code": 503, "response_body": "", "account_name": "me"},
    ),
    "moved": (
        {"status": 302, "text": "", "headers": {"location": "/elsewhere/"}},
        ERROR,
        {"status_code": 302, "response_body": "", "account_name": "me"},
    ),
    "no JSON": (
        {"status": 200, "text": "oops", "headers": {"content-type": "text/plain"}},
        ERROR,
        {"content_type": "text/plain", "body_length": 4},
    ),
    "fields missing": (
        {"status": 200, "body": {"token_type": "Bearer", "id": "secret-one"}},
        ERROR,
        {"response_data": {"token_type": "Bearer", "id": "<redacted>"}},
    ),
    "no answer": ({"network_error": True}, ERROR, {"url": "URL"}),
}


@pytest.mark.parametrize(("token", "code", "details"), REFUSALS.values(), ids=REFUSALS)
async def test_refused_renewal_has_its_documented_error(
    token: Mapping[str, Any], code: str, details: dict[str, Any], tmp_path: Path
) -> None:
    """It is asked for once, the stored tokens stay, and no call goes out without a token."""
    kept = tokens_for(-1)
    logged_in(tmp_path, kept)
    async with played() as mixpanel, client_at(tmp_path, mixpanel.url) as client:
        mixpanel.token = token
        result = await ask(client)
    url = mixpanel.url.replace("{host}", "mixpanel.com/oauth/token/")
    assert failure(result) == (code, {k: url if v == "URL" else v for k, v in details.items()})
    assert ("Log in again: mixpanel-mcp" in message(result)) is (code == REVOKED)
    assert mixpanel.asked == ["POST /oauth/token/"]
    assert stored(tmp_path) == kept


async def test_calls_at_once_renew_once(tmp_path: Path) -> None:
    """Ten calls of one server find the token expired; one request renews it for all."""
    logged_in(tmp_path, tokens_for(-1))
    async with played() as mixpanel, client_at(tmp_path, mixpanel.url) as client:
        mixpanel.token = {"status": 200, "body": FRESH}
        for result in await asyncio.gather(*(ask(client) for _ in range(10))):
            answer(result)
    assert (mixpanel.forms(), mixpanel.bearers()) == ([RENEWAL], [NEW] * 10)


async def test_processes_at_once_renew_once(tmp_path: Path) -> None:
    """Four servers find the token expired at the same moment; the second would be refused."""
    logged_in(tmp_path, tokens_for(-1))
    ready = asyncio.Barrier(4)

    async def one(url: str) -> CallToolResult:
        env = {"HOME": str(tmp_path), "MP_API_BASE_URL": url}
        async with over_stdio(["--toolsets", "all"], env=env) as client:
            await client.call_tool("session_show", {})
            await ready.wait()
            return await ask(client)

    async with played() as mixpanel:
        mixpanel.token = {"status": 200, "body": FRESH}
        mixpanel.before_token = second_renewal(mixpanel)
        results = await asyncio.gather(*(one(mixpanel.url) for _ in range(4)))
    assert [result.is_error for result in results] == [False] * 4, results
    assert (mixpanel.forms(), mixpanel.bearers()) == ([RENEWAL], [NEW] * 4)


def second_renewal(mixpanel: Mixpanel) -> Callable[[], Any]:
    """Keeps a renewal waiting for as long as another one, were it sent, would take to come."""
    came = asyncio.Event()

    async def wait() -> None:
        if len(mixpanel.forms()) > 1:
            came.set()
        try:
            await asyncio.wait_for(came.wait(), 0.5)
        except TimeoutError:
            return

    return wait


@pytest.mark.parametrize("ends", [False, True], ids=["call", "server"])
async def test_renewal_outlives_its_call(ends: bool, tmp_path: Path) -> None:
    """The server takes the old refresh token no more, so the new one is kept, come what may."""
    logged_in(tmp_path, tokens_for(-1))
    sent, release = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        sent.set()
        await release.wait()

    async with played() as mixpanel:
        mixpanel.token, mixpanel.before_token = {"status": 200, "body": FRESH}, hold
        async with client_at(tmp_path, mixpanel.url) as client:
            call = asyncio.create_task(ask(client))
            await sent.wait()
            call.cancel()
            release.set()
            if not ends:
                answer(await ask(client))
    assert (mixpanel.forms(), stored(tmp_path)["access_token"]) == ([RENEWAL], "new-access-token")


async def test_tokens_that_another_program_renewed_are_used(tmp_path: Path) -> None:
    """It takes no lock: our renewal comes too late, but what it stored is good."""
    logged_in(tmp_path, tokens_for(-1))
    theirs = tokens_for(3600, "their")

    async def renewed() -> None:
        lay(tokens_at(tmp_path), theirs)

    async with played() as mixpanel, client_at(tmp_path, mixpanel.url) as client:
        mixpanel.token, mixpanel.before_token = {"status": 400, "body": INVALID}, renewed
        answer(await ask(client))
    assert (mixpanel.bearers(), stored(tmp_path)) == (["Bearer their-access-token"], theirs)


@pytest.mark.parametrize(
    ("ours", "carried", "used"),
    [
        (tokens_for(7200, "renewed"), tokens_for(3600, "carried"), "renewed"),
        (tokens_for(3600, "renewed"), tokens_for(7200, "carried"), "carried"),
        (tokens_for(-7200, "renewed"), tokens_for(-3600, "carried"), "new"),
        ("{", tokens_for(3600, "carried"), "carried"),
    ],
    ids=["older", "newer", "both expired", "ours broken"],
)
async def test_bridge_replaces_older_tokens_only(
    ours: Any, carried: Mapping[str, str], used: str, tmp_path: Path
) -> None:
    """A bridge is a copy: once its tokens were renewed here, it does not bring the dead ones."""
    logged_in(tmp_path, ours)
    account = {"type": "oauth_browser", "name": "me", "region": "us"}
    lay(tmp_path / BRIDGE, {"version": 2, "account": account, "tokens": carried})
    async with played() as mixpanel, client_at(tmp_path, mixpanel.url) as client:
        mixpanel.token = {"status": 200, "body": FRESH}
        answer(await ask(client))
        answer(await ask(client))
    assert mixpanel.bearers() == [f"Bearer {used}-access-token"] * 2
    assert len(mixpanel.forms()) == (used == "new")


async def test_tokens_that_cannot_be_stored_are_told(tmp_path: Path) -> None:
    """The disk does not take them: the error names the file, not the tokens."""
    logged_in(tmp_path, tokens_for(-1))

    async def full() -> None:
        folder(tokens_at(tmp_path))

    async with played() as mixpanel, client_at(tmp_path, mixpanel.url) as client:
        mixpanel.token, mixpanel.before_token = {"status": 200, "body": FRESH}, full
        code, details = failure(await ask(client))
    assert (code, details) == ("OAUTH_TOKEN_ERROR", {"path": str(tokens_at(tmp_path))})
