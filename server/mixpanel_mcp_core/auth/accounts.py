"""The kinds of account, told apart by `type`. Secrets never show in a repr or a dump."""

import base64
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_core.regions import Region

AccountType = Literal["service_account", "oauth_browser", "oauth_token"]
ACCOUNT_TYPES: tuple[AccountType, ...] = get_args(AccountType)
AccountName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
ProjectDigits = Annotated[str, Field(pattern=r"^[0-9]+$")]


def basic(username: str, password: str) -> str:
    """The Authorization header of HTTP Basic."""
    # Bytes of the environment that are not UTF-8 go out as they came in.
    pair = f"{username}:{password}".encode(errors="surrogateescape")
    return "Basic " + base64.b64encode(pair).decode()


class _Account(BaseModel):
    # A refused record is quoted in pydantic's message, with whatever secret it holds.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: AccountName
    region: Region
    default_project: ProjectDigits | None = None


class ServiceAccount(_Account):
    """A service account's user name and secret, sent as HTTP Basic."""

    type: Literal["service_account"] = "service_account"
    username: str = Field(min_length=1)
    secret: SecretStr


class OAuthBrowser(_Account):
    """A person who logged in with a browser; the tokens are in a file of the account's own."""

    type: Literal["oauth_browser"] = "oauth_browser"


class OAuthToken(_Account):
    """A bearer token, held here or read at each request from an environment variable."""

    type: Literal["oauth_token"] = "oauth_token"
    token: SecretStr | None = None
    token_env: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.token is None) == (self.token_env is None):
            raise ValueError("give either token or token_env")
        return self


Account = ServiceAccount | OAuthBrowser | OAuthToken
_ACCOUNT = TypeAdapter[Account](Annotated[Account, Field(discriminator="type")])

# The order in which the keys of a block are written.
_KEYS = ("type", "region", "default_project", "username", "secret", "token", "token_env")


def account_of(record: Mapping[str, Any], where: str) -> Account:
    """An account from its record, `name` included.

    Raises ConfigError naming `where` it stands and every field at fault, but no value.
    """
    try:
        return _ACCOUNT.validate_python(record)
    except ValidationError as error:
        raise ConfigError(f"{where}: {told(error)}", details={"account": where}) from None


def record_of(account: Account, *, named: bool = False) -> dict[str, Any]:
    """The account as it is stored, its secrets in clear; with its name for the bridge."""
    keys = ("name", *_KEYS) if named else _KEYS
    values = {key: getattr(account, key, None) for key in keys}
    return {
        key: value.get_secret_value() if isinstance(value, SecretStr) else value
        for key, value in values.items()
        if value is not None
    }


def secrets_of(account: Account) -> list[str]:
    """What of the account must never be shown."""
    held = (getattr(account, "secret", None), getattr(account, "token", None))
    return [each.get_secret_value() for each in held if isinstance(each, SecretStr)]


def told(error: ValidationError) -> str:
    """What is wrong with a record: each field with its complaint, without what it holds."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{_path(each['loc'])}{each['msg']}" for each in problems)


def _path(location: tuple[int | str, ...]) -> str:
    steps = [str(step) for step in location if step not in ACCOUNT_TYPES]
    return f"{'.'.join(steps)}: " if steps else ""
