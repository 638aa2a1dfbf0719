"""Webhooks: addresses that Mixpanel calls when a cohort or an alert has news."""

from typing import Unpack

from mixpanel_mcp_core.models.webhooks import (
    NewWebhook,
    ProjectWebhook,
    TriedWebhook,
    WebhookChanges,
    WebhookId,
    WebhookMutationResult,
    WebhookTestResult,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.session import Session

webhooks = Toolset("webhooks", "Webhooks: addresses that Mixpanel calls")


@webhooks.reads
async def list_webhooks(session: Session) -> list[ProjectWebhook]:
    """List the project's webhooks with address and state.

    Passwords are never told. App API: GET webhooks/.
    """
    return await session.app.get("webhooks/", list[ProjectWebhook])


@webhooks.writes
async def create_webhook(session: Session, **webhook: Unpack[NewWebhook]) -> WebhookMutationResult:
    """Create a webhook: an address that Mixpanel calls.

    Try the address with test_webhook first. Returns id and name; 400 for an address that Mixpanel
    does not take. App API: POST webhooks/.
    """
    return await session.app.post("webhooks/", WebhookMutationResult, webhook)


@webhooks.writes(idempotent=True)
async def update_webhook(
    session: Session, webhook_id: WebhookId, **changes: Unpack[WebhookChanges]
) -> WebhookMutationResult:
    """Change a webhook's name, address or credentials, or switch it on and off.

    What is not given stays. Returns id and name; 404 when there is none. App API: PATCH
    webhooks/{id}/.
    """
    return await session.app.patch(f"webhooks/{webhook_id}/", WebhookMutationResult, changes)


@webhooks.destroys(idempotent=True)
async def delete_webhook(session: Session, webhook_id: WebhookId) -> None:
    """Delete a webhook for good; whatever uses it no longer calls.

    To silence it only, use update_webhook with `is_enabled`. App API: DELETE webhooks/{id}/.
    """
    await session.app.delete(f"webhooks/{webhook_id}/")


@webhooks.writes(open_world=True)
async def test_webhook(session: Session, **webhook: Unpack[TriedWebhook]) -> WebhookTestResult:
    """Make Mixpanel call an address once, to see what it answers.

    Returns success, the address's status_code and a message; nothing is saved. App API: POST
    webhooks/test/.
    """
    return await session.app.post("webhooks/test/", WebhookTestResult, webhook)
