"""Clients of servers in this process, with a home of their own and a person before them."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.types import CallToolResult

from mixpanel_mcp.app import build
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_core.auth.home import Nobody, Person

BROWSER_ACCOUNT = (
    '[active]\naccount = "me"\n\n[accounts.me]\ntype = "oauth_browser"\nregion = "us"\n'
)


def lay(path: Path, content: str | Mapping[str, Any]) -> Path:
    """Write a credential file as its owner would find it."""
    for folder in reversed(path.parents):
        folder.mkdir(0o700, exist_ok=True)
    path.touch(0o600)
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def tokens_at(home: Path, account: str = "me") -> Path:
    """The file of an account's tokens."""
    return home / ".mp" / "accounts" / account / "tokens.json"


def files_in(home: Path) -> set[str]:
    """Every file that was left in a home."""
    return {str(each.relative_to(home)) for each in home.rglob("*") if each.is_file()}


def utc_now() -> datetime:
    """The time that everybody has."""
    return datetime.now(UTC)


def tokens_for(seconds: float, name: str = "old", now: datetime | None = None) -> dict[str, str]:
    """A file of tokens that are good for so long yet, or no more."""
    return {
        "access_token": f"{name}-access-token",
        "expires_at": ((now or utc_now()) + timedelta(seconds=seconds)).isoformat(),
        "token_type": "Bearer",
        "scope": "projects",
        "refresh_token": f"{name}-refresh-token",
    }


def logged_in(home: Path, tokens: Mapping[str, Any] | str) -> Path:
    """A home with an account that has these tokens, and with the client that renews them."""
    lay(home / ".mp/config.toml", BROWSER_ACCOUNT)
    lay(home / ".mp/oauth/client_us.json", {"client_id": "CLIENT", "redirect_uri": "x"})
    lay(tokens_at(home), tokens)
    return home


def at_home(folder: Path) -> Path:
    """A home with an account that is to be logged in."""
    lay(folder / ".mp/config.toml", BROWSER_ACCOUNT)
    return folder


@asynccontextmanager
async def client_at(
    home: Path,
    url: str,
    person: Person | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
    environ: Mapping[str, str] | None = None,
) -> AsyncGenerator[Client]:
    """A client of a server whose home and Mixpanel these are."""
    given = {"HOME": str(home), "MP_API_BASE_URL": url, **(environ or {})}
    settings = Settings(toolsets=("all",), result_format="json")
    sessions = Sessions(settings, given, person=person or Nobody(), clock=clock)
    async with Client(build(settings, given, sessions=sessions)) as client:
        yield client


def answer(result: CallToolResult) -> Any:
    """The value of a good answer."""
    text = str(getattr(result.content[0], "text", ""))
    assert not result.is_error, text
    return json.loads(text)["result"]


def failure(result: CallToolResult) -> tuple[str, dict[str, Any]]:
    """Code and details of an error."""
    assert result.is_error, result.content
    assert result.structured_content is not None
    error = result.structured_content["error"]
    return error["code"], error["details"]


def message(result: CallToolResult) -> str:
    """What an error says."""
    assert result.structured_content is not None
    return result.structured_content["error"]["message"]
