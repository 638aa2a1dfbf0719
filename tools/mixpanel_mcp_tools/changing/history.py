"""The changes of a journal as a history: what was undone by what, and what came after. Pure."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from mixpanel_mcp_core.journal import Line
from mixpanel_mcp_core.models.changes import Change
from mixpanel_mcp_tools.changing.kinds_table import kind_of


class History:
    """The changes of one account and project, oldest first, each with its outcome."""

    def __init__(self, lines: Iterable[Line]) -> None:
        entries: dict[str, Line] = {}
        for line in lines:
            entries.setdefault(str(line.get("id")), {}).update(line)
        self.changes = list(_changes(entries.values()))
        self._undoing: dict[str, list[Change]] = {}
        self._anew: dict[tuple[str, str], Any] = {}
        for each in self.changes:
            if each.undoes and not each.completes and each.outcome == "done":
                self._undoing.setdefault(each.undoes, []).append(each)
            if each.undoes and each.created is not None:
                self._follow(each)

    def find(self, change_id: str) -> Change | None:
        """The change of an id."""
        return next((each for each in self.changes if each.id == change_id), None)

    def undone_by(self, change: Change) -> list[Change]:
        """What undid a change, or a part of it, and was not undone itself."""
        undoing = self._undoing.get(change.id, [])
        return [each for each in undoing if self.holds(each)]

    def holds(self, change: Change) -> bool:
        """Whether a change, or a part of it, may be there still."""
        return change.outcome != "failed" and bool(self.left(change))

    def left(self, change: Change) -> list[Any]:
        """The targets of a change that were not put back."""
        back = {str(each.target) for each in self.undone_by(change)}
        return [each for each in targets(change) if str(each) not in back]

    def id_now(self, noun: str, target: Any) -> Any:
        """The id of a thing, which may have been made anew meanwhile."""
        while (noun, str(target)) in self._anew:
            target = self._anew[noun, str(target)]
        return target

    def _follow(self, making: Change) -> None:
        """Note what a thing that was made anew is called from then on."""
        kind = kind_of(making.tool)
        if kind is None:
            return
        before = self.id_now(kind.noun, making.target)
        self._anew.pop((kind.noun, str(making.created)), None)
        if str(before) != str(making.created):
            self._anew[kind.noun, str(before)] = making.created

    def later(self, change: Change, noun: str, target: Any) -> list[Change]:
        """Later changes of the same thing that hold."""
        found = False
        later: list[Change] = []
        for each in self.changes:
            kind = kind_of(each.tool)
            if found and kind is not None and kind.noun == noun:
                same = {str(self.id_now(noun, one)) for one in targets(each)}
                if str(target) in same and not each.completes and self.holds(each):
                    later.append(each)
            found = found or each.id == change.id
        undoing = {each.id for each in self._undoing.get(change.id, [])}
        return [each for each in later if each.id not in undoing]


def _changes(entries: Iterable[Line]) -> Iterator[Change]:
    """Those lines that are changes; what another version or hand wrote is passed over."""
    for each in entries:
        with contextlib.suppress(ValidationError):
            yield Change.model_validate(each)


def targets(change: Change) -> Sequence[Any]:
    """What a change was about; None for the only thing of its kind."""
    return change.ids or [change.created]
