"""A feature goes from off over a test user to a third of the people, by a client of the server."""

from typing import Any

import pytest
from job_client import refused, told
from mcp import Client

pytestmark = pytest.mark.anyio

SETTINGS = {"tags": ["ui"], "description": "Dark colours"}


def changed(flag: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The arguments that replace a flag, with what is to be another."""
    kept = ("name", "key", "status", "ruleset", "description", "tags")
    return {"flag_id": flag["id"], **{name: flag[name] for name in kept}, **fields}


async def test_a_feature_is_tried_by_one_person_and_then_rolled_out(client: Client) -> None:
    """Made, tested, switched on for 30 %; the history tells each step to whoever asks later."""
    made = await told(client, "create_feature_flag", name="Dark mode", key="dark_mode", **SETTINGS)
    assert (made["status"], made["ruleset"]["rollout"]) == ("disabled", [])

    await told(client, "set_flag_test_users", flag_id=made["id"], users={"On": "ann"})
    tested = await told(client, "get_feature_flag", flag_id=made["id"])
    assert tested["ruleset"] == made["ruleset"] | {"test": {"users": {"ann": "On"}}}

    group = {"rollout_percentage": 0.3, "variant_splits": {"On": 1.0, "Off": 0.0}}
    ruleset = tested["ruleset"] | {"rollout": [group]}
    enabled = await told(
        client, "update_feature_flag", **changed(tested, status="enabled", ruleset=ruleset)
    )
    assert enabled == tested | {
        "status": "enabled",
        "ruleset": ruleset,
        "enabled_at": enabled["enabled_at"],
        "modified": enabled["modified"],
    }
    assert enabled["enabled_at"]
    assert await told(client, "list_feature_flags") == [enabled]

    history = await told(client, "get_flag_history", flag_id=made["id"])
    assert [(event[1], sorted(event[2]["changes"])) for event in history["events"]] == [
        ("updated", ["enabled_at", "ruleset", "status"]),
        ("test users set", ["ruleset"]),
        ("created", []),
    ]
    assert history["events"][0][2]["changes"]["status"] == {
        "before": "disabled",
        "after": "enabled",
    }
    older = await told(client, "get_flag_history", flag_id=made["id"], page="2", page_size=2)
    assert older == {"events": history["events"][2:], "count": 3}


async def test_a_flag_that_has_served_is_put_away(client: Client) -> None:
    """A copy is kept for the next idea, the flag is archived, missed, restored and deleted."""
    flag = await told(client, "create_feature_flag", name="Banner", key="banner", status="enabled")
    copy = await told(client, "duplicate_feature_flag", flag_id=flag["id"])
    assert (copy["key"], copy["status"]) == ("banner_copy", "disabled")
    await told(client, "archive_feature_flag", flag_id=flag["id"])
    assert await told(client, "list_feature_flags") == [copy]
    assert (await told(client, "get_flag_limits"))["current_usage"] == 1
    restored = await told(client, "restore_feature_flag", flag_id=flag["id"])
    assert (restored["status"], restored["deleted"]) == ("disabled", None)
    await told(client, "delete_feature_flag", flag_id=flag["id"])
    gone = await refused(client, "get_feature_flag", flag_id=flag["id"])
    assert gone["message"] == f"Feature flag {flag['id']} not found"
    assert await told(client, "list_feature_flags", include_archived=True) == [copy]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (
            {"variants": [{"key": "On", "is_control": False, "split": 1}]},
            {
                "field": "ruleset.variants[0].value",
                "problem": "required",
                "expected": "What a flag can say; its `value` (required) is true, false, text or "
                "any JSON.",
            },
        ),
        (
            {"rollout": [{"rollout_percentage": 30, "variant_splits": {}}]},
            {
                "field": "ruleset.rollout[0].rollout_percentage",
                "problem": "must be a share from 0 to 1; did you mean 0.3?",
                "given": "30",
            },
        ),
        (
            {"variants": [{"key": "v", "value": 1, "is_control": False, "split": 0}] * 12},
            {
                "field": "ruleset.variants",
                "problem": "List should have at most 11 items, not 12",
            },
        ),
    ],
    ids=["value missing", "percent", "too many variants"],
)
async def test_a_wrong_ruleset_is_not_sent(
    client: Client, fields: dict[str, Any], problem: dict[str, str]
) -> None:
    """Each problem is told by its place, with what would be right."""
    ruleset: dict[str, Any] = {"variants": [], "rollout": [], **fields}
    error = await refused(client, "create_feature_flag", name="A", key="a", ruleset=ruleset)
    assert (error["type"], error["details"]["problems"]) == ("InvalidInputError", [problem])


async def test_a_word_of_other_tools_is_answered_with_ours(client: Client) -> None:
    """A flag is not on but enabled."""
    error = await refused(client, "create_feature_flag", name="A", key="a", status="on")
    assert error["details"]["problems"] == [
        {
            "field": "status",
            "problem": "must be one of enabled, disabled, archived",
            "allowed": ["enabled", "disabled", "archived"],
            "nearest": "enabled",
            "given": "on",
        }
    ]


@pytest.mark.parametrize("flag_id", ["", "../../dashboards/1", "x?y=1"])
async def test_an_id_leads_nowhere_else(client: Client, flag_id: str) -> None:
    """What would be another path, or a query, is refused."""
    error = await refused(client, "delete_feature_flag", flag_id=flag_id)
    assert error["details"]["problems"][0]["field"] == "flag_id"
