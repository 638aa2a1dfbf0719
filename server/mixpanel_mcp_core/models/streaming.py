"""Raw events on their way out."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from mixpanel_mcp_core.tables import Table

Row = dict[str, Any]

# Where an event, or a profile, keeps its properties.
_INSIDE = ("properties", "$properties")


class Events(BaseModel):
    """The first events of an export; `complete` is false where more would have followed."""

    events: list[Row]
    complete: bool
    skipped: int = 0

    def value(self) -> list[Row]:
        """The events alone."""
        return self.events

    def table(self) -> Table:
        """One row for each event, one column for each property, in first-seen order."""
        return _table(self.events)

    def remarks(self) -> list[str]:
        """What a reader should know beside the rows."""
        told = {
            "more events follow: narrow the query, set `limit`, or write to `output_file`": (
                not self.complete
            ),
            f"lines that are no JSON objects, and were left out: {self.skipped:,}": self.skipped,
        }
        return [text for text, holds in told.items() if holds]


class Profiles(BaseModel):
    """The first profiles of a selection; `complete` is false where more would have followed."""

    profiles: list[Row]
    complete: bool

    def value(self) -> list[Row]:
        """The profiles alone."""
        return self.profiles

    def table(self) -> Table:
        """One row for each profile, one column for each property, in first-seen order."""
        return _table(self.profiles)

    def remarks(self) -> list[str]:
        """What a reader should know beside the rows."""
        if self.complete:
            return []
        return ["more profiles follow: narrow the selection, or write to `output_file`"]


class Written(BaseModel):
    """A file that an export filled, or `files` of them, one for each day.

    `by_day` tells the events of each request, `resumed` which of them an earlier call had made.
    `skipped` counts lines that were no JSON object, `columns` has the types of a Parquet file's
    columns, `renamed` the property of each column that is called otherwise.
    """

    file: str
    files: int | None = None
    events: int
    bytes: int
    skipped: int = 0
    by_day: dict[str, int] = {}
    resumed: list[str] | None = None
    columns: dict[str, str] | None = None
    renamed: dict[str, str] | None = None


class ExportJob(BaseModel):
    """An export that runs by itself: how far it is, and what came of it.

    `owner` and `same` tell whose it is and which one, and are nobody else's business.
    """

    export_id: str
    state: Literal["running", "finished", "failed", "cancelled", "interrupted"]
    file: str
    started_at: datetime
    updated_at: datetime
    events: int = 0
    progress: str = ""
    result: Written | None = None
    error: dict[str, str] | None = None
    owner: str
    same: str

    def value(self) -> Row:
        """All but what is kept to tell exports apart."""
        return self.model_dump(mode="json", exclude={"owner", "same"})

    def shown(self) -> Row:
        """The same in a list: without the details of the result."""
        return self.model_dump(mode="json", exclude={"owner", "same", "result"})

    def remarks(self) -> list[str]:
        """What to do next."""
        told = {
            "running": "get_export tells when it has ended",
            "interrupted": "start_export with the same arguments goes on where it stopped",
            "failed": "start_export with the same arguments goes on where it stopped",
        }
        return [told[self.state]] if self.state in told else []


class WrittenProfiles(BaseModel):
    """A file that profiles filled; `columns` and `renamed` as for events."""

    file: str
    profiles: int
    bytes: int
    columns: dict[str, str] | None = None
    renamed: dict[str, str] | None = None


def _table(records: list[Row]) -> Table:
    flat = [_flat(record) for record in records]
    columns = list(dict.fromkeys(key for row in flat for key in row))
    return Table(columns, [[row.get(column) for column in columns] for row in flat])


def _flat(record: Row) -> Row:
    rest = {key: value for key, value in record.items() if key not in _INSIDE}
    inside = next((record[key] for key in _INSIDE if key in record), None)
    return {**rest, **(inside or {})}
