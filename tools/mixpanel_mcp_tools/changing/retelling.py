"""A change of the journal in words: what it was about, what it set, whether it can be undone."""

from collections.abc import Mapping
from typing import Any

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.models.changes import Change, Thing
from mixpanel_mcp_tools.changing.comparing import same, shown
from mixpanel_mcp_tools.changing.history import History
from mixpanel_mcp_tools.changing.kinds import Kind
from mixpanel_mcp_tools.changing.kinds_table import kind_of
from mixpanel_mcp_tools.changing.undoing import fields_of, plan

_MOST_TOLD = 5


def about(change: Change) -> str:
    """The things that a change was about."""
    kind = kind_of(change.tool)
    if kind is None:
        return ""
    ids = change.ids or ([] if change.created is None else [change.created])
    images = change.before or [change.arguments] * len(ids)
    named = zip(ids, images, strict=False)
    things = [Thing(kind=kind.noun, id=each, name=kind.name_of(image)) for each, image in named]
    return ", ".join(_few([each.words() for each in things]))


def changed(change: Change) -> str:
    """The fields that an update set: before -> after."""
    kind = kind_of(change.tool)
    role = kind.role(change.tool, change.arguments) if kind else None
    if kind is None or not change.before or not (role == "update" or kind.whole or kind.reread):
        return ""
    afters: list[Mapping[str, Any]] = list(change.after) or [{} for _ in change.ids]
    asked = kind.targets(change.tool, change.arguments)
    told: list[str] = []
    for (each, says), image, after in zip(asked, change.before, afters, strict=False):
        one = _changed(kind, says, image or {}, after)
        told.append(f"{each}: {one}" if len(asked) > 1 and one else one)
    return "; ".join(_few([each for each in told if each]))


def _changed(
    kind: Kind, says: Mapping[str, Any], image: Mapping[str, Any], after: Mapping[str, Any]
) -> str:
    before = kind.arguments(dict(image)) if image else {}
    # What is reread and no whole thing has fields by names that no argument tells.
    all_there_are = kind.reread and not kind.whole
    names = list({**before, **after}) if all_there_are else fields_of(kind, says, after)
    left = after if all_there_are else {**says, **after}
    fields = [(name, before.get(name), left.get(name)) for name in names]
    return ", ".join(
        _few([f"{name}: {shown(a)} -> {shown(b)}" for name, a, b in fields if not same(a, b)])
    )


def undo_told(change: Change, history: History) -> str:
    """Whether a change can be undone, as far as it is known without looking."""
    by = ", ".join(each.id for each in history.undone_by(change))
    if by and not history.left(change):
        return f"undone by {by}"
    try:
        way = plan(change, history)
    except MixpanelError as error:
        return f"no: {error.details['reason']}"
    told = "perhaps: no clear answer came, so it is looked at first" if _open(change) else "yes"
    parts = [f"the rest; a part was undone by {by}"] if by else []
    return f"{told}, but {'; '.join([*parts, *way.lost])}" if parts or way.lost else told


def _open(change: Change) -> bool:
    return change.outcome == "unknown"


def _few(told: list[str]) -> list[str]:
    more = [f"{len(told) - _MOST_TOLD} more"] if len(told) > _MOST_TOLD else []
    return [*told[:_MOST_TOLD], *more]
