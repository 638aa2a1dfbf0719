"""A sandbox in a file: what is kept, and which files are refused and left alone."""

import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from sandbox_client import NOW, Client

from mixpanel_mcp_sandbox import SandboxError, open_sandbox

WRITER = """
import asyncio, sys, time
import httpx
from mixpanel_mcp_sandbox import open_sandbox

async def write(app):
    transport = httpx.ASGITransport(app)
    account = ("sandbox", "sandbox")
    async with httpx.AsyncClient(transport=transport, base_url="http://s", auth=account) as client:
        person = {"distinct_id": "u1", "$insert_id": "a", "time": int(time.time()) - 60}
        await client.post("/import", json=[{"event": "A", "properties": person}])
        await client.post("/api/app/projects/1/dashboards", json={"title": "Kept"})

sandbox = open_sandbox(sys.argv[1])
asyncio.run(write(sandbox.app))
print("written", flush=True)
time.sleep(60)
"""


def opened(path: Path) -> Client:
    """Open the sandbox of a file."""
    return Client(open_sandbox(str(path)))


def test_what_was_answered_survives_a_killed_process(tmp_path: Path) -> None:
    """An answer means that the data is on disk, even after kill -9."""
    path = tmp_path / "mine.duckdb"
    arguments = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": ":".join(sys.path)}
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"
        with pytest.raises(SandboxError, match="open in another server"):
            open_sandbox(str(path))
        writer.send_signal(signal.SIGKILL)
    client = opened(path)
    with client.sandbox:
        (line,) = client.exported()
        (board,) = client.get("/api/app/projects/1/dashboards").json()["results"]
    assert (line["event"], board["title"]) == ("A", "Kept")


def test_identities_and_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    """A device that was linked stays linked, and later records supersede earlier ones."""
    path = tmp_path / "mine.duckdb"
    event = {"event": "V", "distinct_id": "", "time": "2026-02-02T01:00:00Z"}
    first = opened(path)
    with first.sandbox:
        both = {"$device_id": "d", "$user_id": "u", "$insert_id": "a"}
        first.load([{**event, "properties": both}])
    second = opened(path)
    with second.sandbox:
        second.load([{**event, "properties": {"$device_id": "d", "$insert_id": "a", "n": 2}}])
        with second.sandbox.store.read() as database:
            rows = database.rows("select seq, (props['n'])::int from all_events")
    assert rows == [(2, 2)]


def test_a_file_of_something_else_is_left_untouched(tmp_path: Path) -> None:
    """A DuckDB database with other tables is not ours to write."""
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table mine (x int)")
    before = path.read_bytes()
    with pytest.raises(SandboxError, match="something else; it was left untouched"):
        open_sandbox(str(path))
    assert path.read_bytes() == before


def test_a_damaged_file_is_left_untouched(tmp_path: Path) -> None:
    """One sentence says so, and the bytes stay as they are."""
    path = tmp_path / "notes.duckdb"
    path.write_bytes(b"these are not the bytes of a database" * 200)
    before = path.read_bytes()
    with pytest.raises(SandboxError, match="damaged or no sandbox database"):
        open_sandbox(str(path))
    assert path.read_bytes() == before


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """The sandbox creates files, not folders."""
    with pytest.raises(SandboxError, match=r"The folder of .* does not exist"):
        open_sandbox(str(tmp_path / "missing" / "mine.duckdb"))


def test_the_demo_is_built_once_shared_and_rebuilt_when_damaged(tmp_path: Path) -> None:
    """A second server reads the same file and keeps its changes to itself."""
    with open_sandbox("demo", cache=tmp_path, now=lambda: NOW) as first:
        assert first.note is None
        with open_sandbox("demo", cache=tmp_path, now=lambda: NOW) as second:
            assert second.note == "Changes are not kept: another server has the demo open."
        names = Client(first).get("/api/query/events/names").json()
        boards = Client(first).get("/api/app/projects/1/dashboards").json()["results"]
        Client(first).request("DELETE", f"/api/app/projects/1/dashboards/{boards[0]['id']}")
    assert {"Session Opened", "Order Completed"} <= set(names)
    with open_sandbox("demo", cache=tmp_path, now=lambda: NOW) as again:
        kept = Client(again).get("/api/app/projects/1/dashboards").json()["results"]
        assert kept == boards[1:]
