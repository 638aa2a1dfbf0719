"""Changes: told before they are made, listed afterwards, and undone where there is a way back."""

import asyncio
import inspect
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Annotated, Any, cast

from pydantic import Field

import mixpanel_mcp_tools
from mixpanel_mcp_core.errors import ConfigError, InvalidInputError, MixpanelError
from mixpanel_mcp_core.journal import Journal, Undoing
from mixpanel_mcp_core.models.changes import Change, Changes, Foretold, ListedChange, Undone
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.rehearsal import Rehearsed, rehearse
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.changing.comparing import same
from mixpanel_mcp_tools.changing.foretelling import foretold
from mixpanel_mcp_tools.changing.history import History
from mixpanel_mcp_tools.changing.kinds import Image, Kind, image_of, newest
from mixpanel_mcp_tools.changing.retelling import about, changed, undo_told
from mixpanel_mcp_tools.changing.settling import to_make
from mixpanel_mcp_tools.changing.steps import Step
from mixpanel_mcp_tools.changing.undoing import plan

changes = Toolset("changes", "Changes: previewed, listed with what was there before, undone")

ChangeId = Annotated[str, Field(description="Id of a change, from list_changes.")]


@changes.reads
async def preview_change(
    session: Session,
    operation: Annotated[str, Field(description="Operation that changes something.")],
    arguments: Annotated[dict[str, Any], Field(description="Its arguments.")] | None = None,
) -> Foretold:
    """Show what an operation would change, without changing anything.

    Returns the things concerned, each field before and after, and the exact request; of several
    requests the first. Arguments are checked as in earnest, and what is there is read. App API:
    GET whatever shows what is there.
    """
    found = mixpanel_mcp_tools.operation(operation)
    if found is None:
        raise _problem("operation", f"there is no operation {operation!r}; see search_operations")
    if found.effect.read_only:
        raise _problem("operation", f"{operation} changes nothing: run it")
    if "session" not in inspect.signature(found.call).parameters:
        raise _problem("operation", f"{operation} sends nothing to Mixpanel: there is no request")
    try:
        await replace(session, on_change=rehearse).run(operation, arguments or {})
    except Rehearsed as stop:
        return await foretold(session, found, {}, stop)
    raise _problem("arguments", f"with these {operation} would change nothing")


@changes.reads
async def list_changes(
    session: Session,
    limit: Annotated[int, Field(ge=1, le=1000, description="Most to return.")] = 20,
    tool: Annotated[str, Field(description="Only changes by this tool.")] | None = None,
) -> Changes:
    """List the changes that this server made in the project, newest first.

    Returns id, time, tool, what it was about, each field (before -> after), outcome (done, failed;
    unknown where no clear answer came) and whether undo_change can undo it. Only changes made from
    this machine by this account. Sends nothing.
    """
    history = await _history(session)
    wanted = [each for each in reversed(history.changes) if tool in (None, each.tool)]
    listed = [_listed(each, history) for each in wanted[:limit]]
    return Changes(changes=listed, total=len(wanted))


@changes.destroys
async def undo_change(
    session: Session,
    change_id: ChangeId,
    overwrite: Annotated[
        bool, Field(description="Undo although the thing was changed again since.")
    ] = False,
) -> Undone:
    """Undo a change: old values come back, deleted things are made anew, made ones go.

    What is there now is looked at first. A thing that is made anew has a new id. Returns what was
    done and what did not come back. Errors: NOT_UNDOABLE says why there is no way back;
    CHANGED_SINCE what others changed since, field by field: ask the person before overwrite. App
    API: PATCH (or POST, PUT, DELETE) of what it was about.
    """
    async with _journal(session).undoing():
        return await _undone(session, change_id, overwrite=overwrite)


async def _undone(session: Session, change_id: str, *, overwrite: bool) -> Undone:
    history = await _history(session)
    change = history.find(change_id)
    if change is None:
        near = get_close_matches(change_id, [each.id for each in history.changes], n=1)
        hint = f". Did you mean {near[0]!r}?" if near else "; see list_changes"
        raise _problem("change_id", f"there is no change {change_id!r}{hint}")
    by = history.undone_by(change)
    if by and not history.left(change):
        ids = ", ".join(each.id for each in by)
        raise MixpanelError(
            f"{change_id} was undone already, by {ids}. To have it back, undo {ids}.",
            code="NOT_UNDOABLE",
            details={"change_id": change_id, "undone_by": [each.id for each in by]},
        )
    way = plan(change, history)
    there = session.in_workspace(change.workspace)
    steps = await to_make(there, change, way, history, overwrite=overwrite)
    return await _made(there, change, steps, way.lost)


async def _made(
    session: Session, change: Change, steps: Sequence[Step], lost: Sequence[str]
) -> Undone:
    did: list[str] = []
    new_ids: list[Any] = []
    not_restored = list(lost)
    for step in steps:
        part = replace(session, undoes=Undoing(change.id, step.target))
        try:
            value = await part.run(step.operation, step.arguments)
        except MixpanelError as error:
            if did:
                told = f"{len(did)} of {len(steps)} were put back before. Undo it again for the"
                error.message = f"{error.message.rstrip('.')}. {told} rest."
            raise
        did.append(step.operation)
        new_id = _id_of(step.kind, value) if step.makes else step.now
        new_ids += [new_id] if step.makes and not step.kind.named else []
        not_restored += await _completed(part, step, new_id, image_of(value))
    return Undone(change_id=change.id, did=did, new_ids=new_ids, not_restored=not_restored)


def _id_of(kind: Kind, value: Any) -> Any:
    """The id of what was made anew."""
    answers = cast("list[Any]", value) if isinstance(value, list) else [value]
    return kind.id_in(newest([image_of(each) for each in answers]))


async def _completed(session: Session, step: Step, new_id: Any, made: Image) -> list[str]:
    """Give what was made anew what only an update can set; and tell what could not be set."""
    if all(name in made and same(made[name], value) for name, value in step.then.items()):
        return []
    assert session.undoes is not None
    completing = replace(session, undoes=replace(session.undoes, completes=True))
    try:
        await completing.run(step.kind.update, {step.kind.id: new_id, **step.then})
    except MixpanelError as error:
        return [f"{', '.join(step.then)} of {step.kind.noun} {new_id}: {error.message}"]
    return []


def _journal(session: Session) -> Journal:
    if session.journal is None:
        raise ConfigError("This session keeps no journal of changes.")
    return session.journal


async def _history(session: Session) -> History:
    # Long files, and others who hold them, keep no other call waiting.
    return History(await asyncio.to_thread(_journal(session).lines))


def _listed(change: Change, history: History) -> ListedChange:
    return ListedChange(
        id=change.id,
        at=change.at,
        tool=change.tool,
        about=about(change),
        changed=changed(change),
        outcome=change.outcome,
        undo=undo_told(change, history),
    )


def _problem(field: str, problem: str) -> InvalidInputError:
    return InvalidInputError(f"{field}: {problem}.", [{"field": field, "problem": problem}])
