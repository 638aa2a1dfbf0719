"""Which account, project and workspace a session uses: a pure function of its sources."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr

from mixpanel_mcp_core.auth.accounts import Account, OAuthToken, ServiceAccount
from mixpanel_mcp_core.auth.bridge import Bridge
from mixpanel_mcp_core.auth.config import Config, Target
from mixpanel_mcp_core.auth.presence import CREDENTIALS
from mixpanel_mcp_core.errors import ConfigError, ParamValidationError
from mixpanel_mcp_core.headers import added_header
from mixpanel_mcp_core.regions import REGIONS, Region

_PAIR = ("MP_USERNAME", "MP_SECRET")
_SCOPE = ("MP_PROJECT_ID", "MP_REGION")
_POSITIVE = re.compile(r"0*[1-9][0-9]{0,17}")
ENV_ACCOUNTS = ("env-service-account", "env-oauth-token")

ENVIRONMENT, EXPLICIT, BRIDGE, ACTIVE = "environment", "argument", "bridge", "[active]"
Headers = tuple[tuple[str, str], ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller asks for explicitly; None leaves an axis to the other sources."""

    account: str | None = None
    project: str | None = None
    workspace: int | None = None
    target: str | None = None

    def __post_init__(self) -> None:
        """Raises ParamValidationError for a target beside other axes, ConfigError for bad ids."""
        axes = (self.account, self.project, self.workspace)
        if self.target is not None and any(axis is not None for axis in axes):
            raise ParamValidationError(
                "target: a target says account, project and workspace itself; give either the "
                "target or the others.",
                code="WS1_TARGET_MUTUALLY_EXCLUSIVE",
            )
        if self.project is not None:
            checked_project(self.project, "project")
        if self.workspace is not None:
            checked_workspace(self.workspace, "workspace")


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that may say which account, project or workspace is meant."""

    environ: Mapping[str, str]
    config: Config
    bridge: Bridge | None = None
    bridge_path: Path | None = None

    @property
    def configured(self) -> bool:
        """Whether there is any credential at all, usable or not."""
        named = any(self.environ.get(name) for name in CREDENTIALS)
        return named or self.bridge is not None or bool(self.config.account_names)

    @property
    def headers(self) -> Headers:
        """The headers of every request; on the same name the bridge's wins."""
        carried = self.bridge.headers.items() if self.bridge else ()
        given = [
            *((pair, "[settings].custom_header") for pair in self.config.header),
            *((pair, "the bridge's headers") for pair in carried),
        ]
        found: dict[str, tuple[str, str]] = {}
        for (name, value), where in given:
            for pair in added_header(name, value, f"{where}: name", f"{where}: value").items():
                found[name.lower()] = pair
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Scope:
    """The account that asks, the project it asks about, and the data view it is pinned to.

    Without a project only what belongs to no project can be asked, e.g. which projects there are.
    """

    account: Account
    project_id: str | None
    workspace_id: int | None = None
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """A scope, and for each of its parts the source that it came from."""

    scope: Scope
    origins: Mapping[str, str]


def resolve(sources: Sources, asked: Asked | None = None) -> Resolution:
    """The scope that the sources make together with what was asked for.

    Each axis has its own order: the environment, what was asked for, its target, the bridge, then
    `[active]`; the project falls back to the account's default one. A missing project is no error
    here, since some questions need none. Raises ConfigError for no account, unknown names and
    malformed values.
    """
    asked = asked or Asked()
    env = {name: value for name, value in sources.environ.items() if value}
    target = sources.config.target(asked.target) if asked.target is not None else None
    account, account_from = _account(sources, env, asked, target)
    project, project_from = _project(sources, env, asked, target, account)
    workspace, workspace_from = _workspace(sources, env, asked, target)
    return Resolution(
        Scope(account, project, workspace, sources.headers),
        {"account": account_from, "project": project_from, "workspace": workspace_from},
    )


def switched(current: Resolution, sources: Sources, asked: Asked) -> Resolution:
    """Where a session goes from where it is.

    A target is resolved afresh; another account brings its own project; a project alone drops the
    workspace; nothing at all drops it too. Raises ConfigError when the account has no project.
    """
    if asked.target is not None:
        return resolve(sources, asked)
    if asked.account is not None:
        return _with_account(sources, asked, asked.account)
    scope, origins = current.scope, dict(current.origins)
    if asked.project is not None:
        scope = replace(scope, project_id=asked.project)
        origins["project"] = EXPLICIT
    workspace_from = "none" if asked.workspace is None else EXPLICIT
    return Resolution(
        replace(scope, workspace_id=asked.workspace), {**origins, "workspace": workspace_from}
    )


def pinned(environ: Mapping[str, str]) -> Mapping[str, tuple[str | int, str]]:
    """What the environment decides before anybody is asked, each with the variable that does."""
    env = {name: value for name, value in environ.items() if value}
    account = _env_account(env, _region(env))
    variable = "MP_OAUTH_TOKEN" if isinstance(account, OAuthToken) else "MP_USERNAME"
    found = {
        "account": (account and account.name, variable),
        "project": (_env_project(env), "MP_PROJECT_ID"),
        "workspace": (_env_workspace(env), "MP_WORKSPACE_ID"),
    }
    return {axis: (value, by) for axis, (value, by) in found.items() if value is not None}


def _with_account(sources: Sources, asked: Asked, name: str) -> Resolution:
    env = {key: value for key, value in sources.environ.items() if value}
    account = sources.config.account(name)
    project, project_from = _project(sources, env, asked, None, account)
    chosen_project(project, account.name)
    named = [(_env_workspace(env), "MP_WORKSPACE_ID")]
    workspace, workspace_from = _first([(asked.workspace, EXPLICIT), *named])
    return Resolution(
        Scope(account, project, workspace, sources.headers),
        {"account": EXPLICIT, "project": project_from, "workspace": workspace_from},
    )


def _account(
    sources: Sources, env: Mapping[str, str], asked: Asked, target: Target | None
) -> tuple[Account, str]:
    region = _region(env)
    if found := _env_account(env, region):
        return found, ENVIRONMENT
    if asked.account is not None:
        return sources.config.account(asked.account), EXPLICIT
    if target is not None:
        return sources.config.account(target.account), f"target {target.name}"
    if sources.bridge is not None:
        return sources.bridge.account, BRIDGE
    if (active := sources.config.active.account) is not None:
        return sources.config.account(active), ACTIVE
    raise _no_account(env, sources.config)


def _project(
    sources: Sources,
    env: Mapping[str, str],
    asked: Asked,
    target: Target | None,
    account: Account,
) -> tuple[str | None, str]:
    return _first(
        [
            (_env_project(env), "MP_PROJECT_ID"),
            (asked.project, EXPLICIT),
            (target and target.project, f"target {target.name if target else ''}"),
            (sources.bridge and sources.bridge.project, BRIDGE),
            (account.default_project, f"default of account {account.name}"),
        ]
    )


def _workspace(
    sources: Sources, env: Mapping[str, str], asked: Asked, target: Target | None
) -> tuple[int | None, str]:
    found, origin = _first(
        [
            (_env_workspace(env), "MP_WORKSPACE_ID"),
            (asked.workspace, EXPLICIT),
            (target and target.workspace, f"target {target.name if target else ''}"),
            (sources.bridge and sources.bridge.workspace, BRIDGE),
            (sources.config.active.workspace, ACTIVE),
        ]
    )
    return found if found is None else checked_workspace(found, f"{origin}: workspace"), origin


def _first(candidates: Iterable[tuple[T | None, str]]) -> tuple[T | None, str]:
    return next((each for each in candidates if each[0] is not None), (None, "none"))


def _env_account(env: Mapping[str, str], region: Region | None) -> Account | None:
    if region is None or "MP_PROJECT_ID" not in env:
        return None
    if all(name in env for name in _PAIR):
        name, secret = env["MP_USERNAME"], SecretStr(env["MP_SECRET"])
        return ServiceAccount(name=ENV_ACCOUNTS[0], region=region, username=name, secret=secret)
    if "MP_OAUTH_TOKEN" in env:
        token = SecretStr(env["MP_OAUTH_TOKEN"])
        return OAuthToken(name=ENV_ACCOUNTS[1], region=region, token=token)
    return None


def _no_account(env: Mapping[str, str], config: Config) -> ConfigError:
    found = [name for name in (*CREDENTIALS, *_SCOPE) if name in env]
    if any(name in env for name in CREDENTIALS):
        return _incomplete(env, found)
    ways = [
        "log in with `mixpanel-mcp login`",
        "set MP_USERNAME, MP_SECRET, MP_PROJECT_ID and MP_REGION, or MP_OAUTH_TOKEN with the "
        "latter two",
        "put a bridge file where MP_AUTH_FILE says",
    ]
    if config.account_names:
        known = ", ".join(config.account_names)
        ways.insert(0, f"choose one of {known} with `accounts_use`, or name it in `target`")
    return ConfigError(f"No Mixpanel account is chosen. Ways to do it: {'; '.join(ways)}.")


def _incomplete(env: Mapping[str, str], found: list[str]) -> ConfigError:
    pair = [name for name in _PAIR if name not in env]
    wanted = [] if "MP_OAUTH_TOKEN" in env else pair
    missing = [*wanted, *(name for name in _SCOPE if name not in env)]
    return ConfigError(
        f"The Mixpanel credentials are incomplete: {', '.join(found)} set, "
        f"{', '.join(missing)} missing. Set MP_USERNAME, MP_SECRET, MP_PROJECT_ID and MP_REGION "
        "for a service account, or MP_OAUTH_TOKEN, MP_PROJECT_ID and MP_REGION for a token.",
        details={"found": found, "missing": missing},
    )


def no_project(account: str) -> ConfigError:
    """The error for a question about a project where none is chosen, with every way to choose."""
    return ConfigError(
        f"No project is chosen for account {account}. Call `projects` for those it sees, then "
        f"`session_use` with a project, or name it for one call as `target`: '{account}/PROJECT'. "
        "MP_PROJECT_ID, a saved target and a bridge file can say it too.",
        details={"account_name": account},
    )


def chosen_project(project_id: str | None, account: str) -> str:
    """The project; ConfigError where none is chosen."""
    if project_id is None:
        raise no_project(account)
    return project_id


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


def _env_project(env: Mapping[str, str]) -> str | None:
    value = env.get("MP_PROJECT_ID")
    if value is not None and not _digits(value):
        raise ConfigError(
            f"MP_PROJECT_ID is {value!r}; a project id has digits only.",
            details={"env_var": "MP_PROJECT_ID", "value": value},
        )
    return value


def _env_workspace(env: Mapping[str, str]) -> int | None:
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


def checked_project(value: str, field: str) -> str:
    """A project id; ConfigError when it has anything but digits."""
    if not _digits(value):
        raise ConfigError(
            f"{field}: {value!r} is no project id, which has digits only.",
            details={"field": field, "value": value},
        )
    return value


def checked_workspace(value: int, field: str) -> int:
    """A workspace id; ConfigError when it is not positive."""
    if value <= 0:
        raise ConfigError(
            f"{field}: {value} is no workspace id, which is a positive whole number.",
            details={"field": field, "value": value},
        )
    return value


def _digits(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit()
