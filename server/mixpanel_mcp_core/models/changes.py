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
        notes = "".join(f" {each[:1].upper()}{each[1:].rstrip('.')}." for each in self.notes)
        return f"{self.operation}{about}{f' ({fields})' if fields else ''}. {self.does}{notes}"


def _told(image: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in image.items() if each not in (None, [], {}, "")}


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()


class Change(BaseModel):
    """A change that was made, as the journal has it.

    `before` has a thing for each of `ids`, None for one that was not there, or not `read`; `after`
    what the answer said of them as arguments.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    at: str
    tool: str
    toolset: str
    account: str
    project: str | None = None
    workspace: int | None = None
    region: str
    digest: str
    arguments: dict[str, Any] = {}
    ids: list[Any] = []
    before: list[dict[str, Any] | None] = []
    read: bool = True
    after: list[dict[str, Any]] = []
    undoes: str | None = None
    target: Any = None
    completes: bool = False
    outcome: str = "unknown"
    error: str | None = None
    created: Any = None


class ListedChange(BaseModel):
    """A change in a list: what it was about and set, how it ended, whether it can be undone."""

    model_config = ConfigDict(frozen=True)

    id: str
    at: str
    tool: str
    about: str
    changed: str
    outcome: str
    undo: str


class Changes(BaseModel):
    """Changes of one account and project, the newest first."""

    model_config = ConfigDict(frozen=True)

    changes: list[ListedChange]
    total: int

    def table(self) -> Table:
        """A row for each."""
        columns = list(ListedChange.model_fields)
        return Table(columns, [[getattr(each, c) for c in columns] for each in self.changes])

    def remarks(self) -> list[str]:
        """How many there are in all."""
        return [f"of {self.total:,} changes"] if self.total > len(self.changes) else []


class Undone(BaseModel):
    """What was done to undo a change, and what did not come back."""

    model_config = ConfigDict(frozen=True)

    change_id: str
    did: list[str]
    new_ids: list[Any]
    not_restored: list[str]
