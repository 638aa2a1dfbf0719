"""APIs that take one kind of account alone: others are told so before anything is sent."""

from dataclasses import replace

from mixpanel_mcp_core.api import AppApi
from mixpanel_mcp_core.auth.accounts import ServiceAccount
from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_core.session import Session


def with_bearer(session: Session) -> AppApi:
    """The App API outside any project, by a bearer token; ConfigError for a service account."""
    if session.bearer is None:
        raise _unfit(
            session,
            "needs a personal bearer token, which a project owner or admin makes in Mixpanel's "
            "profile settings",
            "Add it with `mixpanel-mcp accounts add NAME --type oauth_token`, or log in with "
            "`mixpanel-mcp login`, and name that account in `target`.",
        )
    return replace(session, authorize=session.bearer).app.at_host


def check_service_account(session: Session, otherwise: str = "") -> None:
    """Raise ConfigError, with another way where there is one, for an account of another kind."""
    if not isinstance(session.scope.account, ServiceAccount):
        raise _unfit(
            session,
            "takes service accounts alone, no bearer token",
            "Add one with `mixpanel-mcp login --service-account`, and name it in `target`"
            f"{otherwise}.",
        )


def _unfit(session: Session, reason: str, way_out: str) -> ConfigError:
    account = session.scope.account
    return ConfigError(
        f"This {reason}; account {account.name} is of type {account.type}. {way_out}",
        details={"account_name": account.name, "account_type": account.type},
    )
