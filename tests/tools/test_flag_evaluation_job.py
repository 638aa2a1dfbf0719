"""A feature flag is switched on and asked for as an app asks, told by a client."""

import pytest
from job_client import refused, told
from mcp import Client

pytestmark = pytest.mark.anyio


async def test_a_flag_is_asked_for_as_an_app_asks(client: Client) -> None:
    """With the account or with the project's token; who tests it is told so."""
    variants = [
        {"key": "On", "value": {"colour": "blue"}, "is_control": False, "split": 1},
        {"key": "Off", "value": False, "is_control": True, "split": 0},
    ]
    rollout = [{"rollout_percentage": 1, "variant_splits": {"On": 1}}]
    flag = await told(
        client,
        "create_feature_flag",
        name="Button",
        key="button",
        status="enabled",
        ruleset={"variants": variants, "rollout": rollout},
    )
    await told(client, "set_flag_test_users", flag_id=flag["id"], users={"Off": "tester"})
    served = {
        "variant_key": "On",
        "variant_value": {"colour": "blue"},
        "experiment_id": None,
        "is_experiment_active": False,
        "is_qa_tester": False,
    }
    ann = {"distinct_id": "ann", "device_id": "d1", "custom_properties": {"plan": "pro"}}
    assert await told(client, "evaluate_flags", context=ann) == {"flags": {"button": served}}
    tester = await told(
        client, "evaluate_flags", context={"distinct_id": "tester"}, token="sandbox"
    )
    tested = {**served, "variant_key": "Off", "variant_value": False, "is_qa_tester": True}
    assert tester == {"flags": {"button": tested}}
    for token in ({}, {"token": "sandbox"}):
        [definition] = (await told(client, "get_flag_definitions", **token))["flags"]
        assert (definition["id"], definition["key"]) == (flag["id"], "button")

    error = await refused(client, "evaluate_flags", context={"device_id": "d1"})
    assert [problem["field"] for problem in error["details"]["problems"]] == ["context.distinct_id"]
    error = await refused(client, "evaluate_flags", context=ann, token="another-project")
    assert (error["code"], error["details"]["request_params"]["token"]) == (
        "AUTH_FAILED",
        "**********",
    )
