"""Whatever takes long says that it goes on, and ends where its client gives it up."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from processes import Mode
from slow_front import SlowFront, slow_front

from mixpanel_mcp import progress
from mixpanel_mcp.app import build
from mixpanel_mcp.binding import bound
from mixpanel_mcp.published import names
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

Case = dict[str, Any]
Report = tuple[float, float | None, str | None]

CASES = Path(__file__).parents[1] / "contract" / "cases"
CONFIG = """\
[active]
account = "sa"

[accounts.sa]
type = "service_account"
username = "sa.user"
secret = "hunter2-secret"
region = "us"
default_project = "12345"

[accounts.person]
type = "oauth_token"
token = "a-token"
region = "us"
default_project = "12345"
"""


TYPED: dict[str, Case] = {
    "query": {"events": "Visit"},
    "query_funnel": {"steps": ["Visit", "Order"]},
    "query_retention": {"born_event": "Visit", "return_event": "Visit"},
    "query_flow": {"event": "Visit"},
    "query_user": {},
    "search_entities": {"words": "visits"},
    "upload_lookup_rows": {"name": "Stores", "columns": ["id", "city"], "rows": [["1", "Rome"]]},
}
# Their answers are credentials, or come from memory.
NOT_ASKED = ("create_service_account", "sign_replay", "sign_replays", "clear_discovery_cache")


def asking() -> dict[str, Case]:
    """A documented call of each operation that sends a request of its own."""
    found = {name: {"arguments": arguments} for name, arguments in TYPED.items()}
    for file in sorted(CASES.glob("*.json")):
        for case in json.loads(file.read_text("utf-8")):
            name, toolset = case["tool"], names()[case["tool"]]
            usual = case.get("requests") and "error" not in case and "setup" not in case
            if not usual or name in (*found, *NOT_ASKED) or toolset in ("accounts", "targets"):
                continue
            found[name] = case
    return found


@asynccontextmanager
async def serving(front: SlowFront, folder: Path, mode: Mode) -> AsyncGenerator[Client]:
    """A client of a server with a service account, and a person's, and a folder for files."""
    config = folder / ".mp" / "config.toml"
    config.parent.mkdir(0o700)
    config.touch(0o600)
    config.write_text(CONFIG)
    (folder / "files").mkdir()
    settings = Settings(files=folder / "files", confirm="never", lookups=False, ledger="always")
    environ = {"HOME": str(folder), "MP_API_BASE_URL": front.url}
    async with Client(build(settings, environ), mode=mode) as client:
        yield client


async def given_up(client: Client, front: SlowFront, name: str, arguments: Case) -> list[Report]:
    """What an operation reports until it waits; cancelled then, all its requests end."""
    reports: list[Report] = []
    said = asyncio.Event()

    async def report(progress: float, total: float | None, message: str | None) -> None:
        reports.append((progress, total, message))
        said.set()

    reads = bound(name).operation.effect.read_only
    way = "run_read_operation" if reads else "run_write_operation"
    given = {"operation": name, "arguments": arguments}
    call = asyncio.create_task(client.call_tool(way, given, progress_callback=report))
    try:
        waiting = asyncio.create_task(front.asked(2))
        await asyncio.wait({call, waiting}, return_when=asyncio.FIRST_COMPLETED)
        assert not call.done(), call.result().content
        await waiting
        await asyncio.wait_for(said.wait(), 2)
    finally:
        call.cancel()
    await front.left(1)
    assert all(one[0] < next_[0] for one, next_ in pairwise(reports)), reports
    return reports


async def test_an_operation_says_that_it_waits_and_hangs_up_when_it_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a real client; places at Mixpanel are free at once, or the sixth query had none."""
    monkeypatch.setattr(progress, "BEAT_SECONDS", 0.01)
    faults: list[str] = []
    async with slow_front() as front, serving(front, tmp_path, "legacy") as client:
        # Each asks a project of its own, since limits are a project's.
        for project, (name, case) in enumerate(asking().items(), start=12345):
            session = case.get("session") or {}
            person = session.get("account_type", "service_account") != "service_account"
            view = session.get("workspace_id") or ""
            target = f"{'person' if person else 'sa'}/{project}/{view}"
            try:
                reports = await given_up(
                    client, front, name, {**case["arguments"], "target": target}
                )
                assert reports[0][1:] == (None, "waiting for an answer (0 s so far)")
            except (AssertionError, TimeoutError) as error:
                faults.append(f"{name}: {error!r}")
    assert faults == []
    assert list((tmp_path / "files").iterdir()) == []


EVENT = {"event": "Ping", "properties": {"time": 1780000000, "distinct_id": "u"}}
RECORD = {"$distinct_id": "u", "$set": {"plan": "free"}}
PERSON = {"$distinct_id": "u", "$properties": {}}
IMPORTED = {"code": 200, "num_records_imported": 2000, "status": "OK"}
PAGE = {"results": [PERSON] * 1000, "page": 0, "page_size": 1000, "total": 3000, "session_id": "s"}
SERIES = {"computed_at": "", "date_range": {}, "headers": ["$metric"], "series": {}}
# What is asked in several requests, the answer to the first of them, and what is said then.
IN_PARTS: list[tuple[str, Case, Any, Report]] = [
    (
        "import_events",
        {"events": [EVENT] * 2001},
        IMPORTED,
        (2000, 2001, "2,000 of 2,001 events sent"),
    ),
    (
        "profile_batch_update",
        {"token": "t" * 32, "updates": [RECORD] * 2001},
        {"status": 1, "error": None},
        (2000, 2001, "2,000 of 2,001 records sent"),
    ),
    ("query_user", {"mode": "profiles", "limit": 2500}, PAGE, (1000, 2500, "1,000 profiles")),
    ("stream_profiles", {"output_file": "people.jsonl"}, PAGE, (1000, None, "1,000 profiles")),
    (
        "query_targets",
        {"tool": "query", "targets": ["sa/1", "sa/2"], "arguments": {"events": "Visit"}},
        SERIES,
        (1, 2, "sa/1 answered"),
    ),
]


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_what_is_asked_in_parts_says_how_far_it_is_and_asks_for_no_more(
    mode: Mode, tmp_path: Path
) -> None:
    """Given up in the middle it leaves no file behind, half or whole."""
    async with slow_front() as front, serving(front, tmp_path, mode) as client:
        for name, arguments, answer, first in IN_PARTS:
            front.answers.append({"status": 200, "body": answer})
            reports = await given_up(client, front, name, arguments)
            assert reports == [first], name
            asked = len(front.requests)
            await asyncio.sleep(0.01)
            assert len(front.requests) == asked, name
    assert list((tmp_path / "files").iterdir()) == []


async def test_a_call_in_line_says_what_it_waits_for(tmp_path: Path) -> None:
    """Five others have all places; given up with it, they leave nobody in line."""
    said: list[str | None] = []
    lined_up = asyncio.Event()

    async def report(progress: float, total: float | None, message: str | None) -> None:
        said.append(message)
        lined_up.set()

    async with slow_front() as front, serving(front, tmp_path, "legacy") as client:
        calls = [
            asyncio.create_task(
                client.call_tool("query", {"events": f"Visit {number}"}, progress_callback=report)
            )
            for number in range(6)
        ]
        await asyncio.wait_for(lined_up.wait(), 2)
        for call in calls:
            call.cancel()
        await front.left(1)
    assert said == ["waiting in line: Mixpanel runs 5 queries of a project at once"]
