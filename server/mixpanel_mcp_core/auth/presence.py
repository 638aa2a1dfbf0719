"""Whether there are credentials at all, told without reading any."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from mixpanel_mcp_core.auth.places import Places

CREDENTIALS = ("MP_USERNAME", "MP_SECRET", "MP_OAUTH_TOKEN")


def credentials_anywhere(environ: Mapping[str, str]) -> bool:
    """Whether the environment, a bridge file or the config file has any, usable or not."""
    return any(environ.get(name) for name in CREDENTIALS) or credentials_on_file(environ)


def credentials_on_file(environ: Mapping[str, str]) -> bool:
    """Whether a bridge file or the config file has any, so that a client need not pass them."""
    places = Places(environ, Path.cwd())
    try:
        if any(path.exists() for path in places.bridges):
            return True
        with places.config.open("rb") as file:
            return bool(tomllib.load(file).get("accounts"))
    except FileNotFoundError:
        return False
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        # What is there but cannot be read is to be complained of, not passed over.
        return True
