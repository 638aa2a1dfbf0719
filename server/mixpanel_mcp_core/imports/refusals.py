"""All rows that were not taken: counted by reason, the first ones kept, every one written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import orjson

from mixpanel_mcp_core.imports.delivery import Refused
from mixpanel_mcp_core.lenient_json import written
from mixpanel_mcp_core.models.ingestion import Reason, RefusedRow

_MOST_KEPT = 100
_MOST_REASONS = 50
_EXAMPLES = 5
_LONGEST_VALUE = 100


@dataclass(slots=True)
class Refusals:
    """What was refused; `told` names a row as a person finds it, `file` takes a line for each."""

    told: Callable[[int], tuple[str | None, int]]
    file: BinaryIO | None = None
    count: int = 0
    kept: list[RefusedRow] = field(default_factory=list[RefusedRow])
    _reasons: dict[tuple[str | None, str], Reason] = field(
        default_factory=dict[tuple[str | None, str], Reason]
    )

    def add(self, refused: Refused) -> None:
        """Note a row."""
        self.count += 1
        file, row = self.told(refused.place)
        reason = self._reason(refused)
        reason.rows += 1
        if len(reason.examples) < _EXAMPLES:
            reason.examples.append(f"{file} row {row}" if file else f"row {row}")
        shown = RefusedRow(
            row=row,
            file=file,
            insert_id=None if refused.insert_id is None else str(refused.insert_id),
            field=refused.field,
            message=refused.message,
            value=_short(refused.value),
        )
        if len(self.kept) < _MOST_KEPT:
            self.kept.append(shown)
        if self.file:
            self.file.write(_line(shown, refused.record))

    def first(self) -> list[RefusedRow]:
        """The rows that are kept, in order."""
        return sorted(self.kept, key=lambda each: (each.file or "", each.row))

    def reasons(self) -> list[Reason]:
        """The reasons, the most frequent first."""
        return sorted(self._reasons.values(), key=lambda reason: -reason.rows)

    def _reason(self, refused: Refused) -> Reason:
        key = (refused.field, refused.message)
        if key not in self._reasons and len(self._reasons) >= _MOST_REASONS:
            key = (None, "other reasons")
        if key not in self._reasons:
            self._reasons[key] = Reason(field=key[0], message=key[1], rows=0, examples=[])
        return self._reasons[key]


def _short(value: Any) -> Any:
    text = value if isinstance(value, str) else None
    return f"{text[:_LONGEST_VALUE]}…" if text and len(text) > _LONGEST_VALUE else value


def _line(shown: RefusedRow, record: bytes | None) -> bytes:
    held = None if record is None else orjson.Fragment(record)
    return written({**shown.model_dump(), "record": held}) + b"\n"
