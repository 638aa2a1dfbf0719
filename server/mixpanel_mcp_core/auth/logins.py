"""Logins: what they need, in which order they ask for it, and what they leave behind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mixpanel_mcp_core.auth.accounts import (
    Account,
    AccountType,
    OAuthBrowser,
    OAuthToken,
    account_of,
    record_of,
)
from mixpanel_mcp_core.auth.book import put, summary
from mixpanel_mcp_core.auth.config_file import changing
from mixpanel_mcp_core.auth.flows import browser_login
from mixpanel_mcp_core.auth.home import Home
from mixpanel_mcp_core.auth.keychain import is_kept
from mixpanel_mcp_core.auth.me import ask_me, derived_name, forget_me, keep_me
from mixpanel_mcp_core.auth.probing import probed_region
from mixpanel_mcp_core.auth.tokens import Tokens, replace_tokens, stamp
from mixpanel_mcp_core.errors import (
    AccountExistsError,
    ConfigError,
    InvalidArgumentError,
    MixpanelError,
    OAuthError,
    ProjectNotFoundError,
)
from mixpanel_mcp_core.models.accounts import AccountSummary, OAuthLoginResult, User
from mixpanel_mcp_core.models.session import Me
from mixpanel_mcp_core.regions import Region, region_of_domain

# A name for what has none yet.
_UNNAMED = "login"


@dataclass(frozen=True, slots=True)
class LoginAsked:
    """What a login was asked to do."""

    name: str | None = None
    region: Region | None = None
    project: str | None = None
    account_type: AccountType | None = None
    no_browser: bool = False
    secret_stdin: bool = False
    token_env: str | None = None
    service_account: bool = False
    keychain: bool = False


def kind_of(asked: LoginAsked, environ: Mapping[str, str]) -> AccountType:
    """The kind of account that a login is for.

    Raises InvalidArgumentError for options that do not go together, before anything is done.
    """
    kind = _detected(asked, environ)
    if asked.service_account and (
        asked.token_env or asked.account_type not in (None, "service_account")
    ):
        raise InvalidArgumentError(
            "service_account excludes token_env and any other account_type.",
            violation="mutually_exclusive",
            detected_auth_type=kind,
        )
    if asked.no_browser and kind != "oauth_browser":
        raise InvalidArgumentError(
            f"no_browser is for logins with a browser, and this one is for {kind}.",
            violation="no_browser_misuse",
            detected_auth_type=kind,
        )
    if asked.secret_stdin and kind != "service_account":
        raise InvalidArgumentError(
            f"secret_stdin is for service accounts, and this login is for {kind}.",
            violation="secret_stdin_misuse",
            detected_auth_type=kind,
        )
    return kind


def _detected(asked: LoginAsked, environ: Mapping[str, str]) -> AccountType:
    if asked.service_account:
        return "service_account"
    if asked.account_type:
        return asked.account_type
    if asked.token_env:
        return "oauth_token"
    if environ.get("MP_USERNAME") and environ.get("MP_SECRET"):
        return "service_account"
    return "oauth_token" if environ.get("MP_OAUTH_TOKEN") else "oauth_browser"


async def log_in(home: Home, asked: LoginAsked) -> AccountSummary:
    """Log in: a new account is made, or the one of that name gets new credentials.

    Raises ConfigError and its kinds, OAuthError and RegionProbeError; nothing is stored then.
    """
    kind = kind_of(asked, home.environ)
    config = home.config()
    # A broken block would keep the config file from being written, after the person logged in.
    config.accounts()
    if asked.name is not None and asked.name in config.account_names:
        return await _again(home, asked, kind, config.account(asked.name))
    credentials = await _credentials(home, asked, kind, None)
    region = asked.region or await _region(home, kind, credentials)
    tokens = await _tokens(home, asked, region) if kind == "oauth_browser" else None
    me = await _me(home, region, await _authorization(home, credentials, tokens))
    project = await _project(home, asked, me)
    if tokens:
        _refuse_other_region(me, project, region)
    name = asked.name or derived_name(me, config.account_names)
    account = account_of(
        {
            "name": name,
            "type": kind,
            "region": region,
            **({} if project is None else {"default_project": project}),
            **credentials,
        },
        f"account {name}",
    )
    return _stored(home, account, me, tokens, new=True, keychain=asked.keychain)


async def _again(
    home: Home, asked: LoginAsked, kind: AccountType, account: Account
) -> AccountSummary:
    """New credentials for an account that is there; its project stays."""
    if kind == "oauth_browser" and asked.account_type is None:
        # Nothing says what kind of login is meant: the account itself does.
        kind = account.type
    for field, given, old in (
        ("account_type", kind, account.type),
        ("region", asked.region or account.region, account.region),
    ):
        if given != old:
            raise ConfigError(
                f"{field}: account {account.name} is of {field} {old}, not {given}. Give another "
                "name, or remove the account first.",
                details={"field": field, "account_name": account.name},
            )
    credentials = await _credentials(home, asked, kind, account)
    tokens = await _tokens(home, asked, account.region) if kind == "oauth_browser" else None
    me = await _me(home, account.region, await _authorization(home, credentials, tokens))
    if tokens:
        _refuse_other_region(me, account.default_project, account.region)
    stripped = {
        key: value
        for key, value in record_of(account, named=True).items()
        if key not in ("username", "secret", "token", "token_env")
    }
    renewed = account_of({**stripped, **credentials}, f"account {account.name}")
    keychain = asked.keychain or any(is_kept(str(value)) for value in record_of(account).values())
    return _stored(home, renewed, me, tokens, new=False, keychain=keychain)


def _stored(
    home: Home, account: Account, me: Me, tokens: Tokens | None, *, new: bool, keychain: bool
) -> AccountSummary:
    """Everything that a login leaves behind; the account becomes the active one."""
    name = account.name
    with changing(home.places) as draft:
        if new and name in draft.config.account_names:
            raise AccountExistsError(name)
        put(home, draft, account, keychain=keychain)
        draft.set_active(account=name, workspace=None)
        config = draft.config
        # Nothing is stored beside a config file that would be refused.
        draft.text()
        if tokens:
            replace_tokens(home.places, name, tokens, keychain=keychain)
    keep_me(home.places, name, me)
    home.current.resolution = None
    home.current.logins += 1
    project = account.default_project
    seen = me.projects.get(project) if project else None
    return summary(
        config,
        account,
        user_email=me.user_email,
        project_id=project,
        project_name=seen.name if seen else None,
    )


async def _credentials(
    home: Home, asked: LoginAsked, kind: AccountType, old: Account | None
) -> dict[str, Any]:
    """The fields of an account's block that let it in, from the environment or the person."""
    if kind == "oauth_browser":
        return {}
    if kind == "service_account":
        return {
            "username": await _wanted(home, "MP_USERNAME", "User name", secret=False),
            "secret": await _wanted(home, "MP_SECRET", "Secret", secret=True),
        }
    pointer = asked.token_env or (old.token_env if isinstance(old, OAuthToken) else None)
    if pointer is not None:
        return {"token_env": pointer}
    return {"token": await _wanted(home, "MP_OAUTH_TOKEN", "Token", secret=True)}


async def _wanted(home: Home, variable: str, what: str, *, secret: bool) -> str:
    value = home.environ.get(variable) or await home.person.ask(what, secret=secret)
    if not value:
        raise ConfigError(
            f"The login needs {variable}, which is not set, and nobody can be asked here. Set it "
            "for this server, or run `mixpanel-mcp login` in a terminal.",
            details={"env_var": variable},
        )
    if secret:
        home.learn(value)
    return value


async def _region(home: Home, kind: AccountType, credentials: Mapping[str, Any]) -> Region:
    if kind == "oauth_browser":
        return "us"
    authorization = await _authorization(home, credentials, None)
    return await probed_region(home.network.plain, authorization, home.environ)


async def _authorization(home: Home, credentials: Mapping[str, Any], tokens: Tokens | None) -> str:
    """The header of an account that is not stored yet."""
    if tokens is not None:
        return f"Bearer {tokens.access_token.get_secret_value()}"
    kind = "service_account" if "username" in credentials else "oauth_token"
    # The region says nothing about the header.
    record = {"name": _UNNAMED, "region": "us", "type": kind, **credentials}
    return await home.bearers.authorization(account_of(record, "the login"))


async def _tokens(home: Home, asked: LoginAsked, region: Region) -> Tokens:
    return await browser_login(home, region, open_browser=not asked.no_browser)


async def _me(home: Home, region: Region, authorization: str) -> Me:
    async def authorize() -> str:
        return authorization

    return await ask_me(home.app(_UNNAMED, region, authorize))


async def _project(home: Home, asked: LoginAsked, me: Me) -> str | None:
    """The project that a new account begins with."""
    seen = {id: project.name or "" for id, project in me.projects.items()}
    listed = sorted(seen, key=lambda id: (seen[id].lower(), id))
    if asked.project is not None:
        if asked.project not in seen:
            raise ProjectNotFoundError(asked.project, listed)
        return asked.project
    if told := home.environ.get("MP_PROJECT_ID"):
        if told not in seen:
            raise ConfigError(
                f"MP_PROJECT_ID is {told!r}, a project that these credentials cannot see. They "
                f"see: {', '.join(listed) or 'none'}.",
                details={"env_var": "MP_PROJECT_ID", "value": told},
            )
        return told
    if len(seen) <= 1:
        return next(iter(seen), None)
    if chosen := await home.person.choose("Project", {id: seen[id] for id in listed}):
        return chosen
    choices = ", ".join(f"{id} ({seen[id]})" for id in listed)
    raise ConfigError(
        f"project: these credentials see several projects; name one of {choices}.",
        details={"field": "project", "allowed": listed},
    )


def _refuse_other_region(me: Me, project: str | None, region: Region) -> None:
    seen = me.projects.get(project) if project else None
    actual = region_of_domain(seen.domain) if seen and seen.domain else None
    if actual is not None and actual != region:
        raise ConfigError(
            f"region: project {project} is in region {actual}, and the login was for {region}. "
            f"Log in again with region {actual}.",
            details={"field": "region", "project_id": project, "region": actual},
        )


async def log_in_account(home: Home, name: str, *, open_browser: bool) -> OAuthLoginResult:
    """Log a browser account of the config file in, and give it a project if it has none."""
    account = home.config().account(name)
    if not isinstance(account, OAuthBrowser):
        raise ConfigError(
            f"name: account {name} is of type {account.type}; only an oauth_browser account is "
            "logged in with a browser. `accounts_update` changes other credentials.",
            details={"field": "name", "account_name": name},
        )
    tokens = await browser_login(home, account.region, open_browser=open_browser)
    try:
        me = await _me(home, account.region, await _authorization(home, {}, tokens))
    except MixpanelError as error:
        raise OAuthError(
            f"The login worked, but Mixpanel did not tell whose it is: {error.message}",
            details={"account_name": name, "cause": error.code},
        ) from error
    project = account.default_project or _smallest(me)
    _refuse_other_region(me, project, account.region)
    replace_tokens(home.places, name, tokens)
    forget_me(home.places, name)
    home.current.logins += 1
    if account.default_project is None and project is not None:
        with changing(home.places) as draft:
            draft.set_project(name, project)
    return OAuthLoginResult(
        account_name=name,
        user=user_of(me),
        expires_at=stamp(tokens.expires_at),
        tokens_path=str(home.places.tokens(name)),
        client_path=str(home.places.client(account.region)),
    )


def _smallest(me: Me) -> str | None:
    return min((id for id in me.projects if id.isdecimal()), key=int, default=None)


def user_of(me: Me) -> User | None:
    """The user, if both id and address are known."""
    if me.user_id is None or me.user_email is None:
        return None
    return User(id=me.user_id, email=me.user_email)


async def name_for(home: Home, record: Mapping[str, Any]) -> str:
    """A name for a new account, from what its credentials see."""
    account = account_of({**record, "name": _UNNAMED}, "the new account")
    secret = home.authorize(account)
    me = await ask_me(home.app(_UNNAMED, account.region, secret))
    return derived_name(me, home.config().account_names)
