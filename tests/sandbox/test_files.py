"""A sandbox in a file: what is kept, and which files are refused and left alone."""

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import duckdb
import pytest
from sandbox_client import NOW, Client
from small_demo import attach_demo, lay_demo, open_demo

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


def test_closing_ends_what_still_runs(tmp_path: Path) -> None:
    """A query whose caller has gone is broken off, and everything is written back."""
    sandbox = open_sandbox(str(tmp_path / "mine.duckdb"))
    asked = threading.Event()

    def ask() -> None:
        with sandbox.store.read() as database:
            asked.set()
            database.run("select count(*) from range(1000000) a, range(1000000) b where a <> b")

    with ThreadPoolExecutor() as pool:
        asking = pool.submit(ask)
        assert asked.wait(5)
        time.sleep(0.05)
        sandbox.close()
        with pytest.raises(duckdb.InterruptException):
            asking.result(5)
    opened(tmp_path / "mine.duckdb").sandbox.close()


def test_a_file_keeps_its_time_zone_and_the_rest_that_ends_a_session(tmp_path: Path) -> None:
    """What was given last holds; a zone that there is not is told before anything is made."""
    path = tmp_path / "mine.duckdb"

    def project(zone: str | None = None, rest: int | None = None) -> tuple[str, int]:
        with open_sandbox(str(path), timezone=zone, session_minutes=rest) as sandbox:
            return sandbox.store.project.timezone, sandbox.store.project.session_minutes

    with pytest.raises(SandboxError, match="no time zone 'Mars/Base'"):
        project("Mars/Base")
    assert not path.exists()
    assert project() == ("UTC", 30)
    assert project("Asia/Tokyo", 10) == ("Asia/Tokyo", 10)
    assert project() == ("Asia/Tokyo", 10)
    assert project("Europe/Berlin") == ("Europe/Berlin", 10)


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


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache folder that holds a small demo already."""
    return lay_demo(tmp_path, NOW)


def test_two_servers_share_the_demo_and_the_first_keeps_its_changes(cache: Path) -> None:
    """The second one is told that its changes are not kept."""
    with open_demo(cache, NOW) as first, open_demo(cache, NOW) as second:
        assert first.note is None
        assert second.note == "Changes are not kept: another server has the demo open."
        names = [set(Client(s).get("/api/query/events/names").json()) for s in (first, second)]
    assert names[0] == names[1] >= {"Session Opened", "Order Completed"}


def test_a_cache_that_cannot_be_written_gives_way_to_a_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container without a home still has its demo, and is told that nothing is kept."""
    monkeypatch.setattr(import_module("mixpanel_mcp_sandbox.demo.build"), "PEOPLE", 150)
    blocked = tmp_path / "file" / "folder"
    blocked.parent.write_text("in the way")
    with open_sandbox("demo", cache=blocked, now=lambda: NOW) as sandbox:
        assert sandbox.note == (
            f"The demo lies in a temporary folder, since {blocked} cannot be written."
        )
        assert "Order Completed" in Client(sandbox).get("/api/query/events/names").json()


def test_a_deleted_document_of_the_demo_stays_deleted(cache: Path) -> None:
    """The demo's documents are copied once; what the user did to them wins."""
    path = "/api/app/projects/1/dashboards"
    with open_demo(cache, NOW) as sandbox:
        boards = Client(sandbox).get(path).json()["results"]
        Client(sandbox).request("DELETE", f"{path}/{boards[0]['id']}")
    with open_demo(cache, NOW) as sandbox:
        assert Client(sandbox).get(path).json()["results"] == boards[1:]


def test_a_damaged_demo_is_built_anew(cache: Path) -> None:
    """The cache can be computed again, so that nobody needs to hear of it."""
    (file,) = cache.glob("demo-g*.duckdb")
    count = attach_demo(cache, NOW)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert attach_demo(cache, NOW) == count


def test_nothing_of_the_demo_happens_before_its_time(cache: Path) -> None:
    """The base reaches to the end of the week; events and people that lie ahead are held back."""
    days = {"from_date": "2026-02-20", "to_date": "2026-03-05"}
    with open_demo(cache, NOW) as sandbox:
        times = [line["properties"]["time"] for line in Client(sandbox).exported(**days)]
        with sandbox.store.read() as database:
            created = database.rows('select props."$created"::varchar from all_profiles')
            everybody = database.value("select count(*) from base.profiles")
    assert max(times) <= NOW.timestamp()
    assert 0 < len(created) < everybody
    assert max(row[0] for row in created) <= NOW.strftime("%Y-%m-%dT%H:%M:%S")


def test_a_later_copy_supersedes_a_record_of_the_same_person(client: Client) -> None:
    """Queries count it once, the raw export gives both."""
    event = {"event": "A", "distinct_id": "u", "time": "2026-02-03T00:00:00Z"}
    client.load([{**event, "properties": {"$insert_id": "i", "n": n}} for n in (1, 2)])
    values = client.get("/api/query/events/properties/values", event="A", name="n").json()
    assert (values, len(client.exported())) == (["2"], 2)
