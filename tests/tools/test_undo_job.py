"""What was changed is written down, and undone where there is a way back."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from job_client import refused, told
from mcp import Client
from processes import Mode, away
from recorder import CREDENTIALS, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_core.journal import Journal
from mixpanel_mcp_core.secret_fields import MASK

pytestmark = pytest.mark.anyio

DAY = datetime.now(UTC).date() - timedelta(days=1)
NOON = int(datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC).timestamp())
TOOLSETS = (
    "changes",
    "ingestion",
    "annotations",
    "cohorts",
    "governance",
    "webhooks",
    "profiles",
    "dashboards",
)
NOTE = {"date": "2026-01-01 00:00:00", "description": "Release"}


def server(**settings: Any) -> Any:
    """A server on an empty sandbox."""
    chosen: dict[str, Any] = {
        "sandbox": "empty",
        "toolsets": TOOLSETS,
        "result_format": "json",
        **settings,
    }
    return build(Settings(**chosen), away())


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client whose changes are made at once."""
    async with Client(server(confirm="never")) as connected:
        yield connected


async def undo(client: Client) -> Any:
    """Undo the last change; what was done."""
    [last] = (await told(client, "list_changes", limit=1))["changes"]
    return await told(client, "undo_change", change_id=last["id"])


async def test_deleted_thing_is_made_anew_with_a_new_id(client: Client) -> None:
    """It is what it was but for its id, which is told."""
    criteria = {"criterion": "did_event", "event": "Buy", "at_least": 2, "within_days": 30}
    made = await told(client, "create_cohort", name="Buyers", definition=criteria)
    before = await told(client, "get_cohort", cohort_id=made["id"])
    await told(client, "delete_cohort", cohort_id=made["id"])
    undone = await undo(client)
    [new_id] = undone["new_ids"]
    after = await told(client, "get_cohort", cohort_id=new_id)
    assert undone["not_restored"][0] == "each cohort has a new id"
    assert {k: after[k] for k in ("name", "selector", "behaviors")} == {
        k: before[k] for k in ("name", "selector", "behaviors")
    }


@pytest.mark.parametrize(
    ("tool", "arguments", "reason"),
    [
        (
            "import_events",
            {"events": [{"event": "Buy", "properties": {"time": NOON, "distinct_id": "u1"}}]},
            "events that were taken in stay; only create_deletion_request removes events",
        ),
        (
            "profile_set",
            {"token": "sandbox", "distinct_id": "u1", "values": {"plan": "pro"}},
            "Mixpanel keeps no earlier state of a profile",
        ),
        (
            "create_deletion_request",
            {"event_name": "Buy", "from_date": str(DAY), "to_date": str(DAY)},
            "cancel_deletion_request withdraws it while it is Submitted",
        ),
    ],
    ids=["data that was sent", "people", "deletions by request"],
)
async def test_what_has_no_way_back_says_why(
    tool: str, arguments: dict[str, Any], reason: str, client: Client
) -> None:
    """The list says so beforehand, in the words of the refusal."""
    await told(client, tool, **arguments)
    [change] = (await told(client, "list_changes"))["changes"]
    error = await refused(client, "undo_change", change_id=change["id"])
    assert (change["undo"], error["message"]) == (
        f"no: {reason}",
        f"{change['id']} ({tool}) cannot be undone: {reason}.",
    )


async def test_change_that_there_is_not_is_told(client: Client) -> None:
    """With the way to those that there are."""
    unknown = await refused(client, "undo_change", change_id="c0")
    assert unknown["message"].startswith("change_id: there is no change 'c0'")


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_undo_waits_for_a_confirmation_like_any_change(mode: Mode) -> None:
    """Its preview shows what undoing would do, field by field."""
    async with Client(server(), mode=mode) as client:
        await told(client, "create_annotation", **NOTE)
        await told(client, "update_annotation", annotation_id=1, description="Launch")
        [last] = (await told(client, "list_changes", limit=1))["changes"]
        call = {"change_id": last["id"]}
        preview = await client.call_tool("undo_change", call)
        assert preview.structured_content is not None
        assert json.loads(getattr(preview.content[0], "text", ""))["result"]["changes"] == [
            {
                "thing": 'annotation 1 "Launch"',
                "field": "description",
                "before": "Launch",
                "after": "Release",
            }
        ]
        token = preview.structured_content["confirm"]
        await told(client, "undo_change", **call, confirm=token)
        assert (await told(client, "get_annotation", annotation_id=1))["description"] == "Release"


async def test_refused_change_is_written_down_as_failed(client: Client) -> None:
    """Its outcome tells that there is nothing to undo."""
    await refused(client, "update_annotation", annotation_id=9, description="x")
    [change] = (await told(client, "list_changes"))["changes"]
    assert (change["outcome"], change["undo"].split(":")[1]) == (
        "failed",
        " it failed, so there should be nothing to undo",
    )


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"status": 400, "body": {"error": "no"}}, "failed"),
        ({"status": 500, "body": {"error": "no"}}, "unknown"),
        ({"status": 200, "body": {"results": []}}, "unknown"),
        ({"status": 200, "body": {"results": {"name": "without an id"}}}, "unknown"),
    ],
    ids=["refused", "broken", "of another kind", "incomplete"],
)
async def test_only_what_was_refused_is_called_failed(
    answer: Mapping[str, Any], outcome: str, tmp_path: Path
) -> None:
    """An answer that cannot be read says nothing of what was done."""
    async with recording() as recorder:
        recorder.answers.append(answer)
        own = {"MP_API_BASE_URL": recorder.url, "MP_STORAGE_DIR": str(tmp_path)}
        settings = Settings(tools=("create_webhook",))
        async with Client(build(settings, {**CREDENTIALS, **own})) as client:
            webhook = {"name": "Alarm", "url": "https://example.com"}
            assert (await client.call_tool("create_webhook", webhook)).is_error
    [file] = (tmp_path / "changes").iterdir()
    assert Journal(file).lines()[-1]["outcome"] == outcome


async def test_no_secret_reaches_the_journal(tmp_path: Path) -> None:
    """Of a webhook's credentials nothing is kept; the folder is that of the user's tokens."""
    webhook = {
        "name": "Alarm",
        "url": "https://example.com/hook",
        "auth_type": "basic",
        "username": "bot",
        "password": "hunter2-secret",
    }
    async with recording() as recorder:
        recorder.answers.append({"status": 200, "body": {"results": {"id": "w1", "name": "Alarm"}}})
        own = {"MP_API_BASE_URL": recorder.url, "MP_STORAGE_DIR": str(tmp_path)}
        settings = Settings(toolsets=("webhooks",))
        async with Client(build(settings, {**CREDENTIALS, **own})) as client:
            await client.call_tool("create_webhook", webhook)
    [file] = (tmp_path / "changes").iterdir()
    begun, ended = Journal(file).lines()
    assert begun["arguments"] == {**webhook, "username": MASK, "password": MASK}
    assert ended == {
        "id": begun["id"],
        "outcome": "done",
        "created": "w1",
        "after": [{"name": "Alarm"}],
    }
    assert "hunter2" not in file.read_text("utf-8")
