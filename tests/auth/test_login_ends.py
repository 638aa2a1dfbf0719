"""Logins that came back: pasted, refused for what the account is, or without a browser at all."""

from pathlib import Path

import pytest
from login_clients import (
    BROWSER_ACCOUNT,
    answer,
    at_home,
    client_at,
    failure,
    files_in,
    lay,
    message,
    tokens_at,
)
from people import Allowing
from played_mixpanel import me_of, played
from visitors import Pasting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("ports")]

CONFIG = ".mp/config.toml"
CLIENT = ".mp/oauth/client_us.json"
REGISTER = "POST /oauth/mcp/register/"


@pytest.mark.parametrize(
    ("line", "code", "details"),
    [
        ("  \n", "OAUTH_PASTE_ERROR", {}),
        ("what is this\n", "OAUTH_PASTE_ERROR", {}),
        ("http://localhost:19284/callback?code=THECODE\n", "OAUTH_PASTE_ERROR", {}),
        ("?error=access_denied&state=STATE\n", "OAUTH_AUTH_DENIED", {"error": "access_denied"}),
        ("code=THECODE&state=another\n", "OAUTH_STATE_MISMATCH", {}),
        ("code=THECODE&state=\udcff\n", "OAUTH_STATE_MISMATCH", {}),
        (
            "code=THECODE&state=STATE&iss=https://evil.example",
            "OAUTH_TOKEN_ERROR",
            {"issuer": "https://evil.example"},
        ),
    ],
    ids=["blank", "words", "no state", "denied", "other state", "no text", "other issuer"],
)
async def test_pasted_line_that_is_not_this_login_ends_it(
    line: str, code: str, details: dict[str, str], tmp_path: Path
) -> None:
    """Each has its documented code; no code is exchanged."""
    person = Pasting(line)
    async with played() as mixpanel, client_at(at_home(tmp_path), mixpanel.url, person) as client:
        result = await client.call_tool("accounts_login", {"name": "me", "open_browser": False})
    assert failure(result) == (code, details)
    assert mixpanel.asked == [REGISTER]


@pytest.mark.parametrize(
    "line",
    [
        "http://localhost:19284/callback?code=THECODE&state=STATE\n",
        "  ?state=STATE&code=THECODE#fragment \r\n",
        "code=THECODE&state=STATE",
    ],
    ids=["address", "query", "bare"],
)
async def test_pasted_address_logs_in(line: str, tmp_path: Path) -> None:
    """The whole address, its query, or that without the question mark."""
    person = Pasting(line)
    async with played() as mixpanel, client_at(at_home(tmp_path), mixpanel.url, person) as client:
        answer(await client.call_tool("accounts_login", {"name": "me", "open_browser": False}))
    assert [form["code"] for form in mixpanel.forms()] == ["THECODE"]


@pytest.mark.parametrize(
    ("tool", "arguments"), [("accounts_login", {"name": "me"}), ("login", {"name": "new"})]
)
async def test_project_of_another_region_stores_nothing(
    tool: str, arguments: dict[str, str], tmp_path: Path
) -> None:
    """The login was for us, and the only project lives in eu."""
    async with (
        played() as mixpanel,
        client_at(at_home(tmp_path), mixpanel.url, Allowing()) as client,
    ):
        mixpanel.me = me_of("11", domain="eu.mixpanel.com")
        result = await client.call_tool(tool, arguments)
    details = {"field": "region", "project_id": "11", "region": "eu"}
    assert failure(result) == ("CONFIG_ERROR", details)
    assert files_in(tmp_path) == {CONFIG, CLIENT}
    assert (tmp_path / CONFIG).read_text() == BROWSER_ACCOUNT


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("accounts_login", {"name": "me"}, "OAUTH_TOKEN_ERROR"),
        ("login", {"name": "me"}, "SERVER_ERROR"),
        ("login", {"name": "new"}, "SERVER_ERROR"),
    ],
)
async def test_login_whose_user_is_not_told_stores_nothing(
    tool: str, arguments: dict[str, str], code: str, tmp_path: Path
) -> None:
    """What was logged in before stays as it was."""
    kept = lay(tokens_at(at_home(tmp_path)), {"older": "tokens"}).read_text()
    async with (
        played() as mixpanel,
        client_at(tmp_path, mixpanel.url, Allowing()) as client,
    ):
        mixpanel.me = {"status": 500, "body": {"error": "down"}}
        result = await client.call_tool(tool, arguments)
    assert failure(result)[0] == code
    assert tokens_at(tmp_path).read_text() == kept
    assert files_in(tmp_path) == {CONFIG, CLIENT, ".mp/accounts/me/tokens.json"}


async def test_broken_account_is_told_before_anybody_logs_in(tmp_path: Path) -> None:
    """The config file could not be written afterwards, so no page is opened for it."""
    lay(tmp_path / CONFIG, BROWSER_ACCOUNT + '\n[accounts.broken]\ntype = "oauth_browser"\n')
    person = Allowing()
    async with played() as mixpanel, client_at(tmp_path, mixpanel.url, person) as client:
        result = await client.call_tool("login", {"name": "me"})
    assert failure(result) == ("CONFIG_ERROR", {"account": "account broken"})
    assert (person.opened, files_in(tmp_path)) == ([], {CONFIG})


async def test_login_without_a_browser_tells_the_address(tmp_path: Path) -> None:
    """Where no browser opens, the error has the page, and says how to log in instead."""

    class Without(Allowing):
        async def open(self, url: str) -> bool:
            return False

    async with (
        played() as mixpanel,
        client_at(at_home(tmp_path), mixpanel.url, Without()) as client,
    ):
        result = await client.call_tool("accounts_login", {"name": "me"})
    code, details = failure(result)
    assert code == "OAUTH_BROWSER_ERROR"
    page = mixpanel.url.replace("{host}", "mixpanel.com/oauth/authorize/?response_type=code")
    assert details["authorize_url"].startswith(f"{page}&client_id=CLIENT&")
    assert "from a terminal" in message(result)
