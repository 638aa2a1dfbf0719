"""The client that is registered with a region's login server, shared by all its accounts."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mixpanel_mcp_core.auth.oauth import SCOPES
from mixpanel_mcp_core.auth.places import Places
from mixpanel_mcp_core.auth.private_files import (
    FOLDER_OWNER_ONLY,
    OWNER_ONLY,
    Unsafe,
    read_json,
    write_json,
)
from mixpanel_mcp_core.auth.tokens import stamp
from mixpanel_mcp_core.errors import OAuthError
from mixpanel_mcp_core.regions import Region

log = logging.getLogger(__name__)


def stored_client(places: Places, region: Region) -> Mapping[str, Any] | None:
    """The region's client as it was stored, or None for none that can be used.

    A file that others can read is closed to them first: it holds no secret.
    """
    path = places.client(region)
    try:
        if not path.is_symlink() and path.is_file():
            path.chmod(OWNER_ONLY)
            path.parent.chmod(FOLDER_OWNER_ONLY)
        record = read_json(path, places.home)
    except FileNotFoundError:
        return None
    except (OSError, Unsafe, ValueError) as error:
        log.warning(
            "the registered client is not usable", extra={"file": path.name, "why": str(error)}
        )
        return None
    return record if isinstance(record.get("client_id"), str) else None


def store_client(
    places: Places, region: Region, client_id: str, redirect_uri: str, now: datetime
) -> None:
    """Keep a client that was just registered."""
    record = {
        "client_id": client_id,
        "region": region,
        "redirect_uri": redirect_uri,
        "scope": SCOPES,
        "created_at": stamp(now, zulu=True),
    }
    path = places.client(region)
    try:
        write_json(path, record, indent=2)
    except Unsafe as error:
        raise OAuthError(f"{error}.", details={"path": str(path)}) from error
