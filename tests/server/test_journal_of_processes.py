"""Server processes of one user write one journal, which outlives whatever happens to them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
from faulty_front import CUT, Answer, Forward, Front
from job_client import refused, told
from mcp import Client
from processes import environment, over_stdio, warm
from recorder import Recorded, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_sandbox import open_sandbox

pytestmark = pytest.mark.anyio

NOTE = {"date": "2026-01-01 00:00:00", "description": "Release"}
SERVER = ("--confirm", "never")
TOOLSETS = ("changes", "annotations", "cohorts", "dashboards", "compositions", "webhooks")
BUYERS = {"criterion": "did_event", "event": "Buy", "at_least": 2, "within_days": 30}


@dataclass
class Office:
    """A sandbox that holds back an answer when told to, and where its users' journal lies."""

    front: Front
    environ: dict[str, str]
    folder: Path

    def desk(self) -> AbstractAsyncContextManager[Client]:
        """A client of a server process of its own."""
        return over_stdio([*SERVER, "--toolsets", "changes,annotations"], env=self.environ)

    def here(self) -> Client:
        """A client of a server in this process."""
        settings = Settings(toolsets=TOOLSETS, confirm="never", result_format="json", cache=False)
        return Client(build(settings, self.environ))

    async def killed_in_mid_change(self, *, arrives: bool) -> None:
        """A process that is killed after its request left, and before there was an answer."""
        sent = asyncio.Event()

        async def held(_request: Recorded, forward: Forward) -> Answer:
            if arrives:
                await forward()
            sent.set()
            await process.wait()
            return CUT

        async def ask(request: Recorded, forward: Forward) -> Answer:
            return await forward() if request.method == "GET" else await held(request, forward)

        self.front.faults += [ask, ask]
        call = ["call", "update_annotation", "annotation_id=1", "description=Launch"]
        process = await asyncio.create_subprocess_exec(
            *warm(), *call, env=environment(self.environ), stderr=asyncio.subprocess.DEVNULL
        )
        await asyncio.wait_for(sent.wait(), 20)
        process.kill()
        await process.wait()
        self.front.faults.clear()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """An empty sandbox, and a user who has no changes yet."""
    with open_sandbox("empty") as sandbox:
        front = Front(sandbox)
        async with recording() as recorder:
            recorder.answer = front.answer
            yield Office(
                front,
                {
                    "HOME": str(tmp_path),
                    "MIXPANEL_MCP_RESULT_FORMAT": "json",
                    "MP_API_BASE_URL": recorder.url,
                    "MP_USERNAME": "sandbox",
                    "MP_SECRET": "sandbox",
                    "MP_PROJECT_ID": "1",
                    "MP_REGION": "us",
                },
                tmp_path / ".mp" / "changes",
            )


async def test_two_servers_share_the_journal_and_undo_each_others_changes(office: Office) -> None:
    """Each lists what the other has done; what one undid, the other does not undo again."""
    async with office.desk() as one, office.desk() as other:
        await told(one, "create_annotation", **NOTE)
        await told(other, "update_annotation", annotation_id=1, description="Launch")
        lists = [await told(each, "list_changes") for each in (one, other)]
        assert lists[0] == lists[1]
        update, creation = lists[0]["changes"]
        assert [update["tool"], creation["tool"]] == ["update_annotation", "create_annotation"]
        await told(one, "undo_change", change_id=update["id"])
        assert (await told(other, "get_annotation", annotation_id=1))["description"] == "Release"
        error = await refused(other, "undo_change", change_id=update["id"])
        assert error["code"] == "NOT_UNDOABLE"


async def test_change_of_a_killed_process_is_found_and_undone(office: Office) -> None:
    """Its outcome is unknown; undoing looks first, and sets back what had arrived."""
    async with office.here() as client:
        await told(client, "create_annotation", **NOTE)
        await office.killed_in_mid_change(arrives=True)
        [journal] = office.folder.iterdir()
        with journal.open("ab") as file:
            file.write(b'{"id": "torn", "tool": "update_anno')
        [change, _] = (await told(client, "list_changes"))["changes"]
        assert (change["outcome"], change["changed"], change["undo"]) == (
            "unknown",
            "description: Release -> Launch",
            "perhaps: no clear answer came, so it is looked at first",
        )
        await told(client, "undo_change", change_id=change["id"])
        assert (await told(client, "get_annotation", annotation_id=1))["description"] == "Release"


async def test_change_that_never_arrived_needs_no_undoing(office: Office) -> None:
    """Undoing looks, and says that all is as it was."""
    async with office.here() as client:
        await told(client, "create_annotation", **NOTE)
        await office.killed_in_mid_change(arrives=False)
        [change, _] = (await told(client, "list_changes"))["changes"]
        error = await refused(client, "undo_change", change_id=change["id"])
        assert error["details"]["reason"] == (
            "the annotation is as it was before: there is nothing to put back"
        )


async def test_undoing_that_broke_off_goes_on_with_the_rest(office: Office) -> None:
    """What was put back before is not put back twice."""
    made = 0

    async def second_fails(request: Recorded, forward: Forward) -> Answer:
        nonlocal made
        office.front.faults.append(second_fails)
        made += request.method == "POST"
        failing = {"status": 400, "body": {"error": "no room", "status": "Error"}}
        return failing if made == 2 and request.method == "POST" else await forward()

    async with office.here() as client:
        ids = [
            (await told(client, "create_cohort", name=name, definition=BUYERS))["id"]
            for name in ("One", "Two")
        ]
        await told(client, "bulk_delete_cohorts", ids=ids)
        [change] = (await told(client, "list_changes", limit=1))["changes"]
        office.front.faults.append(second_fails)
        error = await refused(client, "undo_change", change_id=change["id"])
        assert error["message"] == (
            "no room. 1 of 2 were put back before. Undo it again for the rest."
        )
        office.front.faults.clear()
        made = 3
        undone = await told(client, "undo_change", change_id=change["id"])
        assert undone["did"] == ["create_cohort"]
        cohorts = await told(client, "list_cohorts_full")
        assert sorted(each["name"] for each in cohorts) == ["One", "Two"]


async def test_change_that_failed_in_the_middle_is_not_called_failed(office: Office) -> None:
    """A report that was saved, and not put on its board, is there: its outcome is unknown."""

    async def no_card(request: Recorded, forward: Forward) -> Answer:
        office.front.faults.append(no_card)
        refusing = {"status": 400, "body": {"error": "no room", "status": "Error"}}
        return refusing if request.method == "PATCH" else await forward()

    report = {"name": "Visits", "tool": "query", "arguments": {"events": "Visit", "last": 7}}
    async with office.here() as client:
        board = await told(client, "create_dashboard", title="Board")
        office.front.faults.append(no_card)
        await refused(client, "save_query", **report, dashboard_id=board["id"])
        [change] = (await told(client, "list_changes", limit=1))["changes"]
        assert (change["tool"], change["outcome"]) == ("create_bookmark", "unknown")


async def test_no_secret_of_a_refused_call_reaches_the_journal(office: Office) -> None:
    """Neither as an argument nor in the words of the refusal, which quote it."""

    async def quoting(request: Recorded, _forward: Forward) -> Answer:
        said = f"bad password {request.json()['password']}"
        return {"status": 400, "body": {"error": said, "status": "Error"}}

    hook = {"name": "Hook", "url": "https://example.com/hook", "auth_type": "basic"}
    async with office.here() as client:
        office.front.faults.append(quoting)
        await refused(client, "create_webhook", **hook, username="bot", password="hunter2-secret")
    [journal] = office.folder.iterdir()
    assert "hunter2" not in journal.read_text("utf-8")
    assert "bad password **********" in journal.read_text("utf-8")
