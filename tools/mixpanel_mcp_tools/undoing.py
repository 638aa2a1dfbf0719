"""How a change is undone: which operations, with which arguments, put back what was there. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.models.changes import Change
from mixpanel_mcp_tools.kinds import Given, Image, Kind
from mixpanel_mcp_tools.kinds_table import OPPOSITES, kind_of

# What says where something is, and no field of it.
_PLACES = ("resource_type", "entity_type", "level", "organization_id")
_NO_FIELDS = ("id", "validate", "force", "workspace_id", *_PLACES)
_IRREVOCABLE: Mapping[str, str] = {
    "ingestion": "events that were taken in stay; only create_deletion_request removes events",
    "profiles": "Mixpanel keeps no earlier state of a profile",
    "groups": "Mixpanel keeps no earlier state of a profile",
    "identity": "ids that were joined stay joined",
    "gdpr": "requests about people's data are final",
    "service_accounts": "credentials are told once, and memberships are the organization's",
    "warehouse": "imports are changed by hand",
    "pipelines": "pipelines are changed by hand",
    "lookup_tables": "the rows before are kept nowhere",
}
_EMPTY: Mapping[type, Any] = {str: "", list: [], bool: False}


@dataclass(frozen=True, slots=True)
class Step:
    """One call. `then` is given to `update` afterwards, with the id of what was made anew."""

    operation: str
    arguments: Given
    then: Image = field(default_factory=dict[str, Any])
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The calls that undo a change, and what does not come back."""

    steps: Sequence[Step]
    lost: Sequence[str] = ()


def plan(change: Change) -> Plan:
    """What undoes a change; MixpanelError (NOT_UNDOABLE) with the reason where nothing does."""
    if change.outcome == "failed":
        _refuse(change, f"it failed, so there should be nothing to undo: {change.error}")
    if opposite := OPPOSITES.get(change.tool):
        return Plan([Step(opposite, change.arguments)])
    kind = kind_of(change.tool)
    role = kind.role(change.tool) if kind else None
    if kind is None or role is None:
        _refuse(change, _IRREVOCABLE.get(change.toolset, "there is no way back from it"))
    if role == "create":
        return _of_creation(change, kind)
    if not change.before or not any(change.before):
        _refuse(change, f"what was there before is not known, or there was no {kind.noun}")
    if role == "delete":
        return _of_deletion(change, kind)
    if role == "touch" and not kind.whole:
        _refuse(change, kind.lost if not kind.create else "it changed more than its fields")
    return _of_update(change, kind)


def _of_creation(change: Change, kind: Kind) -> Plan:
    if change.created is None or not kind.delete:
        _refuse(change, "its answer did not tell what it made")
    return Plan([Step(kind.delete, {kind.delete_id or kind.id: change.created})])


def _of_deletion(change: Change, kind: Kind) -> Plan:
    if not kind.made_of:
        _refuse(change, kind.lost)
    steps: list[Step] = []
    for each, image in zip(change.ids, change.before, strict=True):
        if image is None:
            continue
        made = _filled(kind, image, kind.made_of)
        if kind.create:
            steps.append(Step(kind.create, made, _filled(kind, image, kind.then), kind))
        else:
            steps.append(Step(kind.update, {kind.id: each, **made}))
    new = [f"each {kind.noun} has a new id"] if kind.create and kind.key != "name" else []
    return Plan(steps, [*new, *([kind.lost] if kind.lost else [])])


def _of_update(change: Change, kind: Kind) -> Plan:
    steps: list[Step] = []
    lost: list[str] = []
    targets = kind.targets(change.tool, change.arguments)
    for (each, says), image in zip(targets, change.before, strict=True):
        if image is None:
            lost.append(f"{kind.noun} {each}: what was there before is not known")
            continue
        fields, missing = _restored(kind, says, image)
        lost += [
            f"{kind.noun} {each}: {name} had no value, which cannot be set" for name in missing
        ]
        if fields:
            place = {name: says[name] for name in _PLACES if name in says}
            place |= {kind.id: each} if kind.id else {}
            steps.append(Step(kind.update, {**place, **fields}))
    if not steps:
        _refuse(change, "; ".join(lost) or "no field of it can be put back")
    return Plan(steps, lost)


def _restored(kind: Kind, says: Given, image: Image) -> tuple[Image, list[str]]:
    """The fields that a change set, as they were; and those that had no value to go back to."""
    if kind.whole:
        return _filled(kind, image, kind.made_of), []
    now = kind.arguments(image)
    fields: Image = {}
    missing: list[str] = []
    for name, value in says.items():
        if name in (*_NO_FIELDS, kind.id, kind.key):
            continue
        before = now.get(name)
        if before is None:
            before = _EMPTY.get(type(value))
        if isinstance(value, dict) and name == "display":
            # It is merged: what was not there before is taken away by null.
            stored: Image = before or {}
            before = {key: stored.get(key) for key in value}  # pyright: ignore
        if before is None:
            missing.append(name)
        else:
            fields[name] = before
    return fields, missing


def _filled(kind: Kind, image: Image, names: Sequence[str]) -> Image:
    """Those arguments that an image has a value for."""
    told = kind.arguments(image)
    return {name: told[name] for name in names if told.get(name) is not None}


def _refuse(change: Change, reason: str) -> NoReturn:
    raise MixpanelError(
        f"{change.id} ({change.tool}) cannot be undone: {reason.rstrip('.')}.",
        code="NOT_UNDOABLE",
        details={"change_id": change.id, "reason": reason},
    )
