"""Before undoing: what is there now is read, and nobody's work is overwritten unasked."""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.models.changes import Change, Thing
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.changing.comparing import shown
from mixpanel_mcp_tools.changing.history import History
from mixpanel_mcp_tools.changing.kinds import Image, Kind
from mixpanel_mcp_tools.changing.steps import Conflict, Plan, Step, refuse
from mixpanel_mcp_tools.changing.undoing import settled

_MOST_TOLD = 5


async def to_make(
    session: Session, change: Change, way: Plan, history: History, *, overwrite: bool
) -> list[Step]:
    """The steps of a plan that are still to be made.

    Raises MixpanelError: CHANGED_SINCE where they would set back what somebody else has set,
    unless told to `overwrite`; NOT_UNDOABLE where there is nothing to undo any more.
    """
    kind = way.steps[0].kind
    there = await _there(session, change, kind, way.steps)
    steps: list[Step] = []
    conflicts: list[Conflict] = []
    for step in way.steps:
        image = there.get(_key(kind, step.now))
        if step.gone and image is not None:
            _refuse_made(change, step, history)
        if image is None and _needed(step):
            _refuse_gone(change, step, history)
        made, found = settled(step, image)
        steps += [] if made is None else [made]
        conflicts += found
    if conflicts and not overwrite:
        raise _changed_since(change, conflicts, there, history)
    if not steps:
        refuse(change, f"the {kind.noun} is as it was before: there is nothing to put back")
    return steps


def _needed(step: Step) -> bool:
    """Whether a step is about something that must be there; what has a name is set in any case."""
    named = step.kind.key == "name" and step.operation not in step.kind.switching
    return bool(step.kind.id) and not step.gone and not named


def _key(kind: Kind, each: Any) -> str:
    return str(each) if kind.id else ""


async def _there(
    session: Session, change: Change, kind: Kind, steps: Sequence[Step]
) -> Mapping[str, Image]:
    """What is there now of the things that undoing is about."""
    found = await kind.fetch(session, change.arguments, [each.now for each in steps])
    return {_key(kind, image.get(kind.key)): image for image in found}


def _refuse_made(change: Change, step: Step, history: History) -> NoReturn:
    later = _later(change, step, history)
    still = f"it is there again, see {later}" if later else "it is there, still or again"
    refuse(change, f"{step.kind.noun} {step.now}: {still}")


def _refuse_gone(change: Change, step: Step, history: History) -> NoReturn:
    later = _later(change, step, history)
    hint = f"; undo {later} first" if later else ""
    refuse(change, f"{step.kind.noun} {step.now} is not there any more{hint}")


def _later(change: Change, step: Step, history: History) -> str:
    """The last of the later changes of the same thing, in words."""
    later = history.later(change, step.kind.noun, step.now)
    return f"{later[-1].id} ({later[-1].tool})" if later else ""


def _changed_since(
    change: Change,
    conflicts: Sequence[Conflict],
    there: Mapping[str, Image],
    history: History,
) -> MixpanelError:
    fields = [
        {
            "thing": _words(each, there),
            "field": each.field,
            "before": shown(each.before),
            "ours": shown(each.ours),
            "now": shown(each.now),
        }
        for each in conflicts
    ]
    told = [
        f"{each['field']} of {each['thing']} is now {each['now']} (this change left "
        f"{each['ours']}, before it {each['before']})"
        for each in fields[:_MOST_TOLD]
    ]
    more = [f"{len(fields) - _MOST_TOLD} fields more"] if len(fields) > _MOST_TOLD else []
    later = _later(change, conflicts[0].step, history)
    way = f"Undo {later} first" if later else "Somebody else changed it: ask the person"
    return MixpanelError(
        f"{change.id} ({change.tool}) was not undone, since it was changed again: "
        f"{'; '.join([*told, *more])}. {way}, or undo with overwrite: true, by which what is now "
        "there is lost.",
        code="CHANGED_SINCE",
        details={"change_id": change.id, "fields": fields},
    )


def _words(conflict: Conflict, there: Mapping[str, Image]) -> str:
    kind, now = conflict.step.kind, conflict.step.now
    name = kind.name_of(there.get(_key(kind, now)))
    return Thing(kind=kind.noun, id=now if kind.id else None, name=name).words()
