"""The password of a webhook goes to Mixpanel, and nowhere else."""

import logging

import pytest
from recorded_client import connected, whole

pytestmark = pytest.mark.anyio

PASSWORD = "correct-horse"
WEBHOOK = {
    "name": "Pipeline",
    "url": "https://example.com/hook",
    "auth_type": "basic",
    "username": "pipeline",
    "password": PASSWORD,
}
ECHO = f"the password {PASSWORD} is too weak"


async def test_an_error_that_quotes_the_password_is_masked() -> None:
    """Neither Mixpanel's words nor the echo of the request tell it."""
    refused = {"status": 400, "body": {"status": "error", "error": ECHO}}
    async with connected(refused) as (client, recorder):
        result = await client.call_tool("create_webhook", WEBHOOK)
    [request] = recorder.requests
    assert request.json()["password"] == PASSWORD
    assert result.is_error
    assert "is too weak" in whole(result)
    assert PASSWORD not in whole(result)


async def test_an_answer_that_returns_the_password_loses_it() -> None:
    """Other fields beyond the documented ones stay."""
    body = {"id": "w1", "name": "Pipeline", "url": WEBHOOK["url"], "password": PASSWORD}
    async with connected({"status": 200, "body": {"results": body}}, lookups=False) as (client, _):
        result = await client.call_tool("update_webhook", {"webhook_id": "w1", **WEBHOOK})
    assert not result.is_error
    assert WEBHOOK["url"] in whole(result)
    assert PASSWORD not in whole(result)


async def test_a_refused_call_does_not_repeat_the_password() -> None:
    """Also when the password is what is wrong with it."""
    async with connected() as (client, recorder):
        wrong = await client.call_tool("create_webhook", {**WEBHOOK, "auth_type": "oauth"})
        odd = await client.call_tool("create_webhook", {**WEBHOOK, "password": [PASSWORD]})
    assert recorder.requests == []
    assert wrong.is_error
    assert odd.is_error
    assert PASSWORD not in whole(wrong) + whole(odd)


async def test_logs_do_not_tell_the_password(caplog: pytest.LogCaptureFixture) -> None:
    """However much is logged."""
    caplog.set_level(logging.DEBUG)
    refused = {"status": 400, "body": {"status": "error", "error": ECHO}}
    async with connected(refused) as (client, _):
        await client.call_tool("create_webhook", WEBHOOK)
    assert [each for each in caplog.records if "call failed" in each.getMessage()]
    ours = [each for each in caplog.records if each.name.startswith("mixpanel_mcp")]
    assert PASSWORD not in "\n".join(str(vars(each)) for each in ours)


async def test_an_id_that_leads_elsewhere_is_no_webhook() -> None:
    """A path in place of an id would change something else."""
    async with connected() as (client, recorder):
        result = await client.call_tool("delete_webhook", {"webhook_id": "../dashboards/1"})
    assert result.is_error
    assert recorder.requests == []
