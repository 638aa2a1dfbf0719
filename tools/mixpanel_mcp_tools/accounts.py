"""Accounts of this machine: added, chosen, tested, logged in and out, carried elsewhere."""

from typing import Annotated, Any

from pydantic import Field

from mixpanel_mcp_core.auth import book, logins
from mixpanel_mcp_core.auth.accounts import AccountType, OAuthToken, ServiceAccount
from mixpanel_mcp_core.auth.bridge import load_bridge
from mixpanel_mcp_core.auth.home import Home
from mixpanel_mcp_core.auth.me import ask_me
from mixpanel_mcp_core.auth.supplied import supplied
from mixpanel_mcp_core.caller import given
from mixpanel_mcp_core.errors import ConfigError, MixpanelError, ParamTypeError
from mixpanel_mcp_core.fields import AccountRef, ProjectRef, WorkspaceRef
from mixpanel_mcp_core.models.accounts import (
    AccountSummary,
    AccountTestResult,
    BridgeAccount,
    BridgeShown,
    BridgeSummary,
    OAuthLoginResult,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.regions import Region

accounts = Toolset("accounts", "Accounts of this machine: add, choose, log in, carry elsewhere")

NewName = Annotated[str, Field(description="Letters, digits, _ and -, at most 64.")]
Residence = Annotated[Region, Field(description="Where the data lives.")]
Kind = Annotated[AccountType, Field(description="How it authenticates.")]
Username = Annotated[str, Field(description="The service account's user name.")]
SecretEnv = Annotated[
    str,
    Field(
        description="Environment variable of the server that holds the secret or token to store. "
        "Secrets are never arguments; the command line asks for them."
    ),
]
TokenEnv = Annotated[
    str, Field(description="Environment variable to read the token from at each request.")
]
Keychain = Annotated[bool, Field(description="Keep the secret in the system's keychain.")]


@accounts.reads
async def accounts_list(home: Home) -> list[AccountSummary]:
    """List the accounts of the config file, by name; which is active, which targets use it.

    Sends nothing.
    """
    config = home.config()
    return [book.summary(config, account) for account in config.accounts()]


@accounts.reads
async def accounts_show(home: Home, name: AccountRef | None = None) -> AccountSummary:
    """Show one account without its secrets; the active one when none is named. Sends nothing."""
    config = home.config()
    return book.summary(config, config.account(name or book.active_name(config)))


@accounts.writes
async def accounts_add(
    home: Home,
    type: Kind,
    name: NewName | None = None,
    region: Residence | None = None,
    default_project: ProjectRef | None = None,
    username: Username | None = None,
    secret_env: SecretEnv | None = None,
    token_env: TokenEnv | None = None,
    derive_name: Annotated[
        bool, Field(description="Name it after its organization instead of `name`.")
    ] = False,
    keychain: Keychain = False,
) -> AccountSummary:
    """Add an account to the config file; the first one becomes active.

    Needs a region (oauth_browser: us), for a service_account also username and secret, for an
    oauth_token one token. Then log an oauth_browser account in with accounts_login. App API: GET
    /me, only for derive_name.
    """
    _one_name(type, name, derive_name)
    record = {
        "type": type,
        "region": region or _default_region(type),
        **given(default_project=default_project, username=username, token_env=token_env),
    }
    record |= await _secret(home, record, name, secret_env)
    record["name"] = name or await logins.name_for(home, record)
    return book.add(home, record, keychain=keychain)


@accounts.destroys(idempotent=True)
async def accounts_update(
    home: Home,
    name: AccountRef,
    region: Residence | None = None,
    default_project: ProjectRef | None = None,
    username: Username | None = None,
    secret_env: SecretEnv | None = None,
    token_env: TokenEnv | None = None,
) -> AccountSummary:
    """Change what is given of an account: region, default project, user name, secret or token.

    The old values are gone. ConfigError for a field that the account's type does not have. Sends
    nothing.
    """
    account = home.config().account(name)
    fields = given(
        region=region, default_project=default_project, username=username, token_env=token_env
    )
    if secret_env is not None or home.person.supplies:
        field = "token" if isinstance(account, OAuthToken) else "secret"
        fields[field] = await supplied(home, field, secret_env, f"accounts update {name}")
    return book.update(home, name, fields)


@accounts.destroys
async def accounts_remove(
    home: Home,
    name: AccountRef,
    force: Annotated[bool, Field(description="Also when targets refer to it.")] = False,
) -> list[str]:
    """Remove an account and its secret from the config file; returns the targets that named it.

    AccountInUseError while targets refer to it. Tokens of a login stay: accounts_logout forgets
    them. Sends nothing.
    """
    return book.remove(home, name, force=force)


@accounts.writes(idempotent=True)
async def accounts_use(home: Home, name: AccountRef) -> None:
    """Make an account the active one; the active workspace is dropped. Sends nothing."""
    book.use_account(home, name)


@accounts.reads
async def accounts_test(home: Home, name: AccountRef | None = None) -> AccountTestResult:
    """Test whether Mixpanel takes an account's credentials; what is wrong is told, not raised.

    The active account when none is named. App API: GET /me.
    """
    told = name or "(none)"
    try:
        config = home.config()
        told = name or config.active.account or told
        account = config.account(name or book.active_name(config))
        me = await ask_me(home.app(account.name, account.region, home.authorize(account)))
    except MixpanelError as error:
        return AccountTestResult(
            account_name=told,
            ok=False,
            error=error.message,
            error_code=error.code,
            error_details=error.details,
        )
    return AccountTestResult(
        account_name=told,
        ok=True,
        user=logins.user_of(me),
        accessible_project_count=len(me.projects),
    )


@accounts.writes
async def accounts_login(
    home: Home,
    name: AccountRef,
    open_browser: Annotated[
        bool, Field(description="Open the page by itself; else its address is told.")
    ] = True,
) -> OAuthLoginResult:
    """Log an oauth_browser account in with the browser of the server's machine, within 300 s.

    Without a default project it gets the smallest one it sees. OAuthError when the login fails.
    Login server: POST /oauth/mcp/register, POST /oauth/token; App API: GET /me.
    """
    return await logins.log_in_account(home, name, open_browser=open_browser)


@accounts.destroys(idempotent=True)
async def accounts_logout(home: Home, name: AccountRef) -> None:
    """Forget the tokens of an account's browser login; the account stays. Sends nothing."""
    book.log_out(home, name)


@accounts.reads
async def accounts_token(home: Home, name: AccountRef | None = None) -> str | None:
    """Return the live bearer token of an account, a credential; null for a service account.

    Only where the server was started to list this tool. Login server: POST /oauth/token where the
    token has expired.
    """
    config = home.config()
    account = config.account(name or book.active_name(config))
    return None if isinstance(account, ServiceAccount) else await home.bearers.token(account)


@accounts.writes
async def login(
    home: Home,
    name: NewName | None = None,
    region: Residence | None = None,
    project: ProjectRef | None = None,
    account_type: Kind | None = None,
    no_browser: Annotated[
        bool, Field(description="Do not open a browser: the address is told.")
    ] = False,
    secret_stdin: Annotated[
        bool, Field(description="Command line only: read the secret from standard input.")
    ] = False,
    token_env: TokenEnv | None = None,
    service_account: Annotated[
        bool, Field(description="The same as account_type service_account.")
    ] = False,
    keychain: Keychain = False,
) -> AccountSummary:
    """Log in and make the account active: a new one, or new credentials for the one named.

    Takes MP_USERNAME and MP_SECRET, or MP_OAUTH_TOKEN, from the server's environment, else opens a
    browser. Name and region (browser: us) are found out where not given; of several projects one
    must be named. Login server: POST /oauth/token; App API: GET /me.
    """
    asked = logins.LoginAsked(
        name,
        region,
        project,
        account_type,
        no_browser,
        secret_stdin,
        token_env,
        service_account,
        keychain,
    )
    return await logins.log_in(home, asked)


@accounts.destroys(idempotent=True)
async def accounts_export_bridge(
    home: Home,
    to: Annotated[str, Field(min_length=1, description="Path of the file; ~ is the home.")],
    account: AccountRef | None = None,
    project: ProjectRef | None = None,
    workspace: WorkspaceRef | None = None,
) -> str:
    """Write an account with its secrets into a bridge file, to carry it into a VM.

    The active account when none is named. Replaces a file that is there; only its owner can read
    it. Tokens are not renewed for it. Returns the path. Sends nothing.
    """
    path = home.places.path(to)
    return str(book.export_bridge(home, path, account, project, workspace))


@accounts.destroys(idempotent=True)
async def accounts_remove_bridge(
    home: Home,
    at: Annotated[str, Field(description="Path; else MP_AUTH_FILE or the default one.")]
    | None = None,
) -> bool:
    """Delete a bridge file; returns whether there was one. Sends nothing."""
    return book.remove_bridge(home, at)


@accounts.reads
async def bridge_show(home: Home) -> BridgeShown:
    """Show the bridge file in use without its secrets, or null for none. Sends nothing."""
    found = load_bridge(home.places)
    if found is None:
        return BridgeShown(bridge=None)
    path, bridge = found
    account = bridge.account
    return BridgeShown(
        bridge=BridgeSummary(
            path=str(path),
            version=bridge.version,
            account=BridgeAccount(name=account.name, type=account.type, region=account.region),
            project=bridge.project,
            workspace=bridge.workspace,
            headers=bridge.headers,
        )
    )


def _one_name(type: AccountType, name: str | None, derive: bool) -> None:
    if (name is None) != derive:
        raise ParamTypeError("name: give either a name or derive_name.")
    if derive and type == "oauth_browser":
        raise ParamTypeError(
            "derive_name: an oauth_browser account sees nothing before it is logged in; give a "
            "name, or use `login`."
        )


def _default_region(type: AccountType) -> Region:
    if type != "oauth_browser":
        raise ConfigError(f"region: a {type} account needs one of us, eu, in.")
    return "us"


async def _secret(
    home: Home, record: dict[str, Any], name: str | None, variable: str | None
) -> dict[str, str]:
    """The secret that goes with the account's type, from where it was supplied."""
    kind = record["type"]
    if kind == "oauth_browser":
        return {}
    if kind == "oauth_token" and "token_env" in record and variable is None:
        return {}
    if kind == "service_account" and "username" not in record:
        raise ConfigError("username: a service_account needs one.", details={"field": "username"})
    field = "secret" if kind == "service_account" else "token"
    words = [
        "accounts add",
        name or "--derive-name",
        f"--type {kind}",
        f"--region {record['region']}",
    ]
    if "username" in record:
        words.append(f"--username {record['username']}")
    return {field: await supplied(home, field, variable, " ".join(words))}
