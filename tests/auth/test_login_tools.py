"""Accounts and logins by tool call: a real client of a real server, the sandbox's login server."""

import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from job_client import own_demo
from login_clients import answer, client_at, failure, lay, message
from login_ports import login_ports
from mcp import Client
from mcp.types import CallToolResult
from people import Allowing
from played_mixpanel import me_of, played
from processes import over_http, over_stdio
from served import served
from terminals import browser

pytestmark = pytest.mark.anyio

ACCOUNTS = """\
[active]
account = "ci"
workspace = 77

[accounts.ci]
type = "oauth_token"
region = "us"
default_project = "222"
token = "token-of-ci"

[accounts.team]
type = "oauth_token"
region = "us"
default_project = "12"
token = "token-of-team"

[accounts.bare]
type = "oauth_token"
region = "us"
token = "token-of-bare"

[targets.ecom]
account = "team"
project = "333"
workspace = 44
"""
SECRET = "typed-as-an-argument"


@pytest.fixture(scope="module")
def mixpanel() -> Iterator[str]:
    """The sandbox with its login server."""
    with served("empty") as sandbox:
        yield sandbox.at("{host}")


@asynccontextmanager
async def over(home: Path, url: str, *arguments: str, **environ: str) -> AsyncGenerator[Client]:
    """A client of a server process in this home."""
    env = {"HOME": str(home), "MP_API_BASE_URL": url, **environ}
    async with over_stdio(arguments, env=env) as client:
        yield client


def text(result: CallToolResult) -> str:
    """What a model reads."""
    return "".join(str(getattr(block, "text", "")) for block in result.content)


async def test_accounts_are_added_logged_in_and_asked(mixpanel: str, tmp_path: Path) -> None:
    """A browser account and a service account, each asked by name, tested, chosen, revealed."""
    environ = {**browser("allow"), "SANDBOX_SECRET": "sandbox"}
    options = ["--toolsets", "all", "--sandbox", "off"]
    with login_ports():
        async with over(tmp_path, mixpanel, *options, **environ) as client:

            async def good(tool: str, **arguments: Any) -> str:
                result = await client.call_tool(tool, arguments)
                assert not result.is_error, text(result)
                return text(result)

            await good("accounts_add", name="me", type="oauth_browser")
            assert "me" in await good("accounts_login", name="me")
            assert "account me · project 1" in await good("list_workspaces", target="me/1")
            await good(
                "accounts_add",
                name="team",
                type="service_account",
                region="us",
                username="sandbox",
                secret_env="SANDBOX_SECRET",
            )
            assert "account team · project 1" in await good("list_workspaces", target="team/1")
            assert '"ok":true' in (await good("accounts_test", name="team")).replace(" ", "")
            await good("accounts_use", name="team")
            assert json.loads((await good("session_show")).splitlines()[-1])["account"] == "team"
            stored = tmp_path / ".mp/accounts/me/tokens.json"
            token = json.loads(stored.read_text("utf-8"))["access_token"]
            assert token in await good("accounts_token", name="me")


async def test_token_is_revealed_only_where_it_was_listed(mixpanel: str, tmp_path: Path) -> None:
    """Neither a read through the catalogue nor a write answers with a credential."""
    lay(tmp_path / ".mp/config.toml", ACCOUNTS)
    async with over(tmp_path, mixpanel) as client:
        assert "accounts_token" not in [tool.name for tool in (await client.list_tools()).tools]
        for runner in ("run_read_operation", "run_write_operation"):
            result = await client.call_tool(runner, {"operation": "accounts_token"})
            assert failure(result)[0] == "NOT_PERMITTED"
            assert "token-of" not in text(result)


async def test_secret_as_an_argument_is_refused_unseen(tmp_path: Path) -> None:
    """It is not echoed, and the error says how to give it; nothing is stored."""
    add = {"name": "x", "type": "service_account", "region": "us", "username": "u"}
    async with client_at(tmp_path, "http://127.0.0.1:1/{host}") as client:
        typed = await client.call_tool("accounts_add", {**add, "secret": SECRET})
        silent = await client.call_tool("accounts_add", add)
    assert (failure(typed)[0], SECRET in typed.model_dump_json()) == ("INVALID_INPUT", False)
    assert "secrets are never taken as arguments" in message(typed)
    command = "mixpanel-mcp accounts add x --type service_account --region us --username u"
    details = {"field": "secret_env", "command": command}
    assert failure(silent) == ("CONFIG_ERROR", details)
    assert not (tmp_path / ".mp").exists()


PLACES: dict[str, tuple[str, tuple[str, str, int | None]]] = {
    "saved": ("ecom", ("token-of-team", "333", 44)),
    "account and project": ("team/9", ("token-of-team", "9", 77)),
    "account": ("team/", ("token-of-team", "12", 77)),
    "project": ("/9", ("token-of-ci", "9", None)),
    "workspace": ("//8", ("token-of-ci", "222", 8)),
    "all three": ("team/9/8", ("token-of-team", "9", 8)),
}


@pytest.mark.parametrize(("target", "place"), PLACES.values(), ids=PLACES)
async def test_target_sends_one_call_elsewhere(
    target: str, place: tuple[str, str, int | None], tmp_path: Path
) -> None:
    """Account, project and workspace of the request are the target's; the next call is back."""
    lay(tmp_path / ".mp/config.toml", ACCOUNTS)
    async with played() as mixpanel, client_at(tmp_path, mixpanel.url) as client:
        answer(await client.call_tool("events", {"target": target}))
        answer(await client.call_tool("events", {}))
    went = [
        (
            each.headers["authorization"].removeprefix("Bearer "),
            each.query["project_id"],
            int(each.query["workspace_id"]) if "workspace_id" in each.query else None,
        )
        for each in mixpanel.recorder.requests
    ]
    assert went == [place, ("token-of-ci", "222", 77)]


REFUSED: dict[str, tuple[str, dict[str, str], dict[str, Any]]] = {
    "unknown": ("ecm", {}, {"target": "ecm", "allowed": ["ecom"], "nearest": "ecom"}),
    "digits only": ("333", {}, {"field": "target", "allowed": ["ecom"]}),
    "unknown account": (
        "teem/1",
        {},
        {"account": "teem", "allowed": ["bare", "ci", "team"], "nearest": "team"},
    ),
    "no project": ("/abc", {}, {"field": "project", "value": "abc"}),
    "no workspace": ("//x", {}, {"field": "target", "value": "//x"}),
    "too many parts": ("a/1/2/3", {}, {"field": "target", "value": "a/1/2/3"}),
    "kept by a variable": (
        "ecom",
        {"MP_PROJECT_ID": "5"},
        {"field": "target", "asked": "333", "kept": "5", "env_var": "MP_PROJECT_ID"},
    ),
    "kept by credentials": (
        "team/5",
        {"MP_OAUTH_TOKEN": "t-o-k-e-n", "MP_PROJECT_ID": "5", "MP_REGION": "us"},
        {
            "field": "target",
            "asked": "team",
            "kept": "env-oauth-token",
            "env_var": "MP_OAUTH_TOKEN",
        },
    ),
}


@pytest.mark.parametrize(("target", "environ", "details"), REFUSED.values(), ids=REFUSED)
async def test_target_that_leads_nowhere_is_refused(
    target: str, environ: Mapping[str, str], details: dict[str, Any], tmp_path: Path
) -> None:
    """Before anything is sent, with what there is."""
    lay(tmp_path / ".mp/config.toml", ACCOUNTS)
    async with played() as mixpanel, client_at(tmp_path, mixpanel.url, environ=environ) as client:
        result = await client.call_tool("events", {"target": target})
    assert (failure(result), mixpanel.asked) == (("CONFIG_ERROR", details), [])


async def test_sandbox_is_a_place_beside_real_accounts(tmp_path: Path) -> None:
    """Asked for by name it answers, and nothing leaves."""
    lay(tmp_path / ".mp/config.toml", ACCOUNTS)
    with own_demo():
        async with played() as mixpanel, client_at(tmp_path, mixpanel.url) as client:
            result = await client.call_tool("list_workspaces", {"target": "sandbox"})
    assert "account sandbox · project 1" in text(result) or '"sandbox":true' in text(result)
    assert mixpanel.asked == []


async def test_switch_lasts_until_the_next(tmp_path: Path) -> None:
    """A target, another project, another account: each call goes where the switch said."""
    lay(tmp_path / ".mp/config.toml", ACCOUNTS)
    before = (tmp_path / ".mp/config.toml").read_text()
    async with played() as mixpanel, client_at(tmp_path, mixpanel.url) as client:
        for where in ({"target": "ecom"}, {"project": "9"}, {"account": "ci"}):
            answer(await client.call_tool("session_switch", where))
            answer(await client.call_tool("events", {}))
        refused = await client.call_tool("session_switch", {"account": "bare"})
        stayed = answer(await client.call_tool("explain_session", {}))
    went = [
        (each.query["project_id"], each.query.get("workspace_id"))
        for each in mixpanel.recorder.requests
    ]
    assert went == [("333", "44"), ("9", None), ("222", None)]
    assert stayed[0]["value"] == "ci (oauth_token)"
    assert failure(refused) == ("CONFIG_ERROR", {"account_name": "bare"})
    assert (tmp_path / ".mp/config.toml").read_text() == before


async def test_server_of_several_clients_stays_where_it_is(tmp_path: Path) -> None:
    """Over HTTP no client switches or changes the accounts that all of them ask with."""
    lay(tmp_path / ".mp/config.toml", ACCOUNTS)
    changes: dict[str, dict[str, Any]] = {
        "session_switch": {"project": "9"},
        "session_use": {"project": "9"},
        "accounts_use": {"name": "team"},
        "accounts_remove": {"name": "bare"},
        "accounts_export_bridge": {"to": "~/bridge.json"},
        "targets_add": {"name": "x", "account": "team", "project": "9"},
    }
    async with (
        played() as mixpanel,
        over_http([], env={"HOME": str(tmp_path), "MP_API_BASE_URL": mixpanel.url}) as client,
    ):
        await client.call_tool("events", {"target": "team/"})
        assert mixpanel.bearers() == ["Bearer token-of-team"]
        for operation, arguments in changes.items():
            call = {"operation": operation, "arguments": arguments}
            result = await client.call_tool("run_write_operation", call)
            assert failure(result) == ("NOT_PERMITTED", {})
            assert f"{operation} is for whoever runs this server" in message(result)
        read = {"operation": "accounts_list"}
        assert "team" in text(await client.call_tool("run_read_operation", read))
    assert (tmp_path / ".mp/config.toml").read_text() == ACCOUNTS
    assert not (tmp_path / "bridge.json").exists()


@pytest.mark.parametrize("asked", [{}, {"region": "us"}], ids=["probed", "given"])
@pytest.mark.parametrize("token", ["abcdé-token", "abc\nX-Other: token"])
async def test_login_with_a_token_that_no_header_can_carry_sends_nothing(
    tmp_path: Path, token: str, asked: dict[str, str]
) -> None:
    """The reason is told before any region is asked, and the token is not shown."""
    async with (
        played() as mixpanel,
        client_at(tmp_path, mixpanel.url, environ={"MP_OAUTH_TOKEN": token}) as client,
    ):
        result = await client.call_tool("login", asked)
        assert mixpanel.recorder.requests == []
    assert failure(result)[0] == "OAUTH_TOKEN_ERROR"
    assert "characters that no header can carry" in message(result)
    assert token not in str(result)


@pytest.mark.usefixtures("ports")
async def test_login_that_sees_several_projects_names_them(tmp_path: Path) -> None:
    """Nobody can be asked: the error has the choices, and nothing is stored."""
    async with played() as mixpanel, client_at(tmp_path, mixpanel.url, Allowing()) as client:
        mixpanel.me = me_of("12", "7")
        result = await client.call_tool("login", {"name": "new"})
        assert failure(result) == ("CONFIG_ERROR", {"field": "project", "allowed": ["12", "7"]})
        assert "12 (Project 12), 7 (Project 7)" in message(result)
        assert not (tmp_path / ".mp/config.toml").exists()
        chosen = answer(await client.call_tool("login", {"name": "new", "project": "7"}))
    assert (chosen["project_id"], chosen["project_name"]) == ("7", "Project 7")


@pytest.mark.usefixtures("ports")
@pytest.mark.parametrize("tool", ["accounts_login", "login"])
async def test_another_person_sees_only_what_is_theirs(tool: str, tmp_path: Path) -> None:
    """What was known of the one who was logged in before is forgotten."""
    async with played() as mixpanel, client_at(tmp_path, mixpanel.url, Allowing()) as client:
        mixpanel.me = me_of("7", user="ann")
        answer(await client.call_tool("login", {"name": "me"}))
        assert answer(await client.call_tool("me", {}))["user_email"] == "ann@example.com"
        mixpanel.me = me_of("7", user="ben")
        answer(await client.call_tool(tool, {"name": "me"}))
        assert answer(await client.call_tool("me", {}))["user_email"] == "ben@example.com"
