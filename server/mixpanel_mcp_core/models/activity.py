"""What people did: the activity feed and what it is searched by."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator
from typing_extensions import TypedDict

from mixpanel_mcp_core.tables import Table


class SearchedProperty(TypedDict):
    """A property whose values are searched."""

    value: Annotated[str, Field(min_length=1, description="Name of the property.")]
    resourceType: Annotated[
        Literal["event", "user"], Field(description="Whose property: the event's or the user's.")
    ]


class UserEvent(BaseModel):
    """An event that somebody did; `time` is ISO text in UTC, in the properties Unix seconds."""

    event: str
    time: str
    properties: dict[str, Any]

    @model_validator(mode="before")
    @classmethod
    def _dated(cls, answered: Any) -> Any:
        match answered:
            case {"properties": {"time": int() | float() as seconds}}:
                return {**answered, "time": datetime.fromtimestamp(seconds, UTC).isoformat()}
            case _:
                return answered


class FoundActivity(BaseModel):
    """A page of events as Mixpanel answers it."""

    events: list[UserEvent] = []
    sentinel_event: dict[str, Any] | None = None


class ActivityAnswer(BaseModel):
    """The envelope around a page."""

    results: FoundActivity


class Activity(BaseModel):
    """What some people did."""

    distinct_ids: list[str]
    from_date: str | None
    to_date: str | None
    event_count: int
    events: list[UserEvent]

    def table(self) -> Table:
        """One row for each event, with every property that one of them has."""
        rows = [
            {
                "event": each.event,
                "time": each.time,
                "distinct_id": each.properties.get("$distinct_id") or "",
                **{k: value for k, value in each.properties.items() if k != "$distinct_id"},
            }
            for each in self.events
        ]
        fixed = ("event", "time", "distinct_id")
        columns = list(dict.fromkeys([*fixed, *(name for row in rows for name in row)]))
        return Table(columns, [[row.get(name) for name in columns] for row in rows])


class ActivityFeed(Activity):
    """A page of what some people did; `sentinel_event` leads to the next, null on the last."""

    sentinel_event: dict[str, Any] | None

    def remarks(self) -> list[str]:
        """How to go on where there is more."""
        if self.sentinel_event is None:
            return []
        return [f"more: call again with sentinel_event {json.dumps(self.sentinel_event)}"]
