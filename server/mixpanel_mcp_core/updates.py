"""Updates of profiles on their way to Mixpanel, one or many."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mixpanel_mcp_core.batches import UPDATES, Buffer, Limits, Record
from mixpanel_mcp_core.caller import given
from mixpanel_mcp_core.errors import MixpanelError, ServerError
from mixpanel_mcp_core.models.profiles import Accepted
from mixpanel_mcp_core.problems import refuse
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.update_rules import REPEATABLE, Kind, update_problems

_OUTCOME = "not known: it may have been taken; look before you send it again"


async def update_one(
    session: Session,
    kind: Kind,
    update: Record,
    *,
    told_as: str = "values",
    ip: bool | None = False,
    strict: bool | None = None,
) -> Accepted:
    """Send one update; refusals call the content of its operation `told_as`."""

    def argument(name: str) -> str:
        return name.removeprefix("$") if name in kind.ids else told_as

    refuse(update_problems(kind, update, argument))
    return await _send(session, kind, [update], ip, strict)


async def update_many(
    session: Session,
    kind: Kind,
    token: str,
    updates: Sequence[Mapping[str, Any]],
    *,
    ip: bool | None = False,
    strict: bool | None = None,
) -> Accepted:
    """Send many updates in order, each with its own token or else this one."""
    refuse(
        problem
        for index, update in enumerate(updates)
        for problem in update_problems(kind, update, _at(index))
    )
    return await _send(session, kind, [{"$token": token, **each} for each in updates], ip, strict)


async def send_all(
    session: Session,
    path: str,
    records: Sequence[Record],
    limits: Limits,
    *,
    repeatable: bool,
    **query: Any,
) -> Accepted:
    """Send records that carry their project's token, in order, in as many requests as it takes.

    When a request fails, `taken_so_far` in the error tells what went before. Where nobody can know
    whether the failed one was taken, and it would count twice, `outcome` says so.
    """
    # Names that were listed before may be joined by new ones.
    session.forget()

    async def send(batch: Sequence[Record]) -> None:
        await session.ingest.records(path, batch, repeatable=repeatable, **query)
        sent = buffer.taken + len(batch)
        await session.report(sent, len(records), f"{sent:,} of {len(records):,} records sent")

    buffer = Buffer(send, limits)
    try:
        for record in records:
            await buffer.add(record)
        await buffer.flush()
    except MixpanelError as error:
        if buffer.taken:
            error.details["taken_so_far"] = {"records": buffer.taken, "requests": buffer.requests}
        if not repeatable and (isinstance(error, ServerError) or error.code == "HTTP_ERROR"):
            error.details["outcome"] = _OUTCOME
        raise
    return Accepted()


async def _send(
    session: Session, kind: Kind, updates: Sequence[Record], ip: bool | None, strict: bool | None
) -> Accepted:
    query = given(ip=None if ip is None else int(ip), strict=1 if strict else None)
    repeatable = all(REPEATABLE & update.keys() for update in updates)
    return await send_all(session, kind.path, updates, UPDATES, repeatable=repeatable, **query)


def _at(index: int) -> Callable[[str], str]:
    return lambda name: f"updates[{index}].{name}".rstrip(".")
