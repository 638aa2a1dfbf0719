"""The kinds of account, told apart by `type`. Secrets never show in a repr or a dump."""

import base64
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_core.regions import Region

AccountName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]


class _Account(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: AccountName
    region: Region


class ServiceAccount(_Account):
    """A service account's user name and secret, sent as HTTP Basic."""

    type: Literal["service_account"] = "service_account"
    username: str = Field(min_length=1)
    secret: SecretStr

    def authorization(self, environ: Mapping[str, str]) -> str:
        """The Authorization header of a request."""
        pair = f"{self.username}:{self.secret.get_secret_value()}"
        return "Basic " + base64.b64encode(pair.encode()).decode()


class OAuthToken(_Account):
    """A bearer token, held here or read at each request from an environment variable."""

    type: Literal["oauth_token"] = "oauth_token"
    token: SecretStr | None = None
    token_env: str | None = None

    def authorization(self, environ: Mapping[str, str]) -> str:
        """The Authorization header; ConfigError when the named variable is gone."""
        if self.token is not None:
            return f"Bearer {self.token.get_secret_value()}"
        value = environ.get(self.token_env or "")
        if not value:
            raise ConfigError(f"The environment variable {self.token_env} holds no token.")
        return f"Bearer {value}"


Account = ServiceAccount | OAuthToken
