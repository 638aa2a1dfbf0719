"""The tokens of a browser login, and the file that keeps them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)

from mixpanel_mcp_core.auth.accounts import told
from mixpanel_mcp_core.auth.keychain import forget, is_kept, keep, revealed
from mixpanel_mcp_core.auth.locks import locked
from mixpanel_mcp_core.auth.places import Places
from mixpanel_mcp_core.auth.private_files import Unsafe, read_json, write_json
from mixpanel_mcp_core.errors import OAuthError

# A token that would run out on its way counts as expired.
_AHEAD = timedelta(seconds=30)
_SECRETS = ("access_token", "refresh_token")


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC it is beyond the calendar") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class Tokens(BaseModel):
    """An access token, until when it is good, and what renews it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    access_token: Annotated[SecretStr, Field(min_length=1)]
    expires_at: Moment
    token_type: str = "Bearer"
    scope: str = ""
    refresh_token: SecretStr | None = None
    in_keychain: bool = False

    def expired(self, now: datetime) -> bool:
        """Whether a request that leaves now would come too late."""
        return now + _AHEAD >= self.expires_at

    def secrets(self) -> list[str]:
        """What must never be shown."""
        held = (self.access_token, self.refresh_token)
        return [each.get_secret_value() for each in held if each is not None]


def stamp(moment: datetime, *, zulu: bool = False) -> str:
    """A moment in UTC, ISO 8601; with `Z` for the offset, or `+00:00`."""
    text = moment.astimezone(UTC).isoformat()
    return text.replace("+00:00", "Z") if zulu else text


def read_tokens(places: Places, account: str) -> Tokens:
    """The tokens of an account.

    Raises OAuthError naming account and path when there are none, when the file is unsafe, or
    when it is malformed.
    """
    path = places.tokens(account)
    try:
        return _from_keychain(Tokens.model_validate(read_json(path, places.home)))
    except FileNotFoundError:
        raise _unusable(account, path, "it is not logged in") from None
    except Unsafe as error:
        raise _unusable(account, path, str(error)) from error
    except ValidationError as error:
        raise _unusable(account, path, "its tokens are malformed", told(error)) from None
    except ValueError as error:
        raise _unusable(account, path, "its tokens are malformed", str(error)) from None


def _unusable(account: str, path: Path, why: str, complaint: str | None = None) -> OAuthError:
    details: dict[str, Any] = {"account_name": account, "path": str(path)}
    if complaint is not None:
        details["validation_error"] = complaint
    return OAuthError(f"Account {account}: {why}. {log_in(account)}", details=details)


def _from_keychain(tokens: Tokens) -> Tokens:
    """The tokens themselves, where the file only says that the keychain has them."""
    held = {name: getattr(tokens, name) for name in _SECRETS}
    kept = {
        name: SecretStr(revealed(each.get_secret_value()))
        for name, each in held.items()
        if each is not None and is_kept(each.get_secret_value())
    }
    return tokens.model_copy(update={**kept, "in_keychain": bool(kept)})


def replace_tokens(places: Places, account: str, tokens: Tokens, *, keychain: bool = False) -> None:
    """Store the tokens of a new login; in the keychain where asked, or where the old ones were."""
    path = places.tokens(account)
    with locked(path.parent):
        before = _stored_secrets(places, account)
        in_keychain = keychain or any(map(is_kept, before))
        write_tokens(path, tokens.model_copy(update={"in_keychain": in_keychain}), account)
        for kept in set(before) - set(_stored_secrets(places, account)):
            forget(kept)


def _stored_secrets(places: Places, account: str) -> list[str]:
    """What stands for the secrets in the file, in whatever state that is."""
    try:
        record = read_json(places.tokens(account), places.home)
    except (OSError, Unsafe, ValueError):
        return []
    return [str(record.get(name, "")) for name in _SECRETS]


def delete_tokens(places: Places, account: str) -> None:
    """Forget the tokens of an account, whatever state their file is in."""
    path = places.tokens(account)
    for kept in _stored_secrets(places, account):
        forget(kept)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OAuthError(f"{path.name} cannot be deleted: {error.strerror}.") from error


def log_in(account: str) -> str:
    """What to do when the tokens of an account are of no use any more."""
    return f"Log in again: mixpanel-mcp accounts login {account}"


def write_tokens(path: Path, tokens: Tokens, account: str) -> None:
    """Store tokens for their owner only, in place of older ones."""
    held = {name: getattr(tokens, name) for name in _SECRETS}
    secrets = {name: each.get_secret_value() for name, each in held.items() if each is not None}
    if tokens.in_keychain:
        secrets = {name: keep(f"{account}/{name}", each) for name, each in secrets.items()}
    record = {
        "access_token": secrets.pop("access_token"),
        "expires_at": stamp(tokens.expires_at),
        "token_type": tokens.token_type,
        "scope": tokens.scope,
        **secrets,
    }
    try:
        write_json(path, record)
    except Unsafe as error:
        raise OAuthError(f"{error}.", details={"path": str(path)}) from error
