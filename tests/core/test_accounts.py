"""Accounts: what they refuse, how they are stored, how they authorise, what they never show."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from own_home import home_in
from pydantic import SecretStr

from mixpanel_mcp_core.auth.accounts import (
    Account,
    OAuthBrowser,
    OAuthToken,
    ServiceAccount,
    account_of,
    record_of,
    secrets_of,
)
from mixpanel_mcp_core.auth.bearer import Bearers
from mixpanel_mcp_core.errors import ConfigError, OAuthError

SERVICE = {
    "type": "service_account",
    "name": "team",
    "region": "us",
    "username": "sa.user",
    "secret": "sekret",
}
BROWSER = {"type": "oauth_browser", "name": "me", "region": "in"}
TOKEN = {"type": "oauth_token", "name": "ci", "region": "eu", "token": "sekret"}
POINTER = {"type": "oauth_token", "name": "ci", "region": "eu", "token_env": "CI_TOKEN"}
KINDS = [SERVICE, BROWSER, TOKEN, POINTER]


def account(record: Mapping[str, Any]) -> Account:
    """The account of a record."""
    return account_of(record, "account team")


def bearers(home: Path, environ: Mapping[str, str], learned: list[str] | None = None) -> Bearers:
    """What authorises the accounts of a home under this environment."""
    own, told = home_in(home), [] if learned is None else learned
    return Bearers(own.places, environ, own.login_server, own.clock, told.append)


@pytest.mark.parametrize("record", KINDS, ids=["service", "browser", "token", "pointer"])
@pytest.mark.parametrize("project", [{}, {"default_project": "0123"}], ids=["bare", "project"])
def test_an_account_is_stored_as_it_was_read(
    record: Mapping[str, Any], project: Mapping[str, str]
) -> None:
    """Every kind, its secrets in clear; the name is the block's key, and a field of the bridge."""
    read = account({**record, **project})
    assert record_of(read, named=True) == {**record, **project}
    assert "name" not in record_of(read)


@pytest.mark.parametrize(
    ("record", "keys"),
    [
        (SERVICE, ["type", "region", "default_project", "username", "secret"]),
        (BROWSER, ["type", "region", "default_project"]),
        (TOKEN, ["type", "region", "default_project", "token"]),
        (POINTER, ["type", "region", "default_project", "token_env"]),
    ],
)
def test_the_keys_of_a_block_have_an_order(record: Mapping[str, Any], keys: list[str]) -> None:
    """The documented one, whatever the order in which they came."""
    shuffled = {
        "default_project": "1",
        **{key: record[key] for key in sorted(record, reverse=True)},
    }
    assert list(record_of(account(shuffled))) == keys


@pytest.mark.parametrize(
    ("record", "kind"), [(SERVICE, ServiceAccount), (BROWSER, OAuthBrowser), (TOKEN, OAuthToken)]
)
def test_the_type_decides_the_kind(record: Mapping[str, Any], kind: type) -> None:
    """Whose fields are the only ones allowed."""
    assert type(account(record)) is kind


@pytest.mark.parametrize(
    ("record", "complaint"),
    [
        ({**SERVICE, "name": ""}, "name: String should match"),
        ({**SERVICE, "name": "a b"}, "name: String should match"),
        ({**SERVICE, "name": "team\n"}, "name: String should match"),
        ({**SERVICE, "name": "../../etc"}, "name: String should match"),
        ({**SERVICE, "name": "x" * 65}, "name: String should match"),
        ({**SERVICE, "region": "EU"}, "region: Input should be 'us', 'eu' or 'in'"),
        ({**SERVICE, "region": None}, "region: Input should be 'us', 'eu' or 'in'"),
        ({**SERVICE, "username": ""}, "username: String should have at least 1 character"),
        ({**SERVICE, "secret": None}, "secret: Input should be a valid string"),
        ({**SERVICE, "secret": 7}, "secret: Input should be a valid string"),
        ({**SERVICE, "default_project": 12345}, "default_project: Input should be a valid string"),
        ({**SERVICE, "default_project": ""}, "default_project: String should match"),
        ({**SERVICE, "default_project": "12a"}, "default_project: String should match"),
        ({**SERVICE, "default_project": "٤٢"}, "default_project: String should match"),
        ({**SERVICE, "default_project": "12\n"}, "default_project: String should match"),
        ({**SERVICE, "password": "sekret"}, "password: Extra inputs are not permitted"),
        ({**SERVICE, "token": "sekret"}, "token: Extra inputs are not permitted"),
        ({**BROWSER, "secret": "sekret"}, "secret: Extra inputs are not permitted"),
        ({**TOKEN, "username": "x"}, "username: Extra inputs are not permitted"),
        ({**TOKEN, **POINTER}, "Value error, give either token or token_env"),
        ({**TOKEN, "token": None}, "Value error, give either token or token_env"),
        ({**SERVICE, "type": "robot"}, "Input tag 'robot' found using 'type' does not match"),
        ({"name": "team", "secret": "sekret"}, "Unable to extract tag using discriminator 'type'"),
    ],
)
def test_an_account_refuses_what_does_not_fit(record: Mapping[str, Any], complaint: str) -> None:
    """Field and reason are told, and no secret of the record is."""
    with pytest.raises(ConfigError) as caught:
        account(record)
    assert caught.value.message.startswith(f"account team: {complaint}")
    assert caught.value.details == {"account": "account team"}
    assert "sekret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_everything_that_does_not_fit_is_told_at_once() -> None:
    """So that a file is put right in one go."""
    with pytest.raises(ConfigError, match=r"region: .*; secret: .*; colour: "):
        account({**SERVICE, "region": "uk", "secret": 3, "colour": "red"})


def test_accounts_do_not_change() -> None:
    """What a session was opened with stays what it is."""
    with pytest.raises(ValueError, match="frozen"):
        account(SERVICE).region = "eu"


@pytest.mark.parametrize("record", [SERVICE, TOKEN], ids=["service", "token"])
def test_secrets_never_show(record: Mapping[str, Any]) -> None:
    """Not in a repr, a text or a dump; who must hide them gets them."""
    read = account(record)
    shown = [read, str(read), read.model_dump(), read.model_dump(mode="json")]
    assert "sekret" not in repr([*shown, read.model_dump_json()])
    assert secrets_of(read) == ["sekret"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("secret", "pair"),
    [
        ("hunter2", b"sa.user:hunter2"),
        ("pass:word", b"sa.user:pass:word"),
        ("ключ", "sa.user:ключ".encode()),
        ("\udcff", b"sa.user:\xff"),
    ],
    ids=["plain", "colon", "other script", "not UTF-8"],
)
async def test_a_service_account_authorises_with_its_pair(
    tmp_path: Path, secret: str, pair: bytes
) -> None:
    """Basic, over UTF-8; bytes of the environment that are none go out as they came in."""
    own = ServiceAccount(name="team", region="us", username="sa.user", secret=SecretStr(secret))
    scheme, encoded = (await bearers(tmp_path, {}).authorization(own)).split(" ")
    assert (scheme, base64.b64decode(encoded)) == ("Basic", pair)


@pytest.mark.anyio
async def test_a_token_in_the_environment_is_read_for_every_request(tmp_path: Path) -> None:
    """A rotated token is picked up at once, and hidden from then on."""
    environ, learned = {"CI_TOKEN": "older"}, list[str]()
    own = bearers(tmp_path, environ, learned)
    assert await own.authorization(account(POINTER)) == "Bearer older"
    environ["CI_TOKEN"] = "newer"
    assert await own.authorization(account(POINTER)) == "Bearer newer"
    assert await own.authorization(account(TOKEN)) == "Bearer sekret"
    assert learned == ["older", "newer", "sekret"]


@pytest.mark.anyio
@pytest.mark.parametrize("environ", [{}, {"CI_TOKEN": ""}])
async def test_a_variable_without_a_token_is_named(tmp_path: Path, environ: dict[str, str]) -> None:
    """Under the documented code and details."""
    with pytest.raises(OAuthError, match="CI_TOKEN holds no token") as caught:
        await bearers(tmp_path, environ).authorization(account(POINTER))
    assert caught.value.code == "OAUTH_TOKEN_ERROR"
    assert caught.value.details == {"account_name": "ci", "env_var": "CI_TOKEN"}


@pytest.mark.anyio
@pytest.mark.parametrize(
    "text", ["sekret\n", "sekret\r\nX-Other: 1", " sekret", "se kret", "sékret", "sekret\x7f"]
)
async def test_a_token_that_no_header_can_carry_is_refused_unseen(
    tmp_path: Path, text: str
) -> None:
    """The account is named and the token is not shown, as the HTTP library would."""
    for record in ({**TOKEN, "token": text}, POINTER):
        with pytest.raises(OAuthError) as caught:
            await bearers(tmp_path, {"CI_TOKEN": text}).authorization(account(record))
        assert "account ci" in caught.value.message
        assert "kret" not in caught.value.message
        assert caught.value.details == {"account_name": "ci"}
