"""Changes: told before they are made, listed afterwards, and undone where there is a way back."""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import Field

import mixpanel_mcp_tools
from mixpanel_mcp_core.errors import ConfigError, InvalidInputError, MixpanelError
from mixpanel_mcp_core.journal import Journal
from mixpanel_mcp_core.models.changes import Change, Changes, Foretold, ListedChange, Thing, Undone
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.rehearsal import Rehearsed, rehearse
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.foretelling import foretold
from mixpanel_mcp_tools.kinds import image_of
from mixpanel_mcp_tools.kinds_table import kind_of
from mixpanel_mcp_tools.undoing import Plan, Step, plan

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

    Returns id, time, tool, what it was about, outcome (done, failed, unknown) and whether
    undo_change can undo it. Only changes made from this machine by this account. Sends nothing.
    """
    made = _made(session)
    undone = {each.undoes: each.id for each in made if each.undoes and each.outcome == "done"}
    wanted = [each for each in reversed(made) if tool in (None, each.tool)]
    return Changes(changes=[_listed(each, undone) for each in wanted[:limit]], total=len(wanted))


@changes.destroys
async def undo_change(session: Session, change_id: ChangeId) -> Undone:
    """Undo a change: old values come back, deleted things are made anew, made ones go.

    A thing that is made anew has a new id. Returns what was done and what did not come back.
    NOT_UNDOABLE tells why there is no way back. App API: PATCH (or POST,
    DELETE) of what it was about.
    """
    made = _made(session)
    change = next((each for each in made if each.id == change_id), None)
    if change is None:
        near = get_close_matches(change_id, [each.id for each in made], n=1)
        hint = f". Did you mean {near[0]!r}?" if near else "; see list_changes"
        raise _problem("change_id", f"there is no change {change_id!r}{hint}")
    by = next((each for each in made if each.undoes == change_id and each.outcome == "done"), None)
    if by is not None:
        raise MixpanelError(
            f"{change_id} was undone already, by {by.id}. To have it back, undo {by.id}.",
            code="NOT_UNDOABLE",
        )
    return await _undo(replace(session, undoes=change_id), change_id, plan(change))


async def _undo(session: Session, change_id: str, way: Plan) -> Undone:
    did: list[str] = []
    new_ids: list[Any] = []
    for step in way.steps:
        value = await session.run(step.operation, step.arguments)
        did.append(step.operation)
        if step.kind is not None:
            new_ids.append(await _completed(session, step, step.kind, value))
    return Undone(change_id=change_id, did=did, new_ids=new_ids, not_restored=list(way.lost))


async def _completed(session: Session, step: Step, kind: Any, value: Any) -> Any:
    """The id of what was made anew, once it has what only an update can set."""
    if isinstance(value, list):
        return max(image_of(each).get("id", 0) for each in value)  # pyright: ignore
    image = image_of(value)
    new_id = image.get(kind.key) or image.get("id")
    if step.then:
        await session.run(kind.update, {kind.id: new_id, **step.then})
    return new_id


def _made(session: Session) -> list[Change]:
    """The changes of the journal, oldest first, each with its outcome."""
    if session.journal is None:
        raise ConfigError("This session keeps no journal of changes.")
    return _merged(session.journal)


def _merged(journal: Journal) -> list[Change]:
    entries: dict[str, dict[str, Any]] = {}
    for line in journal.lines():
        entries.setdefault(str(line.get("id")), {}).update(line)
    return [Change.model_validate(each) for each in entries.values() if "tool" in each]


def _listed(change: Change, undone: Mapping[str, str]) -> ListedChange:
    return ListedChange(
        id=change.id,
        at=change.at,
        tool=change.tool,
        about=_about(change),
        outcome=change.outcome,
        undo=_undo_told(change, undone),
    )


def _about(change: Change) -> str:
    kind = kind_of(change.tool)
    if kind is None:
        return ""
    ids = change.ids or ([] if change.created is None else [change.created])
    images = change.before or [change.arguments] * len(ids)
    named = zip(ids, images, strict=False)
    things = [Thing(kind=kind.noun, id=each, name=kind.name_of(image)) for each, image in named]
    more = [f"{len(ids) - 5} more"] if len(ids) > 5 else []
    return ", ".join([*(each.words() for each in things[:5]), *more])


def _undo_told(change: Change, undone: Mapping[str, str]) -> str:
    if change.id in undone:
        return f"undone by {undone[change.id]}"
    try:
        way = plan(change)
    except MixpanelError as error:
        return f"no: {error.details['reason']}"
    return f"yes, but {'; '.join(way.lost)}" if way.lost else "yes"


def _problem(field: str, problem: str) -> InvalidInputError:
    return InvalidInputError(f"{field}: {problem}.", [{"field": field, "problem": problem}])
