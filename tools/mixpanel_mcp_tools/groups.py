"""Groups: what is known of companies, accounts, teams."""

from typing import Annotated, Any, Unpack

from pydantic import Field

from mixpanel_mcp_core.fields import ProjectToken
from mixpanel_mcp_core.models.profiles import (
    Accepted,
    GroupId,
    GroupKey,
    Items,
    Lists,
    PropertyNames,
    Sending,
    ToGroup,
    Updates,
    Values,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.update_rules import GROUPS
from mixpanel_mcp_core.updates import update_many, update_one

groups = Toolset("groups", "Profiles of groups (companies, teams): set, list, delete")


@groups.destroys(idempotent=True)
async def group_set(session: Session, values: Values, **to: Unpack[ToGroup]) -> Accepted:
    """Set properties of a group, over what they were; makes the group if there is none.

    To keep what is there use group_set_once. Returns status 1; what was overwritten is gone.
    Ingestion API: POST /groups.
    """
    return await _changed(session, to, "$set", values)


@groups.writes(idempotent=True)
async def group_set_once(session: Session, values: Values, **to: Unpack[ToGroup]) -> Accepted:
    """Set properties of a group only where it has none yet.

    Makes the group if there is none. Ingestion API: POST /groups.
    """
    return await _changed(session, to, "$set_once", values)


@groups.writes(idempotent=True)
async def group_union(session: Session, values: Lists, **to: Unpack[ToGroup]) -> Accepted:
    """Add items to lists of a group, those that are not there yet.

    Makes a list where there is none. Ingestion API: POST /groups.
    """
    return await _changed(session, to, "$union", values)


@groups.destroys(idempotent=True)
async def group_remove(session: Session, values: Items, **to: Unpack[ToGroup]) -> Accepted:
    """Remove one item from each of some lists of a group.

    What is no list stays as it is; to remove a whole property use group_unset. Ingestion API:
    POST /groups.
    """
    return await _changed(session, to, "$remove", values)


@groups.destroys(idempotent=True)
async def group_unset(
    session: Session,
    property_names: PropertyNames,
    **to: Unpack[ToGroup],
) -> Accepted:
    """Remove properties of a group for good, with all that is in them.

    Names that the group does not have are no error. Ingestion API: POST /groups.
    """
    return await _changed(session, to, "$unset", property_names, told_as="property_names")


@groups.destroys(idempotent=True)
async def group_delete(
    session: Session, token: ProjectToken, group_key: GroupKey, group_id: GroupId
) -> Accepted:
    """Delete the profile of a group for good; events and people stay.

    Where there is none nothing happens. Ingestion API: POST /groups.
    """
    update = _update(token, group_key, group_id, "$delete", "")
    return await update_one(session, GROUPS, update, ip=None)


@groups.destroys
async def group_batch_update(
    session: Session,
    token: ProjectToken,
    updates: Annotated[
        Updates,
        Field(
            description="Each with '$group_key', '$group_id' and one operation, e.g. "
            '{"$group_key": "company", "$group_id": "acme", "$set": {"plan": "pro"}}.'
        ),
    ],
    **sending: Unpack[Sending],
) -> Accepted:
    """Update many groups in one call, in the order given.

    Operations: $set, $set_once, $add, $append, $union, $remove (objects), $unset (names), $delete
    (""). Sent in requests of 2,000 updates and 1 MB; when one fails, `taken_so_far` in the error
    counts the updates before it. Requests with $add or $append are never repeated. Ingestion API:
    POST /groups.
    """
    return await update_many(session, GROUPS, token, updates, **sending)


async def _changed(
    session: Session, to: ToGroup, operation: str, content: Any, told_as: str = "values"
) -> Accepted:
    update = _update(to["token"], to["group_key"], to["group_id"], operation, content)
    ip, strict = to.get("ip", False), to.get("strict")
    return await update_one(session, GROUPS, update, told_as=told_as, ip=ip, strict=strict)


def _update(
    token: str, group_key: str, group_id: str, operation: str, content: Any
) -> dict[str, Any]:
    return {"$token": token, "$group_key": group_key, "$group_id": group_id, operation: content}
