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
from mixpanel_mcp_sandbox.profile_operators import updated
from mixpanel_mcp_tools.changing.profiles_seen import profile_after

pytestmark = pytest.mark.anyio

YESTERDAY = datetime.now(UTC) - timedelta(days=1)
DAY, NOON = f"{YESTERDAY:%Y-%m-%d}", int(YESTERDAY.replace(hour=12).timestamp())
API = "https://mixpanel.com/api/app/projects/1"
APPENDED = {"tags": [1, True, {"a": 2}, 1], "plan": ["free", "x"], "new": [2]}
UNITED = {"tags": [1, True, {"a": 2}, "b"], "new": ["c"]}


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


async def run(client: Client, operation: str, **arguments: Any) -> Any:
    """The value of an operation that is not listed."""
    return await told(client, "run_write_operation", operation=operation, arguments=arguments)


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
    updates = [{"$distinct_id": "ann", "$delete": ""}, {"$distinct_id": "zoe", "$add": {"n": 1}}]
    many = {"token": "sandbox", "updates": updates}
    given = {"operation": "profile_batch_update", "arguments": many}
    both = await told(client, "preview_change", **given)
    added = {"thing": "person zoe", "field": "n", "before": None, "after": 1}
    assert (both["changes"], both["before"]) == ([added], [{"plan": "free", "city": "Rome"}])
    assert both["notes"][1:] == ["not found: zoe", "deleted: ann"]


@pytest.mark.parametrize(
    ("update", "after"),
    [
        ({"$set": {"plan": "pro"}}, {"plan": "pro"}),
        ({"$set_once": {"plan": "pro", "city": "Rome"}}, {"city": "Rome"}),
        ({"$add": {"n": 2, "plan": 1, "new": 3}}, {"n": 3, "new": 3}),
        ({"$append": {"tags": 1, "plan": "x", "new": 2}}, APPENDED),
        ({"$union": {"tags": [1.0, True, "b", "b"], "new": ["c"]}}, UNITED),
        ({"$remove": {"tags": True, "plan": "free", "new": 1}}, {"tags": [1, {"a": 2}]}),
        ({"$remove": {"tags": {"a": 2}}}, {"tags": [1, True]}),
        ({"$unset": ["plan", "new"]}, {"plan": None}),
    ],
)
def test_update_is_foretold_as_it_comes_out(
    update: dict[str, dict[str, Any]], after: dict[str, Any]
) -> None:
    """What a preview says of an operator is what the sandbox makes of it."""
    profile = {"plan": "free", "n": 1, "tags": [1, True, {"a": 2}]}
    left = {name: each for name, each in {**profile, **after}.items() if each is not None}
    assert profile_after(profile, update) == updated(profile, update) == left


async def test_group_is_looked_up_in_all_data_groups(client: Client) -> None:
    """Mixpanel numbers data groups and tells no keys: of an id that two have both are shown."""
    acme = {"token": "sandbox", "group_key": "company", "group_id": "acme"}

    async def shown(operation: str, **arguments: Any) -> Any:
        given = {"operation": operation, "arguments": {**acme, **arguments}}
        found = await told(client, "preview_change", **given)
        return found["things"], found["changes"], found["before"], found["notes"][1:]

    def looked_up(numbers: str) -> str:
        untold = "Mixpanel does not tell which data group company is"
        return f"looked up in data group {numbers}, all that the Lexicon knows; {untold}"

    group = {"kind": "group", "id": "acme", "name": None}
    unread = "not read: the Lexicon knows no property of groups, nor the data groups"
    assert await shown("group_delete") == ([group], [], [], [unread])

    profile = {"$name": "Acme", "tags": ["a"]}
    await run(client, "group_set", **acme, values=profile)
    named = {**group, "name": "Acme"}
    tags = {"thing": 'group acme "Acme"', "field": "tags", "before": ["a"], "after": ["a", "b"]}
    joined = await shown("group_union", values={"tags": ["a", "b"]})
    assert joined == ([named], [tags], [], [looked_up("1")])
    assert await shown("group_delete") == ([named], [], [profile], [looked_up("1")])

    await run(client, "group_set", **{**acme, "group_key": "team"}, values={"n": 1})
    several = [looked_up("1, 2"), "several data groups have acme: shown is that of each"]
    assert await shown("group_delete") == ([group], [], [profile, {"n": 1}], several)


async def test_board_is_shown_with_what_changes_on_it(client: Client) -> None:
    """A mark that is set or taken, the card that goes by its name, and what is new by its own."""

    async def shown(operation: str, **arguments: Any) -> Any:
        given = {"operation": operation, "arguments": arguments}
        return await told(client, "preview_change", **given)

    new = await shown("create_dashboard", title="Launch")
    assert new["things"] == [{"kind": "dashboard", "id": None, "name": "Launch"}]
    copy = await shown("duplicate_feature_flag", flag_id="f1")
    assert copy["things"] == [{"kind": "feature flag", "id": None, "name": "copy of f1"}]
    tag = await shown("create_annotation_tag", name="Sales")
    assert tag["things"] == [{"kind": "annotation tag", "id": None, "name": "Sales"}]

    board = await run(client, "create_dashboard", title="Launch")
    which = {"dashboard_id": board["id"]}
    place = {"thing": f'dashboard {board["id"]} "Launch"', "before": None}
    pinned = await shown("pin_dashboard", **which)
    assert pinned["changes"] == [{**place, "field": "pinned_date", "after": "now"}]
    liked = await shown("favorite_dashboard", **which)
    assert liked["changes"] == [{**place, "field": "is_favorited", "before": False, "after": True}]
    unpinned = await shown("unpin_dashboard", **which)
    alike = ["nothing would change: it is so already"]
    assert (unpinned["changes"], unpinned["notes"]) == ([], alike)

    built = await run(client, "build_params", events="Visit")
    report = {"name": "Visits", "bookmark_type": "insights", "params": built, **which}
    card = await run(client, "create_bookmark", **report)
    gone = await shown("remove_report_from_dashboard", **which, bookmark_id=card["id"])
    assert gone["things"][1:] == [{"kind": "report", "id": card["id"], "name": "Visits"}]
    assert [each["name"] for each in gone["before"]] == ["Visits"]
    none = await shown("remove_report_from_dashboard", **which, bookmark_id=9)
    assert (none["before"], none["notes"]) == ([], ["not on the dashboard: report 9"])


async def test_rows_and_accounts_are_shown_before_they_go(client: Client) -> None:
    """A table of the ingestion host by name with its rows; an account by name with its role."""
    table = {"name": "Brands", "columns": ["sku", "brand"], "rows": [["a", "A"], ["b", "B"]]}
    await run(client, "upload_lookup_rows", **table)
    [listed] = await run(client, "ingest_list_lookup_tables")
    given: dict[str, Any] = {"lookup_table_id": listed["id"], "csv": "sku,brand\nc,C\n"}
    rows = await told(client, "preview_change", operation="replace_lookup_table", arguments=given)
    assert rows["things"] == [{"kind": "lookup table", "id": listed["id"], "name": "Brands"}]
    assert rows["notes"] == ["rows that go: 2"]
    given = {"organization_id": 1, "service_account_id": 1}
    account = await told(
        client, "preview_change", operation="delete_service_account", arguments=given
    )
    assert account["things"] == [{"kind": "service account", "id": 1, "name": "sandbox"}]
    assert account["notes"] == ["role in project 1: owner"]


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
    people: dict[str, Any] = {"token": "sandbox", "distinct_ids": ["u1", "u2", "zoe"]}
    given = {"operation": "gdpr_create_deletion", "arguments": people}
    erased = await told(client, "preview_change", **given)
    assert [each["id"] for each in erased["things"]] == ["u1", "u2", "zoe"]
    assert erased["notes"][1:] == [
        "without a profile: u1, u2, zoe",
        "2 events in the last 365 days are theirs",
    ]
    people["distinct_ids"] = [f"u{n}" for n in range(30)]
    many = await told(client, "preview_change", **given)
    assert (len(many["things"]), many["notes"][1]) == (30, "looked up are the first 20 of 30")


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
