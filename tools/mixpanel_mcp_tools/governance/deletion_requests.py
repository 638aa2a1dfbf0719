"""Event deletion requests: stored events that are to be removed for good."""

from typing import Annotated, Any, Unpack

from pydantic import Field

from mixpanel_mcp_core.models.governance.deletion_requests import (
    DeletionScope,
    EventDeletionRequest,
)
from mixpanel_mcp_core.models.wire import in_camel_case
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.governance.toolset import governance

_PATH = "data-definitions/events/deletion-requests/"


@governance.reads
async def list_deletion_requests(session: Session) -> list[EventDeletionRequest]:
    """List the requests to delete stored events, with status and how many are gone.

    Status is Submitted, Processing, Completed or Failed. App API: GET
    data-definitions/events/deletion-requests/.
    """
    # Names and values that were listed before may be gone meanwhile.
    session.forget()
    return await session.app.get(_PATH, list[EventDeletionRequest])


@governance.destroys
async def create_deletion_request(
    session: Session, **scope: Unpack[DeletionScope]
) -> list[EventDeletionRequest]:
    """Delete stored events of a name and time for good; preview_deletion_filters shows them first.

    At most 180 days back, 10 requests and 5 billion events a month. cancel_deletion_request stops
    it while it is Submitted. Returns all requests. App API: POST
    data-definitions/events/deletion-requests/.
    """
    return await session.app.post(_PATH, list[EventDeletionRequest], in_camel_case(scope))


@governance.writes(idempotent=True)
async def cancel_deletion_request(
    session: Session,
    request_id: Annotated[int, Field(description="Request id, from list_deletion_requests.")],
) -> list[EventDeletionRequest]:
    """Withdraw a deletion request that is not being processed yet.

    Returns all requests. App API: DELETE data-definitions/events/deletion-requests/.
    """
    body = {"id": request_id}
    return await session.app.delete_returning(_PATH, list[EventDeletionRequest], body)


@governance.reads
async def preview_deletion_filters(
    session: Session, **scope: Unpack[DeletionScope]
) -> list[dict[str, Any]]:
    """Show what a deletion request would delete, without deleting anything.

    App API: POST data-definitions/events/deletion-requests/preview-filters/.
    """
    path = f"{_PATH}preview-filters/"
    body = in_camel_case(scope)
    return await session.app.post(path, list[dict[str, Any]], body, changes=False)
