"""How a change is undone: which operations, with which arguments, put back what was there. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mixpanel_mcp_core.models.changes import Change
from mixpanel_mcp_core.secret_fields import is_masked
from mixpanel_mcp_tools.changing.comparing import same, within
from mixpanel_mcp_tools.changing.history import History
from mixpanel_mcp_tools.changing.irrevocable import reason_for
from mixpanel_mcp_tools.changing.kinds import Given, Image, Kind
from mixpanel_mcp_tools.changing.kinds_table import kind_of
from mixpanel_mcp_tools.changing.steps import Conflict, Plan, Step, refuse
from mixpanel_mcp_tools.changing.undoing_cards import CARD_CHANGES, of_cards
from mixpanel_mcp_tools.changing.undoing_schemas import of_schemas

# What says where something is, and no field of it.
_PLACES = ("resource_type", "entity_type", "level", "organization_id", "anomaly_class")
_NO_FIELDS = ("id", "validate", "force", "workspace_id", *_PLACES)
_EMPTY: Mapping[type, Any] = {str: "", list: [], bool: False}


def plan(change: Change, history: History) -> Plan:
    """What undoes a change; MixpanelError (NOT_UNDOABLE) with the reason where nothing does."""
    if change.outcome == "failed":
        refuse(change, f"it failed, so there should be nothing to undo: {change.error}")
    kind = kind_of(change.tool)
    role = kind.role(change.tool, change.arguments) if kind else None
    if kind is None or role is None:
        refuse(change, reason_for(change.tool, change.toolset))
    if role == "create":
        return _of_creation(change, kind, history)
    if not any(change.before) and not _may_be_new(change, kind):
        absent = change.read and change.before
        refuse(change, f"there was no {kind.noun}" if absent else "what was there is not known")
    if role == "switch":
        return _of_switch(change, kind, history)
    if kind.noun == "schemas":
        return of_schemas(change, kind)
    if role == "delete":
        return _of_deletion(change, kind, history)
    if change.tool in CARD_CHANGES:
        return of_cards(change, kind, history)
    if role == "touch" and not kind.whole:
        refuse(change, kind.lost if not kind.create else reason_for(change.tool, change.toolset))
    return _of_update(change, kind, history)


def _may_be_new(change: Change, kind: Kind) -> bool:
    """Whether an update made what was not there: deleting it undoes that."""
    return change.read and kind.named and bool(kind.delete or kind.reread)


def _of_creation(change: Change, kind: Kind, history: History) -> Plan:
    many = next((name for name, each in kind.many.items() if each.endswith("ids")), "")
    if not (kind.delete or many):
        refuse(change, f"there is no way to delete a {kind.noun}")
    if change.created is None:
        refuse(change, f"its answer did not tell which {kind.noun} it made, if any")
    now = history.id_now(kind.noun, change.created)
    told = change.after[0] if change.after else {}
    asked = {name: change.arguments[name] for name in kind.made_of if name in change.arguments}
    step = Step(
        kind.delete or many,
        kind,
        change.created,
        now,
        {kind.delete_id or kind.id: now} if kind.delete else {kind.many[many]: [now]},
        left={**asked, **told},
        told=frozenset(told),
    )
    return Plan([step], [kind.stays] if kind.stays else [])


def _of_switch(change: Change, kind: Kind, history: History) -> Plan:
    switch = kind.switching[change.tool]
    [target], [image] = change.ids, change.before
    image = image or {}
    on = change.tool == switch.on
    if bool(image.get(switch.field)) == on:
        refuse(change, f"the {kind.noun} was so before: it changed nothing")
    now = history.id_now(kind.noun, target)
    # A flag that is restored is switched off.
    then = _filled(kind, image, kind.made_of) if image.get("status") == "enabled" else {}
    step = Step(
        switch.off if on else switch.on,
        kind,
        target,
        now,
        {kind.id: now},
        {switch.field: not on},
        {switch.field: on},
        then=then,
        shape=lambda _fields: {},
    )
    return Plan([step])


def _of_deletion(change: Change, kind: Kind, history: History) -> Plan:
    if not kind.made_of:
        refuse(change, kind.lost)
    steps: list[Step] = []
    lost = [f"each {kind.noun} has a new id"] if kind.create and not kind.named else []
    lost += [kind.lost] if kind.lost else []
    for target, image in zip(change.ids, change.before, strict=True):
        if image is None:
            lost.append(f"{kind.noun} {target}: what it was is not known, if it was there")
            continue
        now = history.id_now(kind.noun, target)
        made, then = _filled(kind, image, kind.made_of), _filled(kind, image, kind.then)
        lost += _masked(kind, target, {**made, **then})
        made, then = _unmasked(made), _unmasked(then)
        if not made or any(name not in made for name in kind.needed):
            lost.append(f"{kind.noun} {target}: {kind.unknown}")
        elif kind.create:
            steps.append(Step(kind.create, kind, target, now, made, then=then, gone=True))
        else:
            place = {kind.id: now} if kind.id else {}
            steps.append(Step(kind.update, kind, target, now, place, made, dict.fromkeys(made)))
    return _rest_of(change, history, steps, lost)


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
            if _may_be_new(change, kind):
                steps.append(Step(kind.delete, kind, target, now, place, left=told))
            else:
                lost.append(f"{kind.noun} {target}: what was there before is not known")
            continue
        fields, missing = _restored(kind, says, image, told)
        lost += [f"{kind.noun} {target}: {name} had no value, to be set" for name in missing]
        lost += _masked(kind, target, fields)
        fields = _unmasked(fields)
        left = {name: told.get(name, says.get(name)) for name in fields}
        step = Step(kind.setting, kind, target, now, place, fields, left, frozenset(told))
        if fields:
            steps.append(_as_one_of_many(step, change, says))
    if change.tool == "update_dashboard" and "content" in change.arguments:
        cards = of_cards(change, kind, history)
        steps += cards.steps
        lost += cards.lost
    return _rest_of(change, history, steps, lost)


def _as_one_of_many(step: Step, change: Change, says: Given) -> Step:
    """The step by the operation on many that made the change, which may take other fields."""
    argument = step.kind.many.get(change.tool)
    if argument is None or set(change.arguments) != {argument}:
        return step
    key = step.kind.key if step.kind.key in says else "id"
    place = {name: each for name, each in step.arguments.items() if name != step.kind.id}
    return replace(
        step,
        operation=change.tool,
        arguments={},
        shape=lambda fields: {argument: [{key: step.now, **place, **fields}]},
    )


def _rest_of(change: Change, history: History, steps: Sequence[Step], lost: Sequence[str]) -> Plan:
    """Those steps that an earlier attempt did not make; there must be one."""
    left = {str(each) for each in history.left(change)}
    to_do = [each for each in steps if str(each.target) in left]
    if not to_do:
        refuse(change, "; ".join(lost) or "it changed nothing")
    return Plan(to_do, lost)


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
    no_fields = (*_NO_FIELDS, *kind.beside, kind.id, kind.key)
    return [each for each in (whole if kind.whole else says) if each not in no_fields]


def settled(step: Step, image: Image | None) -> tuple[Step | None, list[Conflict]]:
    """A step in view of what is there now: None where nothing is to be done; and what has changed.

    The step does what it says whatever has changed; it is for the caller to refuse that.
    """
    kind = step.kind
    if image is None or step.gone:
        return replace(step, arguments={**step.arguments, **step.shape(step.fields)}), []
    now = {**image, **(step.look or kind.arguments)(image)}
    fields = dict(step.fields)
    conflicts: list[Conflict] = []
    for name, ours in step.left.items():
        before, there = step.fields.get(name), now.get(name)
        if isinstance(before, dict) and name == "display":
            there = {key: (there or {}).get(key) for key in before}  # pyright: ignore
        if name in fields and same(there, before):
            del fields[name]
        elif not (same(there, ours) if name in step.told else within(ours, there)):
            conflicts.append(Conflict(step, name, before, ours, there))
    gone = step.left and not step.fields and all(now.get(name) is None for name in step.left)
    if gone or (step.fields and not fields):
        return None, []
    if step.operation in kind.switching:
        return step, []
    rest = _filled(kind, image, kind.made_of if kind.whole else kind.always) if fields else {}
    return replace(step, arguments={**rest, **step.arguments, **step.shape(fields)}), conflicts


def _filled(kind: Kind, image: Image, names: Sequence[str]) -> Image:
    """Those arguments that an image has a value for."""
    told = kind.arguments(image)
    return {name: told[name] for name in names if told.get(name) is not None}


def _masked(kind: Kind, target: Any, fields: Image) -> list[str]:
    hidden = ", ".join(name for name, value in fields.items() if is_masked(value))
    return [f"{kind.noun} {target}: {hidden} (a secret, which is kept nowhere)"] if hidden else []


def _unmasked(fields: Image) -> Image:
    return {name: value for name, value in fields.items() if not is_masked(value)}
