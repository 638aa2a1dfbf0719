"""A change is shown before it is made: the request, and every field before and after."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from job_client import refused, told
from mcp import Client
from processes import away

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

YESTERDAY = datetime.now(UTC) - timedelta(days=1)
DAY, NOON = f"{YESTERDAY:%Y-%m-%d}", int(YESTERDAY.replace(hour=12).timestamp())
API = "https://mixpanel.com/api/app/projects/1"


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client of a server on an empty sandbox, whose changes are made at once."""
    settings = Settings(
        sandbox="empty",
        toolsets=("changes", "annotations", "webhooks", "profiles", "ingestion"),
        result_format="json",
        confirm="never",
    )
    async with Client(build(settings, away())) as connected:
        yield connected


async def test_update_is_shown_before_and_after_and_not_sent(client: Client) -> None:
    """What changes is told field by field, with the exact request; what is there stays."""
    note = {"date": "2026-01-01 00:00:00", "description": "Release"}
    made = await told(client, "create_annotation", **note)
    arguments = {"annotation_id": made["id"], "description": "Launch"}
    shown = await told(client, "preview_change", operation="update_annotation", arguments=arguments)
    named = f'annotation {made["id"]} "Release"'
    assert shown == {
        "operation": "update_annotation",
        "does": "Change an annotation's text or tags; its date stays.",
        "things": [{"kind": "annotation", "id": made["id"], "name": "Release"}],
        "changes": [
            {"thing": named, "field": "description", "before": "Release", "after": "Launch"}
        ],
        "request": {
            "method": "PATCH",
            "url": f"{API}/annotations/{made['id']}/",
            "body": {"description": "Launch"},
        },
        "before": [],
        "notes": [],
    }
    assert await told(client, "list_annotations") == [made]


async def test_person_is_shown_before_and_after(client: Client) -> None:
    """What a profile has is read, and told with the project in which it was looked for."""
    ann = {"token": "sandbox", "distinct_id": "ann"}
    await told(client, "profile_set", **ann, values={"plan": "free", "city": "Rome"})

    async def shown(operation: str, **arguments: Any) -> Any:
        given = {**ann, **arguments}
        return await told(client, "preview_change", operation=operation, arguments=given)

    upgraded = await shown("profile_set", values={"plan": "pro", "city": "Rome"})
    change = {"thing": "person ann", "field": "plan", "before": "free", "after": "pro"}
    assert upgraded["changes"] == [change]
    removed = await shown("profile_unset", property_names=["plan"])
    assert removed["changes"] == [{**change, "after": None}]
    gone = await shown("profile_delete")
    assert gone["things"] == [{"kind": "person", "id": "ann", "name": None}]
    assert gone["before"] == [{"plan": "free", "city": "Rome"}]
    assert gone["notes"] == ["looked up in project 1; the token says in which it changes"]
    nobody = await shown("profile_delete", distinct_id="zoe")
    assert nobody["notes"][1:] == ["not found: zoe"]


async def test_events_are_shown_before_they_come_and_counted_before_they_go(
    client: Client,
) -> None:
    """Of many that are sent the first ones."""
    events = [
        {"event": "Visit", "properties": {"distinct_id": f"u{n}", "time": NOON, "n": n}}
        for n in range(7)
    ]
    given: dict[str, Any] = {"operation": "import_events", "arguments": {"events": events}}
    sent = (await told(client, "preview_change", **given))["request"]["body"]
    assert [each["properties"]["n"] for each in sent[:5]] == [0, 1, 2, 3, 4]
    assert sent[5:] == ["and 2 more"]
    await told(client, "import_events", events=events)
    scope = {"event_name": "Visit", "from_date": DAY, "to_date": DAY}
    given = {"operation": "create_deletion_request", "arguments": scope}
    shown = await told(client, "preview_change", **given)
    assert shown["things"] == [{"kind": "event", "id": "Visit", "name": f"7 of {DAY} to {DAY}"}]


async def test_secret_in_a_request_is_masked(client: Client) -> None:
    """The request is shown whole, but for what nobody should read."""
    arguments = {
        "name": "Alarm",
        "url": "https://example.com/hook",
        "auth_type": "basic",
        "username": "bot",
        "password": "hunter2-secret",
    }
    shown = await told(client, "preview_change", operation="create_webhook", arguments=arguments)
    assert shown["request"] == {
        "method": "POST",
        "url": f"{API}/webhooks/",
        "body": {**arguments, "password": "**********"},
    }
    assert await told(client, "list_webhooks") == []


@pytest.mark.parametrize(
    ("operation", "arguments", "problem"),
    [
        ("list_annotations", {}, "operation: list_annotations changes nothing: run it."),
        ("rename", {}, "operation: there is no operation 'rename'; see search_operations."),
        (
            "accounts_remove",
            {"name": "x"},
            "operation: accounts_remove sends nothing to Mixpanel: there is no request.",
        ),
        (
            "delete_metrics",
            {"metric_ids": []},
            "arguments: with these delete_metrics would change nothing.",
        ),
        ("delete_annotation", {"annotation_id": 9}, "annotation_id: there is no annotation 9."),
        ("delete_annotation", {}, "annotation_id: required"),
    ],
)
async def test_what_cannot_be_shown_says_why(
    operation: str, arguments: dict[str, Any], problem: str, client: Client
) -> None:
    """Nothing to change, nothing of the name, nothing there, or bad input: each in a sentence."""
    error = await refused(client, "preview_change", operation=operation, arguments=arguments)
    assert error["message"].startswith(problem)
