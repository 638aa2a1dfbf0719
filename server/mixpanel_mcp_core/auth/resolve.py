"""Which account, project and workspace a session uses: a pure function of the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import SecretStr

from mixpanel_mcp_core.auth.accounts import Account, OAuthToken, ServiceAccount
from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_core.regions import REGIONS, Region

_PAIR = ("MP_USERNAME", "MP_SECRET")
_SCOPE = ("MP_PROJECT_ID", "MP_REGION")
_POSITIVE = re.compile(r"0*[1-9][0-9]{0,17}")
CREDENTIALS = (*_PAIR, "MP_OAUTH_TOKEN")


@dataclass(frozen=True, slots=True)
class Scope:
    """The account that asks, the project it asks about, and the data view it is pinned to."""

    account: Account
    project_id: str
    workspace_id: int | None = None


def resolve(environ: Mapping[str, str]) -> Scope | None:
    """The scope that the environment describes, or None when it holds no credential at all.

    `MP_USERNAME` and `MP_SECRET` come before `MP_OAUTH_TOKEN`; both need `MP_PROJECT_ID` and
    `MP_REGION`. Raises ConfigError, naming the variables, when they are incomplete or malformed.
    """
    env = {name: value for name, value in environ.items() if value}
    region = _region(env)
    project, workspace = _project(env), _workspace(env)
    account = _account(env, region)
    if account is None or project is None:
        return None
    return Scope(account, project, workspace)


def _account(env: Mapping[str, str], region: Region | None) -> Account | None:
    pair = [name for name in _PAIR if name in env]
    if not pair and "MP_OAUTH_TOKEN" not in env:
        return None
    complete_pair = len(pair) == len(_PAIR)
    if not complete_pair and "MP_OAUTH_TOKEN" not in env:
        raise _incomplete(env, [name for name in _PAIR if name not in env])
    missing = [name for name in _SCOPE if name not in env]
    if missing or region is None:
        raise _incomplete(env, missing)
    if complete_pair:
        return ServiceAccount(
            name="env-service-account",
            region=region,
            username=env["MP_USERNAME"],
            secret=SecretStr(env["MP_SECRET"]),
        )
    return OAuthToken(name="env-oauth-token", region=region, token=SecretStr(env["MP_OAUTH_TOKEN"]))


def _incomplete(env: Mapping[str, str], missing: list[str]) -> ConfigError:
    found = [name for name in (*CREDENTIALS, *_SCOPE) if name in env]
    return ConfigError(
        f"The Mixpanel credentials are incomplete: {', '.join(found)} set, "
        f"{' and '.join(missing)} missing. Set MP_USERNAME, MP_SECRET, MP_PROJECT_ID and MP_REGION "
        "for a service account, or MP_OAUTH_TOKEN, MP_PROJECT_ID and MP_REGION for a token.",
        details={"found": found, "missing": missing},
    )


def _region(env: Mapping[str, str]) -> Region | None:
    value = env.get("MP_REGION")
    if value is None:
        return None
    for region in REGIONS:
        if value == region:
            return region
    near = get_close_matches(value.lower(), REGIONS, n=1, cutoff=0.1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ConfigError(
        f"MP_REGION is {value!r}; it must be one of {', '.join(REGIONS)}.{hint}",
        details={"env_var": "MP_REGION", "value": value, "allowed": list(REGIONS)},
    )


def _project(env: Mapping[str, str]) -> str | None:
    value = env.get("MP_PROJECT_ID")
    if value is not None and not (value.isascii() and value.isdigit()):
        raise ConfigError(
            f"MP_PROJECT_ID is {value!r}; a project id has digits only.",
            details={"env_var": "MP_PROJECT_ID", "value": value},
        )
    return value


def _workspace(env: Mapping[str, str]) -> int | None:
    value = env.get("MP_WORKSPACE_ID")
    if value is None:
        return None
    text = value.strip()
    if not _POSITIVE.fullmatch(text):
        raise ConfigError(
            f"MP_WORKSPACE_ID is {value!r}; a workspace id is a positive whole number.",
            details={"env_var": "MP_WORKSPACE_ID", "value": value},
        )
    return int(text)
