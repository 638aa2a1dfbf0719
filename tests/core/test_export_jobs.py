"""Exports that run by themselves: begun, looked at, cancelled, and what is left of them."""

import asyncio
import json
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from clients import session
from exporting import DAYS, Mixpanel, ids, kept, names, serving, stored, target_of
from origin import reply

from mixpanel_mcp_core.errors import InvalidInputError, NotPermittedError
from mixpanel_mcp_core.exports.events import Asked
from mixpanel_mcp_core.exports.jobs import Jobs, jobs_of
from mixpanel_mcp_core.models.streaming import ExportJob

pytestmark = pytest.mark.anyio

ASKED = Asked(DAYS[0], DAYS[-1], raw=True)
LAST = DAYS[-1]


@dataclass
class Server:
    """The exports of a server with a folder, and what it has going on."""

    jobs: Jobs
    folder: Path
    tasks: list["asyncio.Task[None]"] = field(default_factory=list["asyncio.Task[None]"])

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Have work go on."""
        self.tasks.append(asyncio.create_task(work))

    def start(self) -> ExportJob:
        """Begin the export of three days."""
        return self.jobs.start(ASKED, target_of(self.folder, "e.jsonl", ASKED))

    async def stop(self) -> None:
        """End all that goes on."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@asynccontextmanager
async def server(mixpanel: Mixpanel, folder: Path) -> AsyncGenerator[Server]:
    """A server that asks this Mixpanel, stopped at the end."""
    async with session(mixpanel.origin.url) as opened:
        opened = replace(opened, files=folder)
        running = Server(jobs_of(opened), folder)
        running.jobs = jobs_of(replace(opened, spawn=running.spawn))
        yield running
        await running.stop()


async def test_an_export_answers_at_once_and_ends_by_itself(tmp_path: Path) -> None:
    """First it runs; in the end it tells what the same call would have told."""
    async with serving() as mixpanel, server(mixpanel, tmp_path) as running:
        begun = running.start()
        assert (begun.state, mixpanel.asked) == ("running", [])
        await asyncio.gather(*running.tasks)
        ended = running.jobs.one(begun.export_id)
    assert ended.state == "finished"
    assert ended.result is not None
    assert (ended.events, ended.result.events, ended.result.by_day) == (
        12,
        12,
        dict.fromkeys(DAYS, 4),
    )
    assert stored(tmp_path / "e.jsonl") == ids()


async def test_the_same_export_is_not_begun_twice(tmp_path: Path) -> None:
    """While it runs its id is given again; there is one to list."""
    async with serving() as mixpanel, server(mixpanel, tmp_path) as running:
        mixpanel.stalled[LAST] = asyncio.Event()
        assert running.start().export_id == running.start().export_id
        assert [job.state for job in running.jobs.all()] == ["running"]


async def test_a_cancelled_export_leaves_nothing(tmp_path: Path) -> None:
    """It stops soon; what it had fetched goes, and the answer says so."""
    async with serving() as mixpanel, server(mixpanel, tmp_path) as running:
        mixpanel.stalled[LAST] = asyncio.Event()
        begun = running.start()
        await kept(tmp_path, 2)
        assert (await running.jobs.cancel(begun.export_id)).state == "cancelled"
        assert (await running.jobs.cancel(begun.export_id)).state == "cancelled"
    assert names(tmp_path) == [".exports"]


async def test_an_interrupted_export_is_told_as_such_and_goes_on(tmp_path: Path) -> None:
    """A server that ended leaves its days to the next one, which begins a job of its own."""
    async with serving() as mixpanel:
        mixpanel.stalled[LAST] = asyncio.Event()
        async with server(mixpanel, tmp_path) as running:
            begun = running.start()
            await kept(tmp_path, 2)
        mixpanel.stalled.pop(LAST).set()
        mixpanel.asked.clear()
        async with server(mixpanel, tmp_path) as running:
            assert running.jobs.one(begun.export_id).state == "interrupted"
            again = running.start()
            await asyncio.gather(*running.tasks)
            states = {job.export_id: job.state for job in running.jobs.all()}
    assert states == {begun.export_id: "interrupted", again.export_id: "finished"}
    assert mixpanel.asked == [LAST]
    assert stored(tmp_path / "e.jsonl") == ids()


async def test_a_failed_export_tells_why(tmp_path: Path) -> None:
    """The error is kept with the job, and so are the days that came."""
    async with serving() as mixpanel, server(mixpanel, tmp_path) as running:
        mixpanel.faults[LAST] = [reply(500)] * 4
        begun = running.start()
        await asyncio.gather(*running.tasks)
        ended = running.jobs.one(begun.export_id)
    assert ended.state == "failed"
    assert ended.error is not None
    assert ended.error["code"] == "HTTP_ERROR"
    assert "2 of 3 parts are fetched" in ended.error["message"]


async def test_an_export_is_seen_by_its_own_project_only(tmp_path: Path) -> None:
    """To another project the id leads nowhere, and a wrong one neither."""
    async with serving() as mixpanel, server(mixpanel, tmp_path) as running:
        begun = running.start()
        own = running.jobs.session
        other = jobs_of(replace(own, scope=replace(own.scope, project_id="999")))
        assert other.all() == []
        for jobs, export_id in ((other, begun.export_id), (running.jobs, "é")):
            with pytest.raises(InvalidInputError, match="no export of this account and project"):
                jobs.one(export_id)


async def test_what_ended_long_ago_is_forgotten(tmp_path: Path) -> None:
    """After a week the next start removes it; what no job left is passed over."""
    async with serving() as mixpanel, server(mixpanel, tmp_path) as running:
        begun = running.start()
        await asyncio.gather(*running.tasks)
        path = tmp_path / ".exports" / begun.export_id / "job.json"
        told = json.loads(path.read_text("utf-8"))
        told["updated_at"] = (datetime.now(UTC) - timedelta(days=8)).isoformat()
        path.write_text(json.dumps(told), encoding="utf-8")
        (tmp_path / ".exports" / "stray").mkdir()
        again = running.start()
        assert [job.export_id for job in running.jobs.all()] == [again.export_id]


async def test_without_a_folder_nothing_is_begun() -> None:
    """A server that may not write files has no exports."""
    async with session("http://127.0.0.1:9") as opened:
        with pytest.raises(NotPermittedError, match="--files"):
            jobs_of(opened)
