"""A long result is read by those who could ask for it again, and is not there for anybody else."""

import contextlib
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError
from recorder import CREDENTIALS, Recorder, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

OURS = {"MP_USERNAME": "ours", "MP_SECRET": "secret-of-ours", "MP_PROJECT_ID": "1"}
TOOLS = ("event_counts", "read_result", "query_result", "export_result")


@asynccontextmanager
async def serving(
    recorder: Recorder, environ: Mapping[str, str], **settings: Any
) -> AsyncGenerator[Client]:
    """A client of a server for HTTP, whose Mixpanel is the recorder."""
    usual: dict[str, Any] = {"transport": "http", "tools": TOOLS, "max_tokens": 500}
    whole = {**CREDENTIALS, **OURS, "MP_API_BASE_URL": recorder.url, **environ}
    async with Client(build(Settings(**{**usual, **settings}), whole)) as client:
        yield client


@pytest.fixture
async def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Recorder]:
    """A Mixpanel that knows many days of an event, and a cache folder that is empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    days = {f"2026-{month:02}-{day:02}": 1 for month in range(1, 9) for day in range(1, 29)}
    body = {"legend_size": 1, "data": {"series": list(days), "values": {"Visit": days}}}
    async with recording() as found:
        found.answers += [{"status": 200, "body": body}] * 3
        yield found


async def asked(client: Client) -> str:
    """The handle of an answer that was cut."""
    arguments = {"events": ["Visit"], "from_date": "2026-01-01", "to_date": "2026-08-28"}
    result = await client.call_tool("event_counts", arguments)
    text = getattr(result.content[0], "text", "")
    found = re.search(r"handle (r\w{16})", text)
    assert found is not None, text
    return found[1]


async def seen(client: Client, handle: str) -> list[bool]:
    """Whether a result is there: for pages, for SQL, for files, as a resource."""
    calls: list[tuple[str, dict[str, Any]]] = [
        ("read_result", {"handle": handle}),
        ("query_result", {"sql": f"select count(*) from {handle}"}),
        ("export_result", {"handle": handle, "output_file": "all.csv"}),
    ]
    found: list[bool] = []
    for tool, arguments in calls:
        result = await client.call_tool(tool, arguments)
        text = getattr(result.content[0], "text", "")
        assert not result.is_error or "no result is kept as" in text, text
        found.append(not result.is_error)
    with contextlib.suppress(MCPError):
        await client.read_resource(f"mixpanel://results/{handle}")
        return [*found, True]
    return [*found, False]


OTHERS: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({"MP_USERNAME": "theirs"}, {}),
    ({"MP_SECRET": "another-secret"}, {}),
    ({"MP_PROJECT_ID": "2"}, {}),
    ({"MP_REGION": "eu"}, {}),
    ({"MP_WORKSPACE_ID": "7"}, {}),
    ({"MP_STORAGE_DIR": "/tmp/elsewhere"}, {}),
    ({}, {"http_token": "a-token-of-sixteen"}),
    ({}, {"transport": "stdio"}),
]


async def test_over_http_a_handle_is_good_for_those_who_could_ask_again(
    recorder: Recorder, tmp_path: Path
) -> None:
    """Whatever is different in another server of the same machine, it does not have the result."""
    async with serving(recorder, {}) as ours:
        handle = await asked(ours)
    found: list[list[bool]] = []
    for environ, settings in OTHERS:
        async with serving(recorder, environ, files=tmp_path, **settings) as theirs:
            found.append(await seen(theirs, handle))
    assert found == [[False] * 4] * len(OTHERS)
    async with serving(recorder, {}, files=tmp_path) as ours_again:
        assert await seen(ours_again, handle) == [True] * 4


async def test_what_was_kept_for_this_user_is_not_served_to_others(
    recorder: Recorder, tmp_path: Path
) -> None:
    """Who asks over HTTP need not be who asked on this machine."""
    async with serving(recorder, {}, transport="stdio") as ours:
        handle = await asked(ours)
    async with serving(recorder, {}, files=tmp_path) as theirs:
        assert await seen(theirs, handle) == [False] * 4


async def test_what_came_from_several_places_is_of_all_who_ask_there() -> None:
    """A table of several targets has no account of its own: the server's own things tell."""
    owners: list[str] = []
    for environ in ({}, {}, {"MP_USERNAME": "theirs"}, {"MP_STORAGE_DIR": "/tmp/elsewhere"}):
        sessions = Sessions(Settings(transport="http"), {**CREDENTIALS, **OURS, **environ})
        await sessions.home()
        owners.append(sessions.owner(None))
        await sessions.close()
    assert [owners.index(each) for each in owners] == [0, 0, 2, 3]
