"""Events on their way in, and what became of them."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


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
