"""Drop filters: events that are thrown away on arrival."""

from typing import Unpack

from mixpanel_mcp_core.models.governance.drop_filters import (
    DropFilter,
    DropFilterChanges,
    DropFilterId,
    DropFilterLimitsResponse,
    NewDropFilter,
)
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.governance.toolset import governance

_PATH = "data-definitions/events/drop-filters/"


@governance.reads
async def list_drop_filters(session: Session) -> list[DropFilter]:
    """List the drop filters: which events are thrown away on arrival.

    Returns id, event, conditions and whether each is active. App API: GET
    data-definitions/events/drop-filters/.
    """
    return await session.app.get(_PATH, list[DropFilter])


@governance.destroys
async def create_drop_filter(
    session: Session, **drop_filter: Unpack[NewDropFilter]
) -> list[DropFilter]:
    """Throw away future events of a name, or those that meet conditions, on arrival.

    What is dropped cannot be brought back; stored events stay. Returns all drop filters; 400 beyond
    get_drop_filter_limits. App API: POST data-definitions/events/drop-filters/.
    """
    return await session.app.post(_PATH, list[DropFilter], drop_filter)


@governance.destroys(idempotent=True)
async def update_drop_filter(
    session: Session, id: DropFilterId, **changes: Unpack[DropFilterChanges]
) -> list[DropFilter]:
    """Change a drop filter's event or conditions, or switch it on or off.

    What is not given stays. Returns all drop filters. App API: PATCH
    data-definitions/events/drop-filters/.
    """
    return await session.app.patch(_PATH, list[DropFilter], {"id": id, **changes})


@governance.destroys(idempotent=True)
async def delete_drop_filter(session: Session, drop_filter_id: DropFilterId) -> list[DropFilter]:
    """Delete a drop filter, so that its events are kept from now on.

    What it has dropped stays lost. Returns the remaining drop filters. App API: DELETE
    data-definitions/events/drop-filters/.
    """
    body = {"id": drop_filter_id}
    return await session.app.delete_returning(_PATH, list[DropFilter], body)


@governance.reads
async def get_drop_filter_limits(session: Session) -> DropFilterLimitsResponse:
    """Tell how many drop filters the project may have.

    App API: GET data-definitions/events/drop-filters/limits/.
    """
    return await session.app.get(f"{_PATH}limits/", DropFilterLimitsResponse)
