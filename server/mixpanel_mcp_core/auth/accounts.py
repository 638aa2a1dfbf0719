"""The kinds of account, told apart by `type`. Secrets never show in a repr or a dump."""

import base64
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_core.regions import Region

AccountName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]


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


class ServiceAccount(_Account):
    """A service account's user name and secret, sent as HTTP Basic."""

    type: Literal["service_account"] = "service_account"
    username: str = Field(min_length=1)
    secret: SecretStr

    def authorization(self, environ: Mapping[str, str]) -> str:
        """The Authorization header of a request."""
        return basic(self.username, self.secret.get_secret_value())


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

    def authorization(self, environ: Mapping[str, str]) -> str:
        """The Authorization header.

        Raises ConfigError when the named variable is gone, or the token has characters that no
        header can carry.
        """
        token = self._current(environ)
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise ConfigError(
                f"The token of account {self.name} has characters that no header can carry, "
                "such as a line break or a space."
            )
        return f"Bearer {token}"

    def _current(self, environ: Mapping[str, str]) -> str:
        if self.token is not None:
            return self.token.get_secret_value()
        token = environ.get(self.token_env or "")
        if not token:
            raise ConfigError(f"The environment variable {self.token_env} holds no token.")
        return token


Account = ServiceAccount | OAuthToken
