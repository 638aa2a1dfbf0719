"""What an agent can do to a project and to this machine, tried by agents that would do more."""

import asyncio
import json
import os
import pty
import socket
import stat
import subprocess
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp.types import CallToolResult
from processes import environment, warm
from recorder import CREDENTIALS, Recorded, Recorder, recording

import mixpanel_mcp_tools
from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

CONFIG = """\
[active]
account = "team"

[accounts.team]
type = "oauth_token"
region = "us"
default_project = "1"
token = "token-of-team"

[accounts.other]
type = "oauth_token"
region = "us"
default_project = "1"
token = "token-of-other"

[targets.shop]
account = "team"
project = "1"
"""
NOTE = {
    "id": 7,
    "project_id": 1,
    "date": "2026-01-01 00:00:00",
    "description": "Release",
    "user": None,
    "tags": [],
}
DELETE = {"annotation_id": 7}


async def mixpanel(request: Recorded) -> Mapping[str, Any]:
    """A Mixpanel with one annotation in each project."""
    return {"status": 200, "body": {"status": "ok", "results": NOTE}}


@asynccontextmanager
async def connected(home: Path, recorder: Recorder, **settings: Any) -> AsyncGenerator[Client]:
    """A client that cannot ask, of a server with two accounts."""
    config = home / ".mp/config.toml"
    config.parent.mkdir(0o700, exist_ok=True)
    config.touch(0o600)
    config.write_text(CONFIG)
    chosen: dict[str, Any] = {"toolsets": ("annotations",), **settings}
    environ = {"HOME": str(home), "MP_API_BASE_URL": recorder.url}
    async with Client(build(Settings(**chosen), environ)) as client:
        yield client


def text(result: CallToolResult) -> str:
    """What an answer says."""
    return "".join(getattr(block, "text", "") for block in result.content)


def token_of(preview: CallToolResult) -> str:
    """The token that a preview gives."""
    assert preview.structured_content is not None
    return preview.structured_content["confirm"]


def changes(recorder: Recorder) -> list[tuple[str, str]]:
    """What Mixpanel was sent that changes something."""
    return [(each.method, each.path) for each in recorder.requests if each.method != "GET"]


async def test_token_is_good_in_its_place_only(tmp_path: Path) -> None:
    """Another project, account, data view or server refuses it; another name of the place not."""
    async with (
        recording() as recorder,
        connected(tmp_path, recorder) as client,
        connected(tmp_path, recorder) as elsewhere,
    ):
        recorder.answer = mixpanel
        preview = await client.call_tool("delete_annotation", {**DELETE, "target": "shop"})
        confirmed = {**DELETE, "confirm": token_of(preview)}
        for target in ("/2", "other/1", "//77"):
            wrong = await client.call_tool("delete_annotation", {**confirmed, "target": target})
            assert "is not the token of this call" in text(wrong)
        assert (await elsewhere.call_tool("delete_annotation", confirmed)).is_error
        assert changes(recorder) == []
        done = await client.call_tool("delete_annotation", {**confirmed, "target": "team/1"})
        assert not done.is_error, text(done)
        assert changes(recorder) == [("DELETE", "/api/app/projects/1/annotations/7/")]


@pytest.mark.parametrize(
    ("status", "lookups", "tool", "arguments"),
    [
        (403, True, "delete_annotation", DELETE),
        (500, False, "delete_annotation", DELETE),
        (403, True, "profile_delete", {"token": "t", "distinct_id": "ann"}),
        (403, True, "group_delete", {"token": "t", "group_key": "company", "group_id": "acme"}),
        (403, True, "gdpr_create_deletion", {"token": "t", "distinct_ids": ["ann"]}),
        (403, False, "delete_service_account", {"organization_id": 1, "service_account_id": 7}),
    ],
)
async def test_what_cannot_be_read_is_not_lost(
    status: int, lookups: bool, tool: str, arguments: dict[str, Any], tmp_path: Path
) -> None:
    """Nobody is asked to agree to what nobody saw: neither a token nor a change."""

    async def unreadable(request: Recorded) -> Mapping[str, Any]:
        return {"status": status, "body": {"error": "no"}}

    chosen = {"lookups": lookups, "tools": (tool,)}
    async with recording() as recorder, connected(tmp_path, recorder, **chosen) as client:
        recorder.answer = unreadable
        result = await client.call_tool(tool, arguments)
    assert result.is_error
    assert "What is there could not be read, so nothing was changed: " in text(result)
    sent = [each for each in changes(recorder) if "/api/query/" not in each[1]]
    assert (sent, "confirm" in text(result)) == ([], False)


async def test_person_whose_events_may_not_be_counted_is_named_all_the_same(
    tmp_path: Path,
) -> None:
    """Who may ask to delete is not always who may query; the preview says what it did not see."""

    async def partly(request: Recorded) -> Mapping[str, Any]:
        if "insights" in request.path:
            return {"status": 403, "body": {"error": "no queries"}}
        profile = {"$distinct_id": "ann", "$properties": {"$name": "Ann Lee"}}
        found = {"results": [profile], "page": 0, "session_id": "s", "page_size": 1, "total": 1}
        return {"status": 200, "body": {**found, "status": "ok"}}

    tool = "gdpr_create_deletion"
    async with recording() as recorder, connected(tmp_path, recorder, tools=(tool,)) as client:
        recorder.answer = partly
        preview = await client.call_tool(tool, {"token": "t", "distinct_ids": ["ann"]})
    assert token_of(preview)
    assert "person,ann,Ann Lee" in text(preview)
    assert "events not counted: no queries" in text(preview)


async def test_agent_that_confirms_by_itself_cannot_run_what_is_excluded(tmp_path: Path) -> None:
    """A token proves a preview, not a person; an excluded tool has no way in at all."""
    async with recording() as recorder:
        recorder.answer = mixpanel
        async with connected(tmp_path, recorder) as client:
            token = token_of(await client.call_tool("delete_annotation", DELETE))
            await client.call_tool("delete_annotation", {**DELETE, "confirm": token})
            assert len(changes(recorder)) == 1
        excluded = ("delete_annotation",)
        async with connected(tmp_path, recorder, exclude_tools=excluded) as client:
            with pytest.raises(MCPError, match="Unknown tool"):
                await client.call_tool("delete_annotation", {**DELETE, "confirm": token})
            for runner in ("run_read_operation", "run_write_operation"):
                call = {"operation": "delete_annotation", "arguments": DELETE}
                result = await client.call_tool(runner, call)
                assert "started without the tool delete_annotation" in text(result)
        assert len(changes(recorder)) == 1


async def test_command_line_asks_whoever_sits_there(tmp_path: Path) -> None:
    """At a terminal y goes ahead and n does not; a script goes ahead with --yes alone."""
    async with recording() as recorder:
        recorder.answer = mixpanel
        environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url, "MP_STORAGE_DIR": str(tmp_path)}

        async def typed(keys: str, told: str, *options: str) -> tuple[int, int]:
            """Exit status, and how many changes were sent; `told` is what the person reads."""
            before = len(changes(recorder))
            status, shown = await asyncio.to_thread(_typed, environ, keys, options)
            assert told in shown, shown
            return status, len(changes(recorder)) - before

        nobody = "NOT_CONFIRMED: Nobody can be asked here, so nothing was changed. Run it in a "
        assert await typed("n", "NOT_CONFIRMED: The person declined. Nothing") == (1, 0)
        assert await typed("y", "Go ahead?") == (0, 1)
        assert await typed("", nobody) == (1, 0)
        assert await typed("", "", "--yes") == (0, 1)


def _typed(environ: Mapping[str, str], keys: str, options: tuple[str, ...]) -> tuple[int, str]:
    """How a call that deletes ends, and what it shows; without keys it has no terminal."""
    screen, terminal = pty.openpty()
    with subprocess.Popen(
        [*warm(), "call", "delete_annotation", "annotation_id=7", *options],
        stdin=terminal if keys else subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=terminal,
        env=environment(environ),
    ) as process:
        # Whatever is typed is shown, so that there is something to read in any case.
        os.write(screen, f"{keys}\n".encode())
        status = process.wait(30)
    shown = os.read(screen, 65536).decode()
    os.close(terminal)
    os.close(screen)
    assert ('annotation 7 "Release"' in shown) is not bool(options), shown
    return status, shown


async def test_change_is_in_the_journal_before_it_is_sent(tmp_path: Path) -> None:
    """When the request arrives its line is on the disk, the owner's alone, with what was there."""
    seen: list[dict[str, Any]] = []
    folder = tmp_path / ".mp/changes"

    async def looked(request: Recorded) -> Mapping[str, Any]:
        if request.method == "DELETE":
            (file,) = folder.iterdir()
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            seen.extend(map(json.loads, file.read_text("utf-8").splitlines()))
        return await mixpanel(request)

    async with recording() as recorder, connected(tmp_path, recorder, confirm="never") as client:
        recorder.answer = looked
        assert not (await client.call_tool("delete_annotation", DELETE)).is_error
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [(each["tool"], each["before"]) for each in seen] == [("delete_annotation", [NOTE])]


async def test_exports_go_into_the_folder_of_files_and_nowhere_else(tmp_path: Path) -> None:
    """Also of a read-only server; no path leads out, and without the folder there is none."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "link.csv").symlink_to(tmp_path / "outside.csv")
    leading_out = ["../x.csv", str(tmp_path / "x.csv"), "link.csv", "a/../../x.csv"]

    async def exported(client: Client, file: str) -> str:
        days = {"from_date": "2026-01-01", "to_date": "2026-01-01", "output_file": file}
        return text(await client.call_tool("stream_events", days))

    async with recording() as recorder:
        recorder.answers.append({"status": 200, "text": ""})
        streaming: dict[str, Any] = {"toolsets": ("streaming",), "read_only": True}
        async with connected(tmp_path, recorder, files=folder, **streaming) as client:
            for file in leading_out:
                assert (await exported(client, file)).startswith("NOT_PERMITTED: "), file
            assert "events.csv" in await exported(client, "events.csv")
        async with connected(tmp_path, recorder, **streaming) as client:
            assert (await exported(client, "events.csv")).startswith("NOT_PERMITTED: ")
    assert {*os.listdir(tmp_path), *os.listdir(folder)} == {
        ".mp",
        "files",
        "events.csv",
        "link.csv",
    }


@pytest.mark.parametrize("name", mixpanel_mcp_tools.REVEALING)
async def test_credential_is_handed_out_only_where_that_was_wanted(
    name: str, tmp_path: Path
) -> None:
    """By no name and no way; nothing is sent or written."""
    async with recording() as recorder, connected(tmp_path, recorder) as client:
        with pytest.raises(MCPError, match="Unknown tool"):
            await client.call_tool(name, {})
        for runner in ("run_read_operation", "run_write_operation", "describe_operation"):
            result = await client.call_tool(runner, {"operation": name})
            assert f"{name} hands out a credential, and this server was not" in text(result)
    assert recorder.requests == []


async def test_nobody_but_mixpanel_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """From start to end, through good and bad calls of every API, no other name is looked up."""
    asked: set[str] = set()

    def lookup(host: Any, *_: Any, **__: Any) -> Any:
        asked.add(host if isinstance(host, str) else host.decode())
        raise socket.gaierror(socket.EAI_NONAME, "no network here")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    calls: dict[str, dict[str, Any]] = {
        "events": {},
        "query": {"events": "Visit"},
        "list_dashboards": {},
        "import_events": {"events": [{"event": "A", "properties": {"time": 1, "$insert_id": "i"}}]},
        "stream_events": {"from_date": "2026-01-01", "to_date": "2026-01-01"},
        "evaluate_flags": {"token": "t", "context": {"distinct_id": "u"}},
        "accounts_test": {},
    }
    settings = Settings(toolsets=("all",), confirm="never", max_wait=0)
    async with Client(build(settings, {**CREDENTIALS, "MP_REGION": "eu"})) as client:
        for tool, arguments in calls.items():
            await client.call_tool(tool, arguments)
    assert asked == {"eu.mixpanel.com", "api-eu.mixpanel.com", "data-eu.mixpanel.com"}


async def test_sql_over_results_reads_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agent that holds a result holds nothing else of this machine."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    secret = tmp_path / "secret.txt"
    secret.write_text("hunter2")
    days = {f"2026-{month:02}-{day:02}": 1 for month in range(1, 9) for day in range(1, 29)}
    body = {"legend_size": 1, "data": {"series": list(days), "values": {"Visit": days}}}
    arguments = {"events": ["Visit"], "from_date": "2026-01-01", "to_date": "2026-08-28"}
    tools = {"tools": ("event_counts", "query_result"), "max_tokens": 500}
    async with recording() as recorder, connected(tmp_path, recorder, **tools) as client:
        recorder.answers.append({"status": 200, "body": body})
        cut = text(await client.call_tool("event_counts", arguments))
        handle = cut.split("go on with handle ")[1].split(":")[0]
        sql = f"select content from read_text('{secret}'), {handle} limit 1"
        result = await client.call_tool("query_result", {"sql": sql})
    assert (result.is_error, "hunter2" in text(result)) == (True, False), text(result)


async def test_sandbox_keeps_all_to_itself() -> None:
    """Beside credentials that work: answers are marked, and Mixpanel hears nothing."""
    calls: dict[str, dict[str, Any]] = {
        "create_annotation": {"date": "2026-01-01 00:00:00", "description": "Release"},
        "list_annotations": {},
        "delete_annotation": {"annotation_id": 1},
        "list_changes": {},
        "events": {},
    }
    async with recording() as recorder:
        environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
        settings = Settings(sandbox="empty", toolsets=("annotations", "changes", "discovery"))
        async with Client(build(settings, environ)) as client:
            answers = [text(await client.call_tool(tool, given)) for tool, given in calls.items()]
            elsewhere = await client.call_tool("events", {"target": "env-service-account/1"})
    assert [" · sandbox: true" in answer.partition("\n")[0] for answer in answers] == [True] * 5
    assert (elsewhere.is_error, recorder.requests) == (True, [])
