"""What a call would change, found out without changing anything."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mixpanel_mcp_core.errors import MixpanelError, QueryError
from mixpanel_mcp_core.models.changes import FieldChange, Foretold, Thing
from mixpanel_mcp_core.operation import Operation
from mixpanel_mcp_core.rehearsal import Rehearsed, told
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.changing.data_seen import data_seen
from mixpanel_mcp_tools.changing.kinds import Image, Kind, plain
from mixpanel_mcp_tools.changing.kinds_table import kind_of

_LONGEST_ARGUMENT = 60
# Beyond so many a preview names ids only.
_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """The things that a call names, as they are before it.

    None is for one that is not there or, where they were not all `read`, perhaps not looked at.
    """

    kind: Kind
    targets: Sequence[tuple[Any, Mapping[str, Any]]]
    images: Sequence[Image | None]
    notes: list[str] = field(default_factory=list[str])
    read: bool = True
    unread: MixpanelError | None = None


async def seen(
    session: Session, operation: str, given: Mapping[str, Any], most: int = _MOST_SHOWN
) -> Seen | None:
    """Read what a call would change, of many the first; None where there is nothing to read.

    What cannot be read is noted. A session without lookups reads nothing.
    """
    kind = kind_of(operation)
    targets = kind.targets(operation, given) if kind else []
    if kind is None or not targets or kind.role(operation, given) == "create":
        return None
    blank = [None] * len(targets)
    if not session.lookups:
        return Seen(kind, targets, blank, ["not read: lookups are off"], False)
    try:
        found = await kind.fetch(session, given, [each for each, _ in targets[:most]])
    except MixpanelError as error:
        return Seen(kind, targets, blank, [f"not read: {error.message}"], False, error)
    if not kind.id:
        return Seen(kind, targets, found or blank)
    by_id = {str(image.get(kind.key)): image for image in found}
    images = [by_id.get(str(each)) for each, _ in targets]
    missing = [str(each) for each, _ in targets[:most] if str(each) not in by_id]
    notes = [f"not found: {', '.join(missing)}"] if missing else []
    return Seen(kind, targets, images, notes, len(targets) <= most)


async def foretold(
    session: Session,
    operation: Operation,
    given: Mapping[str, Any],
    stop: Rehearsed,
    *,
    blindly: bool = True,
) -> Foretold:
    """What a call would do that was rehearsed up to its first change.

    What cannot be read is a note; unless `blindly`, it is raised.
    """
    sender = stop.sender or operation.name
    sent = stop.given if stop.sender else given
    before = await seen(session, sender, sent)
    request = told(stop.request)
    if before is None:
        return await _of_data(
            session, sender, sent, without_looking(operation, given, request), blindly
        )
    if before.unread and not blindly:
        raise _unread(before.unread)
    role = before.kind.role(sender, sent)
    if role == "delete" and before.read and not any(before.images):
        _refuse_missing(before)
    return Foretold(
        operation=operation.name,
        does=first_sentence(operation),
        things=[
            Thing(kind=before.kind.noun, id=each, name=before.kind.name_of(image))
            for (each, _), image in zip(before.targets, before.images, strict=True)
        ],
        changes=_changes(before) if role == "update" else [],
        request=request,
        before=[image for image in before.images if image is not None and role != "update"],
        notes=before.notes,
    )


async def _of_data(
    session: Session, sender: str, sent: Mapping[str, Any], told: Foretold, blindly: bool
) -> Foretold:
    """The same with what there is of people and events."""
    try:
        data = await data_seen(session, sender, plain(sent))
    except MixpanelError as error:
        if not blindly:
            raise _unread(error) from error
        return told.model_copy(update={"notes": [f"not read: {error.message}"]})
    return told.model_copy(update=data._asdict()) if data else told


def _unread(error: MixpanelError) -> MixpanelError:
    error.message = "What is there could not be read, so nothing was changed: " + error.message
    return error


def _refuse_missing(before: Seen) -> None:
    ids = ", ".join(str(each) for each, _ in before.targets)
    raise QueryError(
        f"{before.kind.id or before.kind.noun}: there is no {before.kind.noun} {ids}.",
        details={"status_code": 404},
    )


def without_looking(
    operation: Operation, given: Mapping[str, Any], request: dict[str, Any] | None = None
) -> Foretold:
    """What is known of a call from its arguments."""
    named = {key: str(value) for key, value in given.items() if isinstance(value, str | int)}
    things = [
        Thing(kind=key, id=value)
        for key, value in named.items()
        if len(value) <= _LONGEST_ARGUMENT and value not in ("True", "False")
    ]
    return Foretold(
        operation=operation.name,
        does=first_sentence(operation),
        things=things,
        changes=[],
        request=request,
        before=[],
        notes=[],
    )


def first_sentence(operation: Operation) -> str:
    """What the operation says that it does."""
    lines = inspect.cleandoc(operation.call.__doc__ or "").split("\n\n")
    return " ".join(lines[0].split())


def _changes(before: Seen) -> list[FieldChange]:
    kind = before.kind
    changes: list[FieldChange] = []
    for (each, says), image in zip(before.targets, before.images, strict=True):
        now = kind.arguments(image) if image else {}
        thing = Thing(kind=kind.noun, id=each, name=kind.name_of(image)).words()
        changes += [
            FieldChange(thing=thing, field=name, before=now.get(name), after=value)
            for name, value in says.items()
            if name not in (kind.id, kind.key, "id") and now.get(name) != value
        ]
    return changes
