"""A home of a test's own: its files laid as their owner would, and what runs on them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from mixpanel_mcp_core.auth.home import Home, Network
from mixpanel_mcp_core.auth.places import Places

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
TEAM = """\
[accounts.team]
type = "service_account"
region = "us"
default_project = "12345"
username = "sa.user"
secret = "hunter2"
"""
ME = '[accounts.me]\ntype = "oauth_browser"\nregion = "us"\n'


def lay(path: Path, content: str | bytes | Mapping[str, Any], mode: int = 0o600) -> Path:
    """A file of this content, for its owner only unless told otherwise, with its folders."""
    for folder in reversed(path.parents):
        folder.mkdir(0o700, exist_ok=True)
    if isinstance(content, Mapping):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return path


def mode(path: Path) -> int:
    """The permission bits."""
    return path.stat().st_mode & 0o777


def home_in(folder: Path, config: str | None = None, **environ: str) -> Home:
    """The home in this folder, its config file laid if there is one; it can send nothing."""
    if config is not None:
        lay(folder / ".mp/config.toml", config)
    nowhere = cast("Network", None)
    return Home({"HOME": str(folder), **environ}, nowhere, cwd=folder / "cwd", clock=lambda: NOW)


def places_in(folder: Path, **environ: str) -> Places:
    """Where the files of the home in this folder lie."""
    return home_in(folder, **environ).places
