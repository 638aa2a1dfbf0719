"""What a change would do, told before it is made."""

from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict

from mixpanel_mcp_core.tables import Table


class Thing(BaseModel):
    """What a change is about."""

    model_config = ConfigDict(frozen=True)

    kind: str
    id: Any
    name: str | None = None

    def words(self) -> str:
        """As a sentence names it: dashboard 12 "Launch"."""
        told = [self.kind, *([] if self.id is None else [str(self.id)])]
        named = [f'"{self.name}"'] if self.name and self.name != self.id else []
        return " ".join([*told, *named])


class FieldChange(BaseModel):
    """A field that gets another value."""

    model_config = ConfigDict(frozen=True)

    thing: str
    field: str
    before: Any
    after: Any


class Foretold(BaseModel):
    """What a call would change: the things, field by field, and the request itself.

    `request` is the first one that would leave; None for a call that sends none. `before` has the
    things that are to go, as they are now.
    """

    model_config = ConfigDict(frozen=True)

    operation: str
    does: str
    things: list[Thing]
    changes: list[FieldChange]
    request: dict[str, Any] | None
    before: list[dict[str, Any]]
    notes: list[str]

    def table(self) -> Table:
        """Field by field where an update is foretold, else the things."""
        if self.changes:
            rows = [[each.thing, each.field, each.before, each.after] for each in self.changes]
            return Table(["thing", "field", "before", "after"], rows)
        return Table(["kind", "id", "name"], [[t.kind, t.id, t.name] for t in self.things])

    def appendix(self) -> list[str]:
        """The request, and what would be gone."""
        request = [f"request: {_json(self.request)}"] if self.request else []
        return [*request, *(f"now: {_json(_told(each))}" for each in self.before)]

    def remarks(self) -> list[str]:
        """What could not be told."""
        return self.notes

    def sentence(self) -> str:
        """What it is about, for a person."""
        things = [each.words() for each in self.things[:5]]
        more = len(self.things) - len(things)
        told = ", ".join([*things, *([f"and {more} more"] if more else [])])
        fields = ", ".join(dict.fromkeys(each.field for each in self.changes))
        about = f": {told}" if told else ""
        return f"{self.operation}{about}{f' ({fields})' if fields else ''}. {self.does}"


def _told(image: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in image.items() if each not in (None, [], {}, "")}


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()
