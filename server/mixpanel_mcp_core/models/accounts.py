"""Accounts, targets and sessions, as operations tell of them: never with a secret."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from mixpanel_mcp_core.auth.accounts import AccountType
from mixpanel_mcp_core.regions import Region


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class AccountSummary(_Told):
    """An account without its secrets; the last three fields are known right after a login."""

    name: str
    type: AccountType
    region: Region
    status: str = "untested"
    is_active: bool
    referenced_by_targets: list[str]
    user_email: str | None = None
    project_id: str | None = None
    project_name: str | None = None


class User(_Told):
    """The person, or the service account, behind credentials."""

    id: int
    email: str


class AccountTestResult(_Told):
    """Whether Mixpanel takes the credentials of an account, and what is wrong if not."""

    account_name: str
    ok: bool
    user: User | None = None
    accessible_project_count: int | None = None
    error: str | None = None
    error_code: str | None = None
    error_details: dict[str, Any] | None = None


class OAuthLoginResult(_Told):
    """What a browser login left behind."""

    account_name: str
    user: User | None
    expires_at: str
    tokens_path: str
    client_path: str


class BridgeAccount(_Told):
    """The account in a bridge file, without its secrets."""

    name: str
    type: AccountType
    region: Region


class BridgeSummary(_Told):
    """A bridge file, without its secrets."""

    path: str
    version: int
    account: BridgeAccount
    project: str | None
    workspace: int | None
    headers: dict[str, str]


class BridgeShown(_Told):
    """The bridge file in use, or null."""

    bridge: BridgeSummary | None


class ActiveShown(_Told):
    """The active account and workspace, as they are stored."""

    account: str | None
    workspace: int | None


class SessionResolved(_Told):
    """What a session would be opened with."""

    account: BridgeAccount
    project: str
    workspace: int | None
    headers: dict[str, str]


class SessionNow(_Told):
    """Where calls go now."""

    account: str
    project: str
    workspace: int | None


class Explained(_Told):
    """One part of a session and the source that it came from."""

    part: str
    value: str
    source: str
