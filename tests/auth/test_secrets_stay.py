"""No secret leaves in an answer, an error, a log or on a terminal, whatever fails."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from login_clients import BROWSER_ACCOUNT, lay, logged_in, tokens_for
from login_ports import login_ports
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from played_mixpanel import Answer, Mixpanel, played
from processes import environment, warm
from recorder import Recorded
from terminals import browser

from mixpanel_mcp.failures import failed
from mixpanel_mcp.secrets import Masker
from mixpanel_mcp_core.errors import MixpanelError

pytestmark = pytest.mark.anyio

SERVICE, INLINE, ENV_TOKEN = "service-secret-1", "inline-token-2", "environment-token-3"
BRIDGED, HEADER, ARGUMENT = "bridged-secret-4", "header-value-5", "argument-secret-6"
OLD, NEW = ("old-access-token", "old-refresh-token"), ("new-access-7", "new-refresh-8")
CODE = "code-of-the-login-9"
PAIRS = [b64encode(f"sa.user:{each}".encode()).decode() for each in (SERVICE, BRIDGED, ARGUMENT)]
SECRETS = [CODE, SERVICE, INLINE, ENV_TOKEN, BRIDGED, HEADER, ARGUMENT, *OLD, *NEW, *PAIRS]

CONFIG = f"""\
{BROWSER_ACCOUNT}default_project = "11"

[accounts.team]
type = "service_account"
region = "us"
default_project = "11"
username = "sa.user"
secret = "{SERVICE}"

[accounts.inline]
type = "oauth_token"
region = "us"
default_project = "11"
token = "{INLINE}"

[accounts.pointer]
type = "oauth_token"
region = "us"
default_project = "11"
token_env = "CI_TOKEN"
"""
FRESH = {
    "access_token": NEW[0],
    "refresh_token": NEW[1],
    "expires_in": 3600,
    "token_type": "Bearer",
}

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("accounts_list", {}),
    ("accounts_add", {"name": "x", "type": "service_account", "secret": ARGUMENT}),
    ("accounts_update", {"name": "team", "secret_env": "NEW_SECRET"}),
    ("accounts_update", {"name": "team", "token_env": "CI_TOKEN"}),
    ("accounts_token", {"name": "inline", "token": ARGUMENT}),
    ("explain_session", {}),
    ("events", {}),
    ("events", {"target": "me/"}),
    ("events", {"target": "team/"}),
    ("events", {"target": "inline/"}),
    ("events", {"target": "pointer/"}),
    ("accounts_test", {"name": "team"}),
    ("accounts_test", {"name": "inline"}),
    ("accounts_test", {"name": "me"}),
    ("accounts_login", {"name": "me"}),
    ("accounts_logout", {"name": "me"}),
    ("login", {"name": "team", "account_type": "service_account"}),
    ("login", {"name": "new", "account_type": "oauth_token", "token_env": "CI_TOKEN"}),
    ("accounts_export_bridge", {"to": "~/out/bridge.json", "account": "team"}),
    ("bridge_show", {}),
]


def furnished(home: Path) -> dict[str, str]:
    """A home with a secret of every kind, an expired login among them."""
    logged_in(home, tokens_for(-1))
    lay(home / ".mp/config.toml", CONFIG)
    account = {"name": "courier", "type": "service_account", "region": "us"}
    account |= {"username": "sa.user", "secret": BRIDGED}
    bridge = {"version": 2, "account": account, "project": "11"}
    lay(home / ".claude/mixpanel/auth.json", bridge)
    header = {"MP_CUSTOM_HEADER_NAME": "X-Cluster", "MP_CUSTOM_HEADER_VALUE": HEADER}
    return {"HOME": str(home), "CI_TOKEN": ENV_TOKEN, "NEW_SECRET": SERVICE, **header}


def echoing(mixpanel: Mixpanel, status: int) -> None:
    """Mixpanel refuses every call, and its body has all that came, in places that get cut."""
    good = mixpanel.answer

    async def answer(request: Recorded) -> Answer:
        if request.path.endswith("/authorize/"):
            back = urlencode({"code": CODE, "state": request.query["state"]})
            place = f"{request.query['redirect_uri']}?{back}"
            return {"status": 302, "text": "", "headers": {"location": place}}
        if "/oauth/" in request.path:
            return await good(request)
        came = " ".join(request.headers.values())
        bare = came.replace("Bearer ", "").replace("Basic ", "")
        body = {"error": f"{came} {bare}", "request": "x" * (960 - 2 * len(came)) + bare}
        return {"status": status, "body": body}

    mixpanel.token = {"status": 200, "body": FRESH}
    mixpanel.recorder.answer = answer


def assert_kept(told: str, more: list[str]) -> None:
    """None of the secrets, nor half of one, is in what was told."""
    for secret in [*SECRETS, *more]:
        assert secret not in told
        assert secret[: len(secret) * 2 // 3] not in told, secret


@pytest.mark.parametrize("status", [400, 500])
async def test_server_tells_no_secret(status: int, tmp_path: Path) -> None:
    """Logging everything, through answers and failures, against a Mixpanel that echoes."""
    environ = {**furnished(tmp_path), **browser("visit")}
    log = tmp_path / "stderr"
    told: list[str] = []
    async with played() as mixpanel:
        echoing(mixpanel, status)
        env = environment({**environ, "MP_API_BASE_URL": mixpanel.url, **debugging()})
        server = StdioServerParameters(
            command=warm()[0], args=[*warm()[1:], "serve", "--toolsets", "all"], env=env
        )
        with log.open("w") as errlog, login_ports():
            async with Client(stdio_client(server, errlog=errlog)) as client:
                for tool, arguments in CALLS:
                    result = await asyncio.wait_for(client.call_tool(tool, arguments), 20)
                    told.append(result.model_dump_json())
        log_text = log.read_text("utf-8")
    verifiers = [form["code_verifier"] for form in mixpanel.forms() if "code" in form]
    assert len(verifiers) == 1
    assert f"Bearer {NEW[0]}" in mixpanel.bearers()
    assert "call failed" in log_text
    for text in [*told, log_text]:
        assert_kept(text, verifiers)


COMMANDS: list[tuple[list[str], bytes]] = [
    (["accounts", "add", "x", "--type", "service_account", "--region", "us"], b""),
    (["accounts", "test", "inline"], b""),
    (["login", "y", "--service-account", "--secret-stdin"], ARGUMENT.encode()),
    (["call", "accounts_token", "name=me", f"token={ARGUMENT}"], b""),
]


async def test_command_line_prints_no_secret(tmp_path: Path) -> None:
    """Commands that fail, or tell why an account does not work, against the same Mixpanel."""
    environ = {**furnished(tmp_path), **debugging(), "MP_USERNAME": "sa.user"}
    async with played() as mixpanel:
        echoing(mixpanel, 403)
        env = environment({**environ, "MP_API_BASE_URL": mixpanel.url})
        for words, typed in COMMANDS:
            process = await asyncio.create_subprocess_exec(
                *warm(),
                *words,
                env=env,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            out, err = await asyncio.wait_for(process.communicate(typed), 30)
            assert_kept((out + err).decode(), [])
            assert b"Traceback" not in err
    sent = [b64encode(f"sa.user:{ARGUMENT}".encode()).decode(), INLINE]
    assert {each.split(" ")[1] for each in mixpanel.bearers()} == set(sent)


@pytest.mark.parametrize("before", [985, 990, 995, 3990])
def test_secret_is_not_cut_before_it_is_masked(before: int) -> None:
    """Long bodies and messages are shortened, and the half of a secret would not be known."""
    long = "x" * before + SERVICE
    error = MixpanelError(long, details={"response_body": long})
    result = failed(error, Masker({"MP_SECRET": SERVICE}))
    assert SERVICE[:4] not in result.model_dump_json()


def debugging() -> Mapping[str, str]:
    """Everything that libraries log too."""
    return {"MIXPANEL_MCP_LOG_LEVEL": "debug"}
