"""What `/me` says of an account: asked, cached for a day, and read for regions and names."""

import logging
import re
import time
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mixpanel_mcp_core.api import AppApi
from mixpanel_mcp_core.auth.places import Places
from mixpanel_mcp_core.auth.private_files import Unsafe, read_json, write_json
from mixpanel_mcp_core.auth.resolve import ENV_ACCOUNTS
from mixpanel_mcp_core.errors import AuthenticationError, ConfigError, QueryError
from mixpanel_mcp_core.models.session import Me
from mixpanel_mcp_core.outcome import read

log = logging.getLogger(__name__)

CACHE_SECONDS = 86_400
_HEAVY = ("member_list", "unified_member_list")
_LONGEST_NAME = 32
_FORBIDDEN = ". A service account needs the scope user_details for that."


async def ask_me(app: AppApi) -> Me:
    """`GET /me`, as it is; every error passes through."""
    answer = await app.me()
    return read(answer if isinstance(answer, dict) else {"results": answer}, Me)


async def who_is(app: AppApi, account: str) -> Me:
    """The same; ConfigError when Mixpanel refuses the account."""
    try:
        return await ask_me(app)
    except (AuthenticationError, QueryError) as error:
        if error.status_code not in (401, 403):
            raise
        raise ConfigError(
            "Mixpanel does not tell who these credentials belong to"
            + (": they are refused." if error.status_code == 401 else _FORBIDDEN),
            details={"status_code": error.status_code, "account_name": account},
        ) from error


def cached_me(places: Places, account: str) -> Me | None:
    """The answer that is kept for an account, if it is there and not older than a day.

    A file that no longer reads is deleted.
    """
    if account in ENV_ACCOUNTS:
        return None
    path = places.me(account)
    try:
        kept = Me.model_validate(read_json(path, places.home))
    except FileNotFoundError:
        return None
    except Unsafe as error:
        log.warning("the cached answer of /me is not used", extra={"why": str(error)})
        return None
    except (ValueError, ValidationError):
        _delete(path)
        return None
    return kept if 0 <= time.time() - (kept.cached_at or 0) < CACHE_SECONDS else None


def keep_me(places: Places, account: str, me: Me) -> None:
    """Keep an answer for a day, without the long lists of members.

    Not for an account of the environment: its name does not say whose credentials they are.
    """
    if account in ENV_ACCOUNTS:
        return
    record = me.model_dump(mode="json")
    views: Mapping[str, Mapping[str, Any]] = record["workspaces"]
    slim = {
        key: {name: value for name, value in view.items() if name not in _HEAVY}
        for key, view in views.items()
    }
    try:
        write_json(places.me(account), {**record, "workspaces": slim, "cached_at": time.time()})
    except Unsafe as error:
        log.warning("the answer of /me is not cached", extra={"why": str(error)})


def forget_me(places: Places, account: str) -> None:
    """Drop what is kept, since the account stands for somebody else now."""
    _delete(places.me(account))


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("the cached answer of /me is not deleted", extra={"why": error.strerror})


def derived_name(me: Me, taken: list[str]) -> str:
    """A name for an account: that of the first organization, made short and plain."""
    base = "account"
    if me.organizations:
        key, organization = next(iter(me.organizations.items()))
        base = _plain(organization.name or "") or f"org-{organization.id or key}"
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:_LONGEST_NAME].rstrip("-")
