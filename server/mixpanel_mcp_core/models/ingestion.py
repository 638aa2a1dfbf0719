"""Events on their way in, and what became of them."""

from collections.abc import Iterable
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SerializerFunctionWrapHandler,
    model_serializer,
)


class NewEvent(BaseModel):
    """One event to import."""

    model_config = ConfigDict(extra="forbid")

    event: str = Field(description="Event name, e.g. 'Purchase'.")
    properties: dict[str, Any] = Field(
        description="Needs time (Unix seconds or milliseconds) and distinct_id; '$insert_id' is "
        "made when missing; anything else is yours."
    )


class FailedRecord(BaseModel):
    """A record that Mixpanel refused; `index` counts over the whole input, from 0."""

    index: int
    insert_id: str | None = None
    field: str | None = None
    message: str


class Imported(BaseModel):
    """What an import did."""

    num_records_imported: int
    failed_records: list[FailedRecord]
    batches: int
    # What Mixpanel dropped without a word, as far as its rules foretell that.
    _doubtful: list[str] = PrivateAttr(default_factory=list[str])

    def doubt(self, doubtful: Iterable[str]) -> None:
        """Note events that broke a rule where none was checked."""
        self._doubtful += doubtful

    def remarks(self) -> list[str]:
        """What a reader should know beside the figures."""
        if not self._doubtful:
            return []
        return [
            f"without strict Mixpanel drops invalid events in silence; {len(self._doubtful):,} "
            f"look invalid, the first: {self._doubtful[0]}"
        ]


class RefusedRow(BaseModel):
    """A row that was not taken: its number, from 1, in its file; a line's number in JSON lines."""

    row: int
    file: str | None = None
    insert_id: str | None = None
    field: str | None = None
    message: str
    value: Any = None

    @model_serializer(mode="wrap")
    def _known(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in whole(self).items() if value is not None}


class Reason(BaseModel):
    """Why rows were not taken, and how many; `examples` are the first of them."""

    field: str | None
    message: str
    rows: int
    examples: list[str]


class FileImported(BaseModel):
    """What the import of a file did; `failed_rows` has the first hundred."""

    rows: int
    num_records_imported: int
    refused: int
    reasons: list[Reason]
    failed_rows: list[RefusedRow]
    requests: int
    failures_file: str | None = None

    def remarks(self) -> list[str]:
        """What a reader should know beside the figures."""
        more = self.refused - len(self.failed_rows)
        hint = "" if self.failures_file else "; failures_file lists all"
        return [f"{more:,} more rows were refused than are shown{hint}"] if more else []


class EventCount(BaseModel):
    """How many rows are of an event."""

    event: str
    rows: int


class FileChecked(BaseModel):
    """What the import of a file would do; nothing was sent."""

    rows: int
    would_send: int
    would_be_refused: int
    reasons: list[Reason]
    failed_rows: list[RefusedRow]
    first_event: dict[str, Any] | None
    first_time: str | None
    last_time: str | None
    events: list[EventCount]
    events_without_insert_id: int
