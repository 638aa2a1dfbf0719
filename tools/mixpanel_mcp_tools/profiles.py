"""Profiles: what is known of people, changed one person at a time or many at once."""

from datetime import datetime
from typing import Annotated, Any, Unpack

from pydantic import Field

from mixpanel_mcp_core.fields import ProjectToken
from mixpanel_mcp_core.models.profiles import (
    Accepted,
    DistinctId,
    Items,
    Lists,
    Numbers,
    PropertyNames,
    Sending,
    Strict,
    ToPerson,
    Updates,
    Values,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.problems import Problem, refuse
from mixpanel_mcp_core.queries.words import Number
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.update_rules import PEOPLE
from mixpanel_mcp_core.updates import update_many, update_one

profiles = Toolset("profiles", "Profiles of people: set, count up, list, charge, delete")

_CHARGES = "$transactions"
_MOMENT = "%Y-%m-%dT%H:%M:%S"


@profiles.destroys(idempotent=True)
async def profile_set(session: Session, values: Values, **to: Unpack[ToPerson]) -> Accepted:
    """Set properties of a person, over what they were; makes the profile if there is none.

    To keep what is there use profile_set_once. Returns status 1; what was overwritten is gone.
    Ingestion API: POST /engage.
    """
    return await _changed(session, to, "$set", values)


@profiles.writes(idempotent=True)
async def profile_set_once(session: Session, values: Values, **to: Unpack[ToPerson]) -> Accepted:
    """Set properties of a person only where they have none yet.

    Makes the profile if there is none. Ingestion API: POST /engage.
    """
    return await _changed(session, to, "$set_once", values)


@profiles.writes
async def profile_add(session: Session, values: Numbers, **to: Unpack[ToPerson]) -> Accepted:
    """Add numbers to properties of a person; negative ones subtract.

    What is missing counts as 0; what is no number stays as it is. A second call adds again, so a
    call that failed is not repeated here. Ingestion API: POST /engage.
    """
    return await _changed(session, to, "$add", values)


@profiles.writes
async def profile_append(session: Session, values: Items, **to: Unpack[ToPerson]) -> Accepted:
    """Append one item to each of some lists of a person, also one that is there already.

    Makes a list where there is none. For several items, or to keep each once, use profile_union.
    Ingestion API: POST /engage.
    """
    return await _changed(session, to, "$append", values)


@profiles.writes(idempotent=True)
async def profile_union(session: Session, values: Lists, **to: Unpack[ToPerson]) -> Accepted:
    """Add items to lists of a person, those that are not there yet.

    Makes a list where there is none. Ingestion API: POST /engage.
    """
    return await _changed(session, to, "$union", values)


@profiles.destroys(idempotent=True)
async def profile_remove(session: Session, values: Items, **to: Unpack[ToPerson]) -> Accepted:
    """Remove one item from each of some lists of a person.

    What is no list stays as it is; to remove a whole property use profile_unset. Ingestion API:
    POST /engage.
    """
    return await _changed(session, to, "$remove", values)


@profiles.destroys(idempotent=True)
async def profile_unset(
    session: Session,
    property_names: PropertyNames,
    **to: Unpack[ToPerson],
) -> Accepted:
    """Remove properties of a person for good, with all that is in them.

    Names that the person does not have are no error. Ingestion API: POST /engage.
    """
    return await _changed(session, to, "$unset", property_names, told_as="property_names")


@profiles.destroys(idempotent=True)
async def profile_delete(
    session: Session,
    token: ProjectToken,
    distinct_id: DistinctId,
    ignore_alias: Annotated[
        bool, Field(description="Delete a duplicate whose id is an alias, not the original.")
    ] = False,
    strict: Strict | None = None,
) -> Accepted:
    """Delete the profile of a person for good; their events stay.

    For an alias of somebody without ignore_alias the original goes. Where there is no profile
    nothing happens. Ingestion API: POST /engage.
    """
    update = _update(token, distinct_id, "$delete", "")
    if ignore_alias:
        update["$ignore_alias"] = True
    return await update_one(session, PEOPLE, update, ip=None, strict=strict)


@profiles.writes
async def profile_track_charge(
    session: Session,
    amount: Annotated[Number, Field(description="What was paid; negative for money given back.")],
    details: Annotated[
        dict[str, Any],
        Field(description='More of it, e.g. {"sku": "x", "$time": "2026-01-31T18:00:00"}.'),
    ]
    | None = None,
    **to: Unpack[ToPerson],
) -> Accepted:
    """Note a payment of a person in their list of charges, for revenue reports.

    `$time` in details dates it (YYYY-MM-DDTHH:MM:SS). A second call notes a second payment.
    Ingestion API: POST /engage.
    """
    charge = {**(details or {}), "$amount": amount}
    refuse(_time_problems(charge.get("$time")))
    return await _changed(session, to, "$append", {_CHARGES: charge}, told_as="details")


@profiles.destroys(idempotent=True)
async def profile_clear_charges(session: Session, **to: Unpack[ToPerson]) -> Accepted:
    """Remove all charges of a person for good.

    Ingestion API: POST /engage.
    """
    return await _changed(session, to, "$unset", [_CHARGES])


@profiles.destroys
async def profile_batch_update(
    session: Session,
    token: ProjectToken,
    updates: Annotated[
        Updates,
        Field(
            description="Each with '$distinct_id' and one operation, e.g. "
            '{"$distinct_id": "u1", "$set": {"plan": "pro"}}.'
        ),
    ],
    **sending: Unpack[Sending],
) -> Accepted:
    """Update many profiles in one call, in the order given.

    Operations: $set, $set_once, $add, $append, $union, $remove (objects), $unset (names), $delete
    (""). Beside one: $ip, $latitude, $longitude, $ignore_time (keeps $last_seen). Sent in requests
    of 2,000 updates and 1 MB; when one fails, `taken_so_far` in the error counts the updates before
    it. Requests with $add or $append are never repeated. Ingestion API: POST /engage.
    """
    return await update_many(session, PEOPLE, token, updates, **sending)


async def _changed(
    session: Session, to: ToPerson, operation: str, content: Any, told_as: str = "values"
) -> Accepted:
    update = _update(to["token"], to["distinct_id"], operation, content)
    ip, strict = to.get("ip", False), to.get("strict")
    return await update_one(session, PEOPLE, update, told_as=told_as, ip=ip, strict=strict)


def _update(token: str, distinct_id: str, operation: str, content: Any) -> dict[str, Any]:
    return {"$token": token, "$distinct_id": distinct_id, operation: content}


def _time_problems(time: Any) -> list[Problem]:
    try:
        known = time is None or datetime.fromisoformat(time).strftime(_MOMENT) == time
    except (TypeError, ValueError):
        known = False
    return [] if known else [("details.$time", f"must be YYYY-MM-DDTHH:MM:SS, not {time!r}")]
