"""Account, project and workspace from the environment: the truth table, and its errors."""

from typing import Any

import pytest
from pydantic import SecretStr

from mixpanel_mcp_core.auth.accounts import Account, OAuthToken, ServiceAccount
from mixpanel_mcp_core.auth.resolve import Scope, resolve
from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_core.regions import Region

PAIR = {"MP_USERNAME": "sa.user", "MP_SECRET": "sekret-1"}
TOKEN = {"MP_OAUTH_TOKEN": "sekret-2"}
PLACE = {"MP_PROJECT_ID": "42", "MP_REGION": "us"}
ALL = {**PAIR, **TOKEN, **PLACE}


def service_account(region: Region = "us") -> Account:
    """The account that a pair of user name and secret makes."""
    secret = SecretStr("sekret-1")
    return ServiceAccount(
        name="env-service-account", region=region, username="sa.user", secret=secret
    )


def token_account(region: Region = "us") -> Account:
    """The account that a token makes."""
    return OAuthToken(name="env-oauth-token", region=region, token=SecretStr("sekret-2"))


@pytest.mark.parametrize(
    ("environ", "scope"),
    [
        ({**PAIR, **PLACE}, Scope(service_account(), "42")),
        ({**PAIR, **PLACE, "MP_REGION": "eu"}, Scope(service_account("eu"), "42")),
        ({**TOKEN, **PLACE}, Scope(token_account(), "42")),
        ({**TOKEN, **PLACE, "MP_REGION": "in"}, Scope(token_account("in"), "42")),
        (ALL, Scope(service_account(), "42")),
        ({**ALL, "MP_SECRET": ""}, Scope(token_account(), "42")),
        ({**ALL, "MP_USERNAME": ""}, Scope(token_account(), "42")),
        ({**PAIR, **PLACE, "MP_OAUTH_TOKEN": ""}, Scope(service_account(), "42")),
        ({**PAIR, **PLACE, "MP_PROJECT_ID": "0042"}, Scope(service_account(), "0042")),
        ({**PAIR, **PLACE, "MP_WORKSPACE_ID": "9"}, Scope(service_account(), "42", 9)),
        ({**PAIR, **PLACE, "MP_WORKSPACE_ID": " 9 "}, Scope(service_account(), "42", 9)),
        ({**PAIR, **PLACE, "MP_WORKSPACE_ID": ""}, Scope(service_account(), "42")),
    ],
    ids=[
        "quad",
        "quad in eu",
        "triple",
        "triple in in",
        "quad before triple",
        "user name and triple",
        "secret and triple",
        "quad and empty token",
        "project with zeros",
        "workspace",
        "workspace with spaces",
        "empty workspace",
    ],
)
def test_the_environment_makes_a_scope(environ: dict[str, str], scope: Scope) -> None:
    """A complete set of variables makes an account, a project, perhaps a workspace."""
    assert resolve(environ) == scope


@pytest.mark.parametrize(
    "environ",
    [
        {},
        PLACE,
        {"MP_PROJECT_ID": "42"},
        {"MP_REGION": "eu"},
        {"MP_WORKSPACE_ID": "9"},
        dict.fromkeys(ALL, ""),
        {"MP_API_BASE_URL": "http://gate", "HOME": "/root"},
    ],
    ids=["nothing", "place", "project", "region", "workspace", "empty values", "others"],
)
def test_without_credentials_there_is_no_scope(environ: dict[str, str]) -> None:
    """A project or region on its own is not yet an account; that is no error here."""
    assert resolve(environ) is None


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({"MP_USERNAME": "sa.user"}, ["MP_SECRET"]),
        ({"MP_SECRET": "sekret-1", **PLACE}, ["MP_USERNAME"]),
        (PAIR, ["MP_PROJECT_ID", "MP_REGION"]),
        ({**PAIR, "MP_REGION": "us"}, ["MP_PROJECT_ID"]),
        ({**PAIR, "MP_PROJECT_ID": "42"}, ["MP_REGION"]),
        ({**PAIR, **PLACE, "MP_REGION": ""}, ["MP_REGION"]),
        (TOKEN, ["MP_PROJECT_ID", "MP_REGION"]),
        ({**TOKEN, "MP_REGION": "us"}, ["MP_PROJECT_ID"]),
        ({**TOKEN, "MP_PROJECT_ID": "42", "MP_USERNAME": "sa.user"}, ["MP_REGION"]),
    ],
)
def test_incomplete_credentials_name_what_is_there_and_what_is_missing(
    environ: dict[str, str], missing: list[str]
) -> None:
    """Half a set is a mistake to tell, not a reason to answer from somewhere else."""
    with pytest.raises(ConfigError) as caught:
        resolve(environ)
    order = ["MP_USERNAME", "MP_SECRET", "MP_OAUTH_TOKEN", "MP_PROJECT_ID", "MP_REGION"]
    found = [name for name in order if environ.get(name)]
    assert caught.value.details == {"found": found, "missing": missing}
    assert all(name in caught.value.message for name in [*found, *missing])
    assert "sekret" not in repr(caught.value.to_dict())


@pytest.mark.parametrize(
    ("region", "near"),
    [("EU", "eu"), ("uk", "us"), ("IN", "in"), ("usa", "us"), ("India", "in"), ("xyz", None)],
)
@pytest.mark.parametrize("environ", [{}, PAIR, ALL], ids=["alone", "incomplete", "complete"])
def test_a_wrong_region_is_refused_with_the_nearest(
    environ: dict[str, str], region: str, near: str | None
) -> None:
    """Case matters, and it is told even where no credentials are."""
    with pytest.raises(ConfigError) as caught:
        resolve({**environ, "MP_REGION": region})
    assert caught.value.to_dict() == {
        "type": "ConfigError",
        "code": "CONFIG_ERROR",
        "message": f"MP_REGION is {region!r}; it must be one of us, eu, in."
        + (f" Did you mean {near!r}?" if near else ""),
        "details": {"env_var": "MP_REGION", "value": region, "allowed": ["us", "eu", "in"]},
    }


@pytest.mark.parametrize("project", ["abc", "-1", "4 2", " 42", "4.2", "٤٢", "²", "0x1F"])
@pytest.mark.parametrize("environ", [{}, ALL], ids=["alone", "complete"])
def test_a_project_id_has_digits_only(environ: dict[str, str], project: str) -> None:
    """Digits of other scripts are no digits here."""
    with pytest.raises(ConfigError, match="a project id has digits only") as caught:
        resolve({**environ, "MP_PROJECT_ID": project})
    assert caught.value.details == {"env_var": "MP_PROJECT_ID", "value": project}


@pytest.mark.parametrize("workspace", ["0", "-9", "+9", "9.0", "nine", "٩", " ", "1_0", "9" * 5000])
@pytest.mark.parametrize("environ", [{}, ALL], ids=["alone", "complete"])
def test_a_workspace_id_is_a_positive_whole_number(environ: dict[str, str], workspace: str) -> None:
    """White space around it is forgiven, nothing else."""
    with pytest.raises(ConfigError, match="a positive whole number") as caught:
        resolve({**environ, "MP_WORKSPACE_ID": workspace})
    assert caught.value.details == {"env_var": "MP_WORKSPACE_ID", "value": workspace}


@pytest.mark.parametrize("environ", [{**PAIR, **PLACE}, {**TOKEN, **PLACE}])
def test_secrets_never_show(environ: dict[str, str]) -> None:
    """Not in a repr, a text or a dump of what was resolved."""
    scope = resolve(environ)
    assert scope is not None
    account = scope.account
    forms: list[Any] = [repr(scope), str(account), account.model_dump(), account.model_dump_json()]
    assert "sekret" not in repr(forms)
    assert "**********" in account.model_dump_json()
