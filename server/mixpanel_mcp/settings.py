"""Every setting of the server, once: environment variables, overridden by the command line."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

Names = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """Read from `MIXPANEL_MCP_<NAME>`; lists are comma-separated.

    Mixpanel's own variables (`MP_...`) tell the credentials and are read apart, by
    `mixpanel_mcp_core.auth.resolve`.
    """

    model_config = SettingsConfigDict(
        env_prefix="MIXPANEL_MCP_", env_ignore_empty=True, extra="forbid", frozen=True
    )

    transport: Literal["stdio", "http"] = "stdio"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    http_token: SecretStr | None = None
    allowed_hosts: Names = ()
    allowed_origins: Names = ()

    toolsets: Names = ("core",)
    tools: Names = ()
    exclude_tools: Names = ()
    read_only: bool = False
    confirm: Literal["always", "destructive", "never"] = "destructive"
    lookups: bool = True
    ledger: Literal["auto", "always", "off"] = "auto"
    cache: bool = True

    sandbox: str | None = None
    target: str | None = None
    files: Path | None = None
    max_tokens: int = Field(default=8000, ge=500)
    max_wait: float = Field(default=10, ge=0)
    result_format: Literal["csv", "table", "json"] = "csv"
    log_level: Literal["debug", "info", "warning", "error"] = "warning"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given, then the variables; no file has a say."""
        return init_settings, env_settings

    @field_validator(
        "toolsets", "tools", "exclude_tools", "allowed_hosts", "allowed_origins", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value
