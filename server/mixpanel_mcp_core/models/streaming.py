"""Raw events on their way out."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pydantic import BaseModel

from mixpanel_mcp_core.tables import Table

Row = dict[str, Any]

_LARGEST_SECONDS = 4_294_967_295


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
        flat = [_flat(event) for event in self.events]
        columns = list(dict.fromkeys(key for row in flat for key in row))
        return Table(columns, [[row.get(column) for column in columns] for row in flat])

    def remarks(self) -> list[str]:
        """What a reader should know beside the rows."""
        told = {
            "more events follow: narrow the query, set `limit`, or write to `output_file`": (
                not self.complete
            ),
            f"{self.skipped} lines that are not JSON were left out": self.skipped,
        }
        return [text for text, holds in told.items() if holds]


class Written(BaseModel):
    """A file that an export filled; `skipped` counts lines that were not JSON."""

    file: str
    events: int
    bytes: int
    skipped: int = 0


def _flat(event: Row) -> Row:
    rest = {key: value for key, value in event.items() if key != "properties"}
    return {**rest, **(event.get("properties") or {})}


def normalised(raw: Row) -> Row:
    """An exported event with its name, time, person and id apart from its properties."""
    properties = dict(raw.get("properties") or {})
    seconds = properties.pop("time", 0)
    if seconds > _LARGEST_SECONDS:
        seconds /= 1000
    return {
        "event_name": raw.get("event"),
        "event_time": datetime.fromtimestamp(seconds, UTC).isoformat(),
        "distinct_id": properties.pop("distinct_id", ""),
        "insert_id": properties.pop("$insert_id", None) or str(uuid4()),
        "properties": properties,
    }
