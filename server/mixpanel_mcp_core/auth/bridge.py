"""The bridge file: credentials carried from a host into a machine that has none, e.g. a VM."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from mixpanel_mcp_core.auth.accounts import (
    Account,
    OAuthBrowser,
    ProjectDigits,
    record_of,
    told,
)
from mixpanel_mcp_core.auth.places import Places
from mixpanel_mcp_core.auth.private_files import (
    Unsafe,
    is_there,
    json_bytes,
    new_folder,
    read_json,
    write_private,
)
from mixpanel_mcp_core.auth.tokens import Moment, Tokens, stamp
from mixpanel_mcp_core.errors import ConfigError


class BridgeTokens(BaseModel):
    """The tokens of a browser login, as a bridge carries them."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    access_token: SecretStr
    refresh_token: SecretStr | None = None
    expires_at: Moment
    scope: str
    token_type: str

    def tokens(self) -> Tokens:
        """The same, as an account stores them."""
        return Tokens(
            access_token=self.access_token,
            refresh_token=self.refresh_token,
            expires_at=self.expires_at,
            token_type=self.token_type,
            scope=self.scope or "read",
        )


class Bridge(BaseModel):
    """A bridge file of version 2."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    version: Literal[2] = 2
    account: Annotated[Account, Field(discriminator="type")]
    tokens: BridgeTokens | None = None
    project: ProjectDigits | None = None
    workspace: Annotated[int, Field(gt=0, strict=True)] | None = None
    headers: dict[str, str] = {}

    @model_validator(mode="after")
    def _tokens_of_a_browser(self) -> Self:
        if isinstance(self.account, OAuthBrowser) and self.tokens is None:
            raise ValueError("an oauth_browser account needs tokens")
        return self


def find_bridge(places: Places) -> Path | None:
    """The file that is there, the first of the places for it."""
    return next((path for path in places.bridges if is_there(path)), None)


def load_bridge(places: Places) -> tuple[Path, Bridge] | None:
    """The bridge in use, or None. Raises ConfigError for a file that is unsafe or malformed."""
    path = find_bridge(places)
    if path is None:
        return None
    try:
        return path, Bridge.model_validate(read_json(path, places.home))
    except FileNotFoundError:
        return None
    except Unsafe as error:
        raise _unusable(path, str(error)) from error
    except ValidationError as error:
        raise _unusable(path, f"{path.name} is no bridge of version 2: {told(error)}") from None
    except ValueError as error:
        raise _unusable(path, f"{path.name} is not JSON: {error}") from None


def _unusable(path: Path, why: str) -> ConfigError:
    return ConfigError(f"{why}.", details={"path": str(path)})


def write_bridge(path: Path, bridge: Bridge) -> None:
    """Write a bridge file, readable by its owner only, in place of an older one."""
    record: dict[str, Any] = {
        "version": bridge.version,
        "account": record_of(bridge.account, named=True),
        "headers": bridge.headers,
        "project": bridge.project,
        "workspace": bridge.workspace,
        "tokens": _tokens(bridge.tokens),
    }
    given = {key: value for key, value in record.items() if value is not None}
    try:
        # It may be any folder of the person's, which stays as open as it is.
        new_folder(path.parent)
        write_private(path, json_bytes(given, indent=2, sort=True))
    except Unsafe as error:
        raise _unusable(path, str(error)) from error


def _tokens(tokens: BridgeTokens | None) -> dict[str, Any] | None:
    if tokens is None:
        return None
    refresh = tokens.refresh_token
    return {
        "access_token": tokens.access_token.get_secret_value(),
        "expires_at": stamp(tokens.expires_at, zulu=True),
        "scope": tokens.scope,
        "token_type": tokens.token_type,
        **({} if refresh is None else {"refresh_token": refresh.get_secret_value()}),
    }
