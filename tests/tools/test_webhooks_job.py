"""An address is called: tried, saved, switched off and deleted, by a client of the server."""

import pytest
from job_client import refused, told
from mcp import Client

pytestmark = pytest.mark.anyio

URL = "http://sandbox/hooks/pipeline"


async def test_a_webhook_lives_and_goes(client: Client) -> None:
    """A failing address is seen before it is saved; the saved one is put right and goes."""
    failing = await told(client, "test_webhook", url=f"{URL}?status=503")
    assert failing == {"success": False, "status_code": 503, "message": "arrived"}
    elsewhere = await told(client, "test_webhook", url="https://example.com/hook")
    assert (elsewhere["success"], elsewhere["status_code"]) == (False, 0)
    assert "calls only itself" in elsewhere["message"]

    made = await told(client, "create_webhook", name="Pipeline", url=f"{URL}?status=503")
    changed = await told(client, "update_webhook", webhook_id=made["id"], url=URL, is_enabled=False)
    assert changed == made
    [listed] = await told(client, "list_webhooks")
    assert (listed["url"], listed["is_enabled"], listed["creator_name"]) == (
        URL,
        False,
        "Sandbox User",
    )
    await told(client, "delete_webhook", webhook_id=made["id"])
    assert await told(client, "list_webhooks") == []
    gone = await refused(client, "update_webhook", webhook_id=made["id"], name="New")
    assert gone["message"] == f"Webhook {made['id']} not found"


async def test_an_address_that_is_none_is_refused_by_mixpanel(client: Client) -> None:
    """The client does not judge addresses."""
    error = await refused(client, "create_webhook", name="A", url="not a url")
    assert (error["message"], error["details"]["status_code"]) == ("Invalid url", 400)
