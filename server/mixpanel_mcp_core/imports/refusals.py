"""All rows that were not taken: counted by reason, the first ones kept, every one written."""

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import orjson

from mixpanel_mcp_core.imports.delivery import Refused
from mixpanel_mcp_core.lenient_json import written
from mixpanel_mcp_core.models.ingestion import Reason, RefusedRow

_MOST_KEPT = 100
_MOST_REASONS = 50
_MOST_EXAMPLES = 5
_LONGEST_VALUE = 100

Key = tuple[str | None, str]


@dataclass(slots=True)
class _Kind:
    """How many rows were refused for one reason, and which were the first."""

    rows: int = 0
    first: list[int] = field(default_factory=list[int])


@dataclass(slots=True)
class Refusals:
    """What was refused; `told` names a row as a person finds it, `file` takes a line for each."""

    told: Callable[[int], tuple[str | None, int]]
    file: BinaryIO | None = None
    count: int = 0
    _kept: list[tuple[int, Refused]] = field(default_factory=list[tuple[int, Refused]])
    _kinds: dict[Key, _Kind] = field(default_factory=dict[Key, _Kind])

    def add(self, refused: Refused) -> None:
        """Note a row; they need not come in order."""
        self.count += 1
        kind = self._kind(refused)
        kind.rows += 1
        insort(kind.first, refused.place)
        del kind.first[_MOST_EXAMPLES:]
        insort(self._kept, (refused.place, refused), key=lambda each: each[0])
        del self._kept[_MOST_KEPT:]
        if self.file:
            self.file.write(self._line(refused))

    def first(self) -> list[RefusedRow]:
        """The first rows, in order."""
        return [self._row(refused) for _, refused in self._kept]

    def reasons(self) -> list[Reason]:
        """The reasons, the most frequent first."""
        kinds = sorted(self._kinds.items(), key=lambda pair: (-pair[1].rows, pair[1].first))
        return [
            Reason(
                field=name,
                message=message,
                rows=kind.rows,
                examples=[self._named(place) for place in kind.first],
            )
            for (name, message), kind in kinds
        ]

    def _kind(self, refused: Refused) -> _Kind:
        key: Key = (refused.field, refused.message)
        if key not in self._kinds and len(self._kinds) >= _MOST_REASONS:
            key = (None, "other reasons")
        return self._kinds.setdefault(key, _Kind())

    def _named(self, place: int) -> str:
        file, row = self.told(place)
        return f"{file} row {row}" if file else f"row {row}"

    def _row(self, refused: Refused) -> RefusedRow:
        file, row = self.told(refused.place)
        return RefusedRow(
            row=row,
            file=file,
            insert_id=refused.id_text,
            field=refused.field,
            message=refused.message,
            value=_short(refused.value),
        )

    def _line(self, refused: Refused) -> bytes:
        record = None if refused.record is None else orjson.Fragment(refused.record)
        return written({**self._row(refused).model_dump(), "record": record}) + b"\n"


def _short(value: Any) -> Any:
    """A value as it was, or the beginning of its text where it is long, a list or an object."""
    if isinstance(value, list | dict):
        value = written(value).decode()
    long = isinstance(value, str) and len(value) > _LONGEST_VALUE
    return f"{value[:_LONGEST_VALUE]}…" if long else value
