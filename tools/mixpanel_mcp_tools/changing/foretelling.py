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
from mixpanel_mcp_tools.changing.data_seen import DATA, data_seen
from mixpanel_mcp_tools.changing.kinds import Image, Kind, plain
from mixpanel_mcp_tools.changing.kinds_table import kind_of
from mixpanel_mcp_tools.changing.told_as_arguments import card_of

_REMOVES_CARD = "remove_report_from_dashboard"
_LONGEST_ARGUMENT = 60
# Arguments that say how or with what, but not what.
_NO_THINGS = ("token", "csv")
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
    request = told(stop.request)
    blank = _blank(operation, request)
    kind = kind_of(sender)
    if kind and kind.role(sender, sent) == "create":
        return blank.model_copy(update={"things": [_made(kind, plain(sent))]})
    before = await seen(session, sender, sent)
    if before is None:
        without = without_looking(operation, sent, request)
        return await _of_data(session, sender, sent, without, blindly)
    if before.unread and not blindly:
        raise _unread(before.unread)
    role = before.kind.role(sender, sent)
    if role == "delete" and before.read and not any(before.images):
        _refuse_missing(before)
    told_so_far = blank.model_copy(
        update={
            "things": [
                Thing(kind=before.kind.noun, id=each, name=before.kind.name_of(image))
                for (each, _), image in zip(before.targets, before.images, strict=True)
            ],
            "before": [image for image in before.images if image is not None],
            "notes": before.notes,
        }
    )
    if role in ("update", "switch"):
        return told_so_far.model_copy(update=_field_by_field(before, sender))
    return _with_card(told_so_far, before, sent) if sender == _REMOVES_CARD else told_so_far


def _made(kind: Kind, given: Mapping[str, Any]) -> Thing:
    """What is made, which has no id yet."""
    copied = f"copy of {given[kind.id]}" if given.get(kind.id) else None
    return Thing(kind=kind.noun, id=None, name=kind.name_of(dict(given)) or copied)


def _field_by_field(before: Seen, operation: str) -> dict[str, Any]:
    changes = _changes(before, operation)
    alike = [] if changes or not all(before.images) else ["nothing would change: it is so already"]
    return {"changes": changes, "before": [], "notes": [*before.notes, *alike]}


def _with_card(foretold: Foretold, before: Seen, given: Mapping[str, Any]) -> Foretold:
    """The same with the report that goes, and nothing of the board, which stays."""
    (image,) = before.images
    if image is None:
        return foretold
    number = given["bookmark_id"]
    card = card_of(image, "report", number)
    report = Thing(kind="report", id=number, name=before.kind.name_of(card))
    missing = [] if card else [f"not on the dashboard: report {number}"]
    return foretold.model_copy(
        update={
            "things": [*foretold.things, report],
            "before": [card] if card else [],
            "notes": [*foretold.notes, *missing],
        }
    )


async def _of_data(
    session: Session, sender: str, sent: Mapping[str, Any], told: Foretold, blindly: bool
) -> Foretold:
    """The same with what there is of people, groups, events, rows and accounts."""
    try:
        data = await data_seen(session, sender, plain(sent), told.request)
    except MixpanelError as error:
        if not blindly:
            raise _unread(error) from error
        return told.model_copy(update={"notes": [f"not read: {error.message}"]})
    found = data._asdict().items() if data else ()
    return told.model_copy(update={name: list(each) for name, each in found if each})


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
    made = _made_by(operation.name, given)
    if made:
        return _blank(operation, request).model_copy(update={"things": [made]})
    named = {key: str(value) for key, value in given.items() if isinstance(value, str | int)}
    things = [
        Thing(kind=key, id=value)
        for key, value in named.items()
        if len(value) <= _LONGEST_ARGUMENT and value not in ("True", "False")
        if key not in _NO_THINGS
    ]
    return _blank(operation, request).model_copy(update={"things": things})


def _made_by(operation: str, given: Mapping[str, Any]) -> Thing | None:
    """What an operation makes that no table of kinds has, as its name says."""
    verb, _, noun = operation.partition("_")
    if verb != "create" or operation in DATA:
        return None
    names = (given.get(each) for each in ("name", "title", "username"))
    name = next((str(each) for each in names if each), None)
    return Thing(kind=noun.replace("_", " "), id=None, name=name)


def _blank(operation: Operation, request: dict[str, Any] | None) -> Foretold:
    """What is known of a call whatever its arguments are."""
    return Foretold(
        operation=operation.name,
        does=first_sentence(operation),
        things=[],
        changes=[],
        request=request,
        before=[],
        notes=[],
    )


def first_sentence(operation: Operation) -> str:
    """What the operation says that it does."""
    lines = inspect.cleandoc(operation.call.__doc__ or "").split("\n\n")
    return " ".join(lines[0].split())


def _changes(before: Seen, operation: str) -> list[FieldChange]:
    kind = before.kind
    switch = kind.switching.get(operation)
    changes: list[FieldChange] = []
    for (each, given), image in zip(before.targets, before.images, strict=True):
        now = kind.arguments(image) if image else {}
        says = switch.says(operation, now) if switch else given
        thing = Thing(kind=kind.noun, id=each, name=kind.name_of(image)).words()
        changes += [
            FieldChange(thing=thing, field=name, before=now.get(name), after=value)
            for name, value in says.items()
            if name not in (kind.id, kind.key, "id") and now.get(name) != value
        ]
    return changes
