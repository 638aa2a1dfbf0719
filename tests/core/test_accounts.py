"""Accounts: how they authorise a request, what they refuse, what they never show."""

import base64
from typing import Any

import pytest
from pydantic import SecretStr, TypeAdapter, ValidationError

from mixpanel_mcp_core.auth.accounts import Account, OAuthToken, ServiceAccount
from mixpanel_mcp_core.errors import ConfigError

ACCOUNT = TypeAdapter[Any](Account)
SERVICE = {"name": "team", "region": "us", "username": "sa.user", "secret": "sekret"}


def service(secret: str) -> ServiceAccount:
    """A service account with this secret."""
    return ServiceAccount(name="team", region="us", username="sa.user", secret=SecretStr(secret))


def token(text: str) -> OAuthToken:
    """An account with this token."""
    return OAuthToken(name="ci", region="eu", token=SecretStr(text))


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
def test_a_service_account_authorises_with_its_pair(secret: str, pair: bytes) -> None:
    """Basic, over UTF-8; bytes of the environment that are none go out as they came in."""
    scheme, encoded = service(secret).authorization({}).split(" ")
    assert (scheme, base64.b64decode(encoded)) == ("Basic", pair)


def test_a_token_is_a_bearer() -> None:
    """A token of its own is used as it is."""
    assert token("abc.def").authorization({}) == "Bearer abc.def"


def test_a_token_in_the_environment_is_read_for_every_request() -> None:
    """A rotated token is picked up at once."""
    account = OAuthToken(name="ci", region="eu", token_env="CI_TOKEN")
    environ = {"CI_TOKEN": "old"}
    assert account.authorization(environ) == "Bearer old"
    environ["CI_TOKEN"] = "new"
    assert account.authorization(environ) == "Bearer new"


@pytest.mark.parametrize("environ", [{}, {"CI_TOKEN": ""}])
def test_a_variable_without_a_token_is_a_configuration_error(environ: dict[str, str]) -> None:
    """The error names the variable."""
    account = OAuthToken(name="ci", region="eu", token_env="CI_TOKEN")
    with pytest.raises(ConfigError, match="CI_TOKEN holds no token"):
        account.authorization(environ)


@pytest.mark.parametrize(
    "text", ["sekret\n", "sekret\r\nX-Other: 1", " sekret", "se kret", "sékret"]
)
def test_a_token_that_no_header_can_carry_is_refused_unseen(text: str) -> None:
    """The account is named and the token is not shown, as the HTTP library would."""
    with pytest.raises(ConfigError) as caught:
        token(text).authorization({})
    assert "account ci" in caught.value.message
    assert "kret" not in caught.value.message


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": ""}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": "team\n"}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"region": "EU"}, "region"),
        ({"region": None}, "region"),
        ({"username": ""}, "username"),
        ({"secret": None}, "secret"),
        ({"password": "sekret"}, "password"),
    ],
)
def test_an_account_refuses_what_does_not_fit(fields: dict[str, Any], where: str) -> None:
    """The field is named, and no secret of the record is quoted."""
    with pytest.raises(ValidationError) as caught:
        ServiceAccount.model_validate({**SERVICE, **fields})
    assert [each["loc"] for each in caught.value.errors()] == [(where,)]
    assert "sekret" not in str(caught.value)


@pytest.mark.parametrize(
    "source", [{}, {"token": "sekret", "token_env": "CI_TOKEN"}], ids=["none", "both"]
)
def test_a_token_has_exactly_one_source(source: dict[str, str]) -> None:
    """Either the token itself or the name of its variable."""
    with pytest.raises(ValidationError, match="either token or token_env") as caught:
        OAuthToken.model_validate({"name": "ci", "region": "eu", **source})
    assert "sekret" not in str(caught.value)


def test_accounts_do_not_change() -> None:
    """What a session was opened with stays what it is."""
    with pytest.raises(ValidationError, match="frozen"):
        service("a").region = "eu"


@pytest.mark.parametrize("account", [service("sekret"), token("sekret")])
def test_secrets_never_show(account: Account) -> None:
    """Not in a repr, a text or a dump."""
    forms = [repr(account), str(account), account.model_dump(), account.model_dump_json()]
    assert "sekret" not in repr(forms)
