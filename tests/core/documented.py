"""The config file, targets and bridge that the contract's truth table is about."""

import tomllib
from collections.abc import Mapping
from typing import Any

from mixpanel_mcp_core.auth.bridge import Bridge
from mixpanel_mcp_core.auth.config import Config
from mixpanel_mcp_core.auth.resolve import Sources

CONFIG = """\
[active]
account = "team"
workspace = 77

[accounts.team]
type = "service_account"
region = "us"
default_project = "12345"
username = "sa.user"
secret = "sekret-team"

[accounts.ci]
type = "oauth_token"
region = "eu"
default_project = "222"
token = "sekret-ci"

[accounts.me]
type = "oauth_browser"
region = "us"

[targets.ecom]
account = "ci"
project = "333"
workspace = 44

[targets.plain]
account = "team"
project = "555"
"""
BRIDGE: Mapping[str, Any] = {
    "version": 2,
    "account": {
        "type": "service_account",
        "name": "cowork",
        "region": "in",
        "username": "sa.cowork",
        "secret": "sekret-cowork",
    },
    "project": "909",
    "workspace": 808,
}
PAIR = {"MP_USERNAME": "sa.user", "MP_SECRET": "sekret-pair"}
TOKEN = {"MP_OAUTH_TOKEN": "sekret-token"}
PLACE = {"MP_PROJECT_ID": "42", "MP_REGION": "us"}


def sources(
    environ: Mapping[str, str] | None = None,
    bridge: Mapping[str, Any] | None = None,
    config: str = CONFIG,
) -> Sources:
    """Everything that may say where calls go, as it would be read from these."""
    read = Config(tomllib.loads(config))
    return Sources(environ or {}, read, None if bridge is None else Bridge.model_validate(bridge))
