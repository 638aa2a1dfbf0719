"""Accounts, the active one, targets and bridges: what is told of them, and how they change."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mixpanel_mcp_core.auth.accounts import (
    Account,
    OAuthBrowser,
    account_of,
    record_of,
    secrets_of,
    told,
)
from mixpanel_mcp_core.auth.bridge import Bridge, BridgeTokens, find_bridge, write_bridge
from mixpanel_mcp_core.auth.config import Config, Target, missing
from mixpanel_mcp_core.auth.config_file import Draft, changing
from mixpanel_mcp_core.auth.home import Home
from mixpanel_mcp_core.auth.keychain import forget, is_kept, keep, revealed
from mixpanel_mcp_core.auth.me import forget_me
from mixpanel_mcp_core.auth.private_files import is_there
from mixpanel_mcp_core.auth.resolve import Asked, Resolution, checked_project, checked_workspace
from mixpanel_mcp_core.auth.tokens import delete_tokens, read_tokens
from mixpanel_mcp_core.errors import AccountInUseError, ConfigError, OAuthError
from mixpanel_mcp_core.models.accounts import AccountSummary

# What each kind of account has beyond a region and a default project.
_OWN: Mapping[str, tuple[str, ...]] = {
    "service_account": ("username", "secret"),
    "oauth_browser": (),
    "oauth_token": ("token", "token_env"),
}


def summary(config: Config, account: Account, **known: Any) -> AccountSummary:
    """An account as it is told."""
    return AccountSummary(
        name=account.name,
        type=account.type,
        region=account.region,
        is_active=config.active.account == account.name,
        referenced_by_targets=config.referring(account.name),
        **known,
    )


def active_name(config: Config) -> str:
    """The name of the active account; ConfigError when none is."""
    if config.active.account is None:
        known = ", ".join(config.account_names) or "none yet"
        raise ConfigError(f"No account is active; choose one with `accounts_use` ({known}).")
    return config.active.account


def add(home: Home, record: Mapping[str, Any], *, keychain: bool = False) -> AccountSummary:
    """Store a new account; the first one becomes active."""
    name = str(record["name"])
    account = account_of(record, f"account {name}")
    with changing(home.places) as draft:
        if name in draft.config.account_names:
            raise ConfigError(
                f"There is an account {name!r} already. `accounts_update` changes it.",
                details={"account_name": name},
            )
        put(home, draft, account, keychain=keychain)
        if len(draft.config.account_names) == 1:
            draft.set_active(account=name)
        config = draft.config
    # An account of this name that was removed may have been somebody else.
    forget_me(home.places, name)
    return summary(config, account)


def put(home: Home, draft: Draft, account: Account, *, keychain: bool = False) -> None:
    """Write an account's block, its secret in the keychain where that is asked for."""
    for secret in secrets_of(account):
        home.learn(secret)
    draft.put_account(_kept(account) if keychain else account)


def _kept(account: Account) -> Account:
    record = record_of(account, named=True)
    for field in ("secret", "token"):
        if field in record and not is_kept(record[field]):
            record[field] = keep(f"{account.name}/{field}", record[field])
    return account_of(record, f"account {account.name}")


def update(home: Home, name: str, fields: Mapping[str, Any]) -> AccountSummary:
    """Change what is given of an account; its kind stays."""
    with changing(home.places) as draft:
        old = draft.config.account(name)
        _refuse_foreign(old, fields)
        record = {**record_of(old, named=True), **fields}
        if "token" in fields:
            record.pop("token_env", None)
        if "token_env" in fields:
            record.pop("token", None)
        account = account_of(record, f"account {name}")
        put(home, draft, account, keychain=any(map(is_kept, secrets_of(old))))
        config = draft.config
    for secret in set(secrets_of(old)) - set(secrets_of(config.account(name))):
        forget(secret)
    if any(field != "default_project" for field in fields):
        forget_me(home.places, name)
    return summary(config, account)


def _refuse_foreign(account: Account, fields: Mapping[str, Any]) -> None:
    own = {"region", "default_project", *_OWN[account.type]}
    for field in fields:
        if field not in own:
            raise ConfigError(
                f"{field}: account {account.name} is of type {account.type}, which has no "
                f"{field}. It has: {', '.join(sorted(own))}.",
                details={"field": field, "allowed": sorted(own)},
            )


def remove(home: Home, name: str, *, force: bool) -> list[str]:
    """Take an account out of the config file; the targets that refer to it, which stay."""
    with changing(home.places) as draft:
        account = draft.config.account(name)
        referring = draft.config.referring(name)
        if referring and not force:
            raise AccountInUseError(name, referring)
        draft.drop("accounts", name)
        if draft.config.active.account == name:
            draft.set_active(account=None, workspace=None)
    for secret in secrets_of(account):
        forget(secret)
    return referring


def use_account(home: Home, name: str) -> None:
    """Make an account the active one; the workspace was another project's and goes."""
    with changing(home.places) as draft:
        draft.config.account(name)
        draft.set_active(account=name, workspace=None)
    home.current.resolution = None


def use(home: Home, asked: Asked) -> None:
    """Store what is asked for as the place where calls go, in one step."""
    if asked.target is not None:
        use_target(home, asked.target)
        return
    with changing(home.places) as draft:
        account = asked.account or draft.config.active.account
        if asked.account is not None:
            draft.config.account(asked.account)
            draft.set_active(account=asked.account)
        if asked.project is not None:
            if account is None:
                raise ConfigError(
                    "project: no account is active whose default project it could become; name "
                    "the account too."
                )
            draft.set_project(account, asked.project)
        if asked.workspace is not None:
            draft.set_active(workspace=asked.workspace)
    home.current.resolution = None


def use_target(home: Home, name: str) -> None:
    """Go to a saved target: account and workspace become active, the project its default."""
    with changing(home.places) as draft:
        target = draft.config.target(name)
        draft.set_project(target.account, target.project)
        draft.set_active(account=target.account, workspace=target.workspace)
    home.current.resolution = None


def persist(home: Home, where: Resolution) -> None:
    """Store where a session was switched to."""
    scope = where.scope
    with changing(home.places) as draft:
        if scope.project_id is not None:
            draft.set_project(scope.account.name, scope.project_id)
        draft.set_active(account=scope.account.name, workspace=scope.workspace_id)


def add_target(home: Home, target: Mapping[str, Any]) -> Target:
    """Save a place under a new name; its account must exist."""
    checked_project(str(target["project"]), "project")
    if target.get("workspace") is not None:
        checked_workspace(int(target["workspace"]), "workspace")
    try:
        made = Target.model_validate(target)
    except ValidationError as error:
        raise ConfigError(f"target {target['name']}: {told(error)}") from None
    if not made.name.strip() or "/" in made.name:
        raise ConfigError(f"name: {made.name!r} cannot name a target: it is empty or has a '/'.")
    with changing(home.places) as draft:
        draft.config.account(made.account)
        if made.name in draft.config.target_names:
            raise ConfigError(f"There is a target {made.name!r} already; remove it first.")
        draft.put_target(made)
    return made


def remove_target(home: Home, name: str) -> None:
    """Forget a saved place."""
    with changing(home.places) as draft:
        # A broken one can be removed, too.
        if name not in draft.config.target_names:
            raise missing("target", name, draft.config.target_names)
        draft.drop("targets", name)


def log_out(home: Home, name: str) -> None:
    """Forget the tokens of an account; there may be none."""
    home.config().account(name)
    delete_tokens(home.places, name)
    forget_me(home.places, name)


def export_bridge(
    home: Home, to: Path, account: str | None, project: str | None, workspace: int | None
) -> Path:
    """Write an account with its secrets into a bridge file. Nothing is renewed for it."""
    config = home.config()
    chosen = config.account(account or active_name(config))
    bridge = Bridge(
        account=_revealed(chosen),
        tokens=_carried(home, chosen.name) if isinstance(chosen, OAuthBrowser) else None,
        project=None if project is None else checked_project(project, "project"),
        workspace=None if workspace is None else checked_workspace(workspace, "workspace"),
        headers=dict(config.header),
    )
    write_bridge(to, bridge)
    return to


def _revealed(account: Account) -> Account:
    record = record_of(account, named=True)
    for field in ("secret", "token"):
        if field in record:
            record[field] = revealed(record[field])
    return account_of(record, f"account {account.name}")


def _carried(home: Home, account: str) -> BridgeTokens:
    try:
        tokens = read_tokens(home.places, account)
    except OAuthError as error:
        error.details.pop("validation_error", None)
        raise
    return BridgeTokens(**{name: getattr(tokens, name) for name in BridgeTokens.model_fields})


def remove_bridge(home: Home, at: str | None) -> bool:
    """Delete a bridge file; whether there was one.

    Raises ConfigError for a path that was named and holds something else.
    """
    path = home.places.path(at) if at else find_bridge(home.places)
    if path is None or not is_there(path):
        return False
    if at:
        _refuse_other_files(path)
    try:
        path.unlink()
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be deleted: {error.strerror}.") from error
    return True


def _refuse_other_files(path: Path) -> None:
    """Whoever can read a bridge that lies open is a reason to delete it, not to keep it."""
    try:
        record = json.loads(path.read_bytes()) if path.is_file() else None
    except (OSError, ValueError, RecursionError):
        record = None
    is_bridge = isinstance(record, dict) and "account" in record
    if not is_bridge:
        raise ConfigError(
            f"at: {path.name} is no bridge file and stays where it is.",
            details={"field": "at", "path": str(path)},
        )
