"""A user with an account and two saved targets, and a Mixpanel that counts visits of projects."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.client.extension import ClientExtension
from mcp.types import CallToolResult
from recorder import Recorded, Recorder

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

CONFIG = """\
[active]
account = "team"

[accounts.team]
type = "service_account"
username = "sa.user"
secret = "hunter2-secret"
region = "us"
default_project = "1"

[targets.shop]
account = "team"
project = "1"

[targets.forum]
account = "team"
project = "2"
"""
# Only what is called: to describe dozens of tools takes longer than to call one.
TOOLS = ("query", "query_targets", "event_counts", "read_result")
VISITS = {"events": ["Visit"], "last": 2}


def text(result: CallToolResult) -> str:
    """What an answer says."""
    return getattr(result.content[0], "text", "")


async def mixpanel(request: Recorded) -> Mapping[str, Any]:
    """Visits of one day, as many as the project's id; project 9 is not to be seen."""
    if request.method == "POST" and request.path != "/api/query/insights":
        return {"status": 200, "body": {"results": {"id": 1, "description": "x", "date": "x"}}}
    project = request.json()["project_id"]
    if str(project) == "9":
        return {"status": 403, "body": {"error": "Access denied to project 9"}}
    series = {"Visit": {"2026-01-01T00:00:00": int(project)}}
    body = {"computed_at": "", "date_range": {}, "headers": ["$metric"], "series": series}
    return {"status": 200, "body": body}


@asynccontextmanager
async def at_home(
    home: Path,
    recorder: Recorder,
    extensions: Sequence[ClientExtension] = (),
    **settings: Any,
) -> AsyncGenerator[Client]:
    """A client of a server whose user has an account, two targets, and Mixpanel's limits."""
    folder = home / ".mp"
    folder.mkdir(0o700, exist_ok=True)
    (folder / "config.toml").touch(0o600)
    (folder / "config.toml").write_text(CONFIG)
    environ = {"HOME": str(home), "MP_API_BASE_URL": recorder.url}
    usual: dict[str, Any] = {"tools": TOOLS, "ledger": "always", "lookups": False}
    server = build(Settings(**{**usual, **settings}), environ)
    async with Client(server, extensions=extensions) as client:
        yield client
