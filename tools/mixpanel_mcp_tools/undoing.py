"""How a change is undone: which operations, with which arguments, put back what was there. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.models.changes import Change
from mixpanel_mcp_core.secret_fields import is_masked
from mixpanel_mcp_tools.comparing import same, within
from mixpanel_mcp_tools.history import History
from mixpanel_mcp_tools.irrevocable import reason_for
from mixpanel_mcp_tools.kinds import Given, Image, Kind
from mixpanel_mcp_tools.kinds_table import kind_of

# What says where something is, and no field of it.
_PLACES = ("resource_type", "entity_type", "level", "organization_id")
_NO_FIELDS = ("id", "validate", "force", "workspace_id", *_PLACES)
_EMPTY: Mapping[type, Any] = {str: "", list: [], bool: False}


@dataclass(frozen=True, slots=True)
class Step:
    """One call that puts back the `target` of a change, which is called `now` today.

    `fields` are set by it. `left` is what the change left of them, or of a thing that it made;
    what is `told` was said by Mixpanel, the rest asked for. `then` is given to `update`
    afterwards, with the id of what was made anew. One that is `gone` must not be there.
    """

    operation: str
    kind: Kind
    target: Any
    now: Any
    arguments: Image = field(default_factory=dict[str, Any])
    fields: Image = field(default_factory=dict[str, Any])
    left: Image = field(default_factory=dict[str, Any])
    told: frozenset[str] = frozenset()
    then: Image = field(default_factory=dict[str, Any])
    gone: bool = False

    @property
    def makes(self) -> bool:
        """Whether it makes something anew."""
        return self.operation == self.kind.create


@dataclass(frozen=True, slots=True)
class Plan:
    """The calls that undo a change, and what does not come back."""

    steps: Sequence[Step]
    lost: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that somebody has changed since."""

    step: Step
    field: str
    before: Any
    ours: Any
    now: Any


def plan(change: Change, history: History) -> Plan:
    """What undoes a change; MixpanelError (NOT_UNDOABLE) with the reason where nothing does."""
    if change.outcome == "failed":
        refuse(change, f"it failed, so there should be nothing to undo: {change.error}")
    kind = kind_of(change.tool)
    role = kind.role(change.tool) if kind else None
    if kind is None or role is None:
        refuse(change, reason_for(change.tool, change.toolset))
    if role == "create":
        return _of_creation(change, kind, history)
    if not any(change.before) and not (change.read and kind.delete and kind.key == "name"):
        absent = change.read and change.before
        refuse(change, f"there was no {kind.noun}" if absent else "what was there is not known")
    if role == "switch":
        return _of_switch(change, kind, history)
    if role == "delete":
        return _of_deletion(change, kind, history)
    if role == "touch" and not kind.whole:
        refuse(change, kind.lost if not kind.create else "it changed more than its fields")
    return _of_update(change, kind, history)


def _of_creation(change: Change, kind: Kind, history: History) -> Plan:
    if not kind.delete:
        refuse(change, f"there is no way to delete a {kind.noun}")
    if change.created is None:
        refuse(change, f"its answer did not tell which {kind.noun} it made, if any")
    now = history.id_now(kind.noun, change.created)
    told = change.after[0] if change.after else {}
    asked = {name: change.arguments[name] for name in kind.made_of if name in change.arguments}
    step = Step(
        kind.delete,
        kind,
        change.created,
        now,
        {kind.delete_id or kind.id: now},
        left={**asked, **told},
        told=frozenset(told),
    )
    return Plan([step])


def _of_switch(change: Change, kind: Kind, history: History) -> Plan:
    switch = kind.switching[change.tool]
    [target], [image] = change.ids, change.before
    on = change.tool == switch.on
    if bool((image or {}).get(switch.field)) == on:
        refuse(change, f"the {kind.noun} was so before: it changed nothing")
    now = history.id_now(kind.noun, target)
    left = {switch.field: on}
    opposite = switch.off if on else switch.on
    return Plan([Step(opposite, kind, target, now, {kind.id: now}, {switch.field: not on}, left)])


def _of_deletion(change: Change, kind: Kind, history: History) -> Plan:
    if not kind.made_of:
        refuse(change, kind.lost)
    steps: list[Step] = []
    lost = [f"each {kind.noun} has a new id"] if kind.create and kind.key != "name" else []
    lost += [kind.lost] if kind.lost else []
    for target, image in zip(change.ids, change.before, strict=True):
        if image is None:
            lost.append(f"{kind.noun} {target}: what it was is not known, if it was there")
            continue
        now = history.id_now(kind.noun, target)
        made, then = _filled(kind, image, kind.made_of), _filled(kind, image, kind.then)
        lost += _masked(kind, target, {**made, **then})
        made, then = _unmasked(made), _unmasked(then)
        if kind.create:
            steps.append(Step(kind.create, kind, target, now, made, then=then, gone=True))
        else:
            blank = dict.fromkeys(made)
            steps.append(Step(kind.update, kind, target, now, {kind.id: now}, made, blank))
    return Plan(_to_do(change, history, steps), lost)


def _of_update(change: Change, kind: Kind, history: History) -> Plan:
    steps: list[Step] = []
    lost: list[str] = []
    afters = change.after or [{} for _ in change.ids]
    asked = kind.targets(change.tool, change.arguments)
    for (target, says), image, told in zip(asked, change.before, afters, strict=True):
        now = history.id_now(kind.noun, target)
        place: Image = {name: says[name] for name in _PLACES if name in says}
        place |= {kind.id: now} if kind.id else {}
        if image is None:
            if change.read and kind.delete and kind.key == "name":
                steps.append(Step(kind.delete, kind, target, now, place, left=told))
            else:
                lost.append(f"{kind.noun} {target}: what was there before is not known")
            continue
        fields, missing = _restored(kind, says, image, told)
        lost += [f"{kind.noun} {target}: {name} had no value, to be set" for name in missing]
        lost += _masked(kind, target, fields)
        fields = _unmasked(fields)
        left = {name: told.get(name, says.get(name)) for name in fields}
        if fields:
            steps.append(Step(kind.update, kind, target, now, place, fields, left, frozenset(told)))
    if not steps:
        refuse(change, "; ".join(lost) or "it changed nothing")
    return Plan(_to_do(change, history, steps), lost)


def _to_do(change: Change, history: History, steps: Sequence[Step]) -> list[Step]:
    """Those steps that an earlier attempt did not make."""
    left = {str(each) for each in history.left(change)}
    return [each for each in steps if str(each.target) in left]


def _restored(kind: Kind, says: Given, image: Image, told: Image) -> tuple[Image, list[str]]:
    """The fields that a change set, as they were; and those that had no value to go back to."""
    now = kind.arguments(image)
    fields: Image = {}
    missing: list[str] = []
    for name in fields_of(kind, says, told):
        before, value = now.get(name), told.get(name, says.get(name))
        if name in told and same(before, value):
            continue
        if before is None:
            before = _EMPTY.get(type(value))
        if isinstance(value, dict) and name == "display":
            # It is merged: what was not there before is taken away by null.
            stored: Image = before or {}
            before = {key: stored.get(key) for key in says.get(name, value)}  # pyright: ignore
        if before is None:
            missing.append(name)
        else:
            fields[name] = before
    return fields, missing


def fields_of(kind: Kind, says: Given, told: Given) -> list[str]:
    """The fields that an update of one thing may have changed."""
    whole = [each for each in kind.made_of if each in told] or kind.made_of
    no_fields = (*_NO_FIELDS, kind.id, kind.key)
    return [each for each in (whole if kind.whole else says) if each not in no_fields]


def settled(step: Step, image: Image | None) -> tuple[Step | None, list[Conflict]]:
    """A step in view of what is there now: None where nothing is to be done; and what has changed.

    The step does what it says whatever has changed; it is for the caller to refuse that.
    """
    kind = step.kind
    if image is None or step.gone:
        return replace(step, arguments={**step.arguments, **step.fields}), []
    now = {**image, **kind.arguments(image)}
    names = [each for each in step.left if each in step.fields or not step.fields]
    conflicts: list[Conflict] = []
    fields = dict(step.fields)
    for name in names:
        before, ours, there = step.fields.get(name), step.left[name], now.get(name)
        if isinstance(before, dict) and name == "display":
            there = {key: (there or {}).get(key) for key in before}  # pyright: ignore
        if name in fields and same(there, before):
            del fields[name]
        elif not (same(there, ours) if name in step.told else within(ours, there)):
            conflicts.append(Conflict(step, name, before, ours, there))
    if step.fields and not fields:
        return None, []
    if step.operation in kind.switching:
        return step, []
    rest = _filled(kind, image, kind.made_of) if kind.whole and fields else {}
    return replace(step, arguments={**rest, **step.arguments, **fields}), conflicts


def _filled(kind: Kind, image: Image, names: Sequence[str]) -> Image:
    """Those arguments that an image has a value for."""
    told = kind.arguments(image)
    return {name: told[name] for name in names if told.get(name) is not None}


def _masked(kind: Kind, target: Any, fields: Image) -> list[str]:
    hidden = ", ".join(name for name, value in fields.items() if is_masked(value))
    return [f"{kind.noun} {target}: {hidden} (a secret, which is kept nowhere)"] if hidden else []


def _unmasked(fields: Image) -> Image:
    return {name: value for name, value in fields.items() if not is_masked(value)}


def refuse(change: Change, reason: str) -> NoReturn:
    """Refuse to undo a change, with the reason."""
    raise MixpanelError(
        f"{change.id} ({change.tool}) cannot be undone: {reason.rstrip('.')}.",
        code="NOT_UNDOABLE",
        details={"change_id": change.id, "reason": reason},
    )
