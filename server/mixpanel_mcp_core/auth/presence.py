"""Whether there are credentials at all, told without reading any."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from mixpanel_mcp_core.auth.places import Places
from mixpanel_mcp_core.auth.private_files import Unsafe, is_there, read_private

CREDENTIALS = ("MP_USERNAME", "MP_SECRET", "MP_OAUTH_TOKEN")


def credentials_anywhere(environ: Mapping[str, str]) -> bool:
    """Whether the environment, a bridge file or the config file has any, usable or not."""
    return any(environ.get(name) for name in CREDENTIALS) or credentials_on_file(environ)


def credentials_on_file(environ: Mapping[str, str]) -> bool:
    """Whether a bridge file or the config file has any, so that a client need not pass them."""
    places = Places(environ, Path.cwd())
    try:
        if any(map(is_there, places.bridges)):
            return True
        config = tomllib.loads(read_private(places.config, places.home).decode())
        return bool(config.get("accounts"))
    except FileNotFoundError:
        return False
    except (Unsafe, ValueError, RecursionError):
        # What is there but cannot be read is to be complained of, not passed over.
        return True
