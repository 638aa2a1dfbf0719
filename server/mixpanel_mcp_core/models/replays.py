"""Session replays: which there are, what was done in them, and what the project counted."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from mixpanel_mcp_core.models.wire import Answered
from mixpanel_mcp_core.tables import Table

Environment = Literal["prod", "dev"]
ReplayId = Annotated[str, Field(min_length=1, description="Replay id, from list_replays.")]
ReplayIds = Annotated[list[ReplayId], Field(description="Replay ids, from list_replays.")]

_WARNING = (
    "url and query_string together are a credential: whoever has them sees the recording until "
    "they expire. Do not store, log or pass them on."
)
_MILLISECONDS = 1000


def _moment(seconds: float | None) -> str | None:
    """A time as one reads it, which nobody can from seconds since 1970."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()


class SignedUrl(Answered):
    """What Mixpanel answers of a recording: where its files lie, and the right to read them."""

    replay_id: str
    url: str
    query_string: str = Field(repr=False)


class SignedReplay(SignedUrl):
    """The same, and when it was signed."""

    env: Environment
    signed_at: datetime

    def value(self) -> dict[str, Any]:
        """The fields, after a warning of what they are."""
        return {"_warning": _WARNING, **self.model_dump(mode="json")}


class ReplaySummary(Answered):
    """A replay that was recorded; times are milliseconds since 1970."""

    replay_id: str
    distinct_id: str | None
    project_id: int
    start_time: int
    retention_days: int | None

    def shown(self) -> dict[str, Any]:
        """The fields with a readable time, for tables."""
        return {**self.model_dump(), "start_time": _moment(self.start_time / _MILLISECONDS)}


class ReplayEvent(Answered):
    """An event of the project that was sent during a replay; its time in seconds since 1970."""

    replay_id: str
    event_name: str
    event_time: int
    properties: dict[str, str] | None

    def shown(self) -> dict[str, Any]:
        """The fields with a readable time, for tables."""
        return {**self.model_dump(), "event_time": _moment(self.event_time)}


class EventsByReplay(Answered):
    """The events of several replays."""

    events: dict[str, list[ReplayEvent]]

    def value(self) -> dict[str, Any]:
        """The events by replay id."""
        return self.model_dump(mode="json")["events"]

    def table(self) -> Table:
        """One row for each event."""
        columns = ["replay_id", "event_time", "event_name", "properties"]
        every = [event for events in self.events.values() for event in events]
        shown = [event.shown() for event in every]
        return Table(columns, [[event[name] for name in columns] for event in shown])


class ReplayAction(Answered):
    """One thing that the person did, or that happened on the page."""

    timestamp: int
    action: str
    target_node_id: int | None
    target_desc: str
    url: str | None
    metadata: dict[str, Any]
    description: str


class Replay(Answered):
    """A recording: what the page sent (rrweb), what it means, what the project counted."""

    replay_id: str
    distinct_id: str | None
    project_id: int
    start_time: int | None
    end_time: int | None
    retention_days: int
    rrweb_events: list[dict[str, Any]]
    actions: list[ReplayAction]
    mixpanel_events: list[ReplayEvent]

    def table(self) -> Table:
        """Actions and events in the order of time, seconds from the beginning."""
        actions: list[list[Any]] = [
            [each.timestamp, each.action, each.description, each.url] for each in self.actions
        ]
        events: list[list[Any]] = [
            [each.event_time * _MILLISECONDS, "event", each.event_name, None]
            for each in self.mixpanel_events
        ]
        start = self.start_time or 0
        rows = sorted([*actions, *events], key=lambda row: row[0])
        return Table(
            ["seconds", "action", "description", "url"],
            [[round((row[0] - start) / _MILLISECONDS, 1), *row[1:]] for row in rows],
        )

    def remarks(self) -> list[str]:
        """How much was recorded that the table does not show."""
        return [f"{len(self.rrweb_events):,} recorded rrweb events are in the JSON format only"]


class ReplayBundle(Answered):
    """Several recordings; `missing` are those that could not be found."""

    computed_at: datetime
    project_id: int
    replays: list[Replay]
    missing: list[str] = []

    def value(self) -> dict[str, Any]:
        """The fields; `missing` where there are any."""
        return self.model_dump(mode="json", exclude=None if self.missing else {"missing"})

    def table(self) -> Table:
        """One row for each recording."""
        columns = ["replay_id", "distinct_id", "start_time", "seconds", "actions", "events"]
        return Table(columns, [_row(replay) for replay in self.replays])

    def remarks(self) -> list[str]:
        """Those that could not be found, and where to see more of the others."""
        lost = [f"no recording of {', '.join(self.missing)}"] if self.missing else []
        return [*lost, "fetch_replay shows what was done in one"]


def _row(replay: Replay) -> list[Any]:
    start, end = replay.start_time, replay.end_time
    seconds = None if start is None or end is None else (end - start) / _MILLISECONDS
    counts = [len(replay.actions), len(replay.mixpanel_events)]
    began = None if start is None else _moment(start / _MILLISECONDS)
    return [replay.replay_id, replay.distinct_id, began, seconds, *counts]
