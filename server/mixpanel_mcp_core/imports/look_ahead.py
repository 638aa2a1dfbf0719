"""What an import would do, without doing it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mixpanel_mcp_core.clock import MILLISECONDS_FROM
from mixpanel_mcp_core.imports.checks import fault
from mixpanel_mcp_core.imports.delivery import TOO_LARGE, Refused
from mixpanel_mcp_core.imports.insert_ids import Twins
from mixpanel_mcp_core.imports.records import MOST_BYTES, Event, lacks_id, packed
from mixpanel_mcp_core.imports.refusals import Refusals
from mixpanel_mcp_core.imports.rows import Portion
from mixpanel_mcp_core.lenient_json import parsed
from mixpanel_mcp_core.models.ingestion import EventCount, FileChecked

_MOST_EVENTS = 50


@dataclass(slots=True)
class LookAhead:
    """Collects what the rows of files would become; `now_ms` is when they would arrive."""

    refusals: Refusals
    now_ms: int
    sent: int = 0
    without_id: int = 0
    first: dict[str, Any] | None = None
    earliest: float | None = None
    latest: float | None = None
    counts: Counter[str] = field(default_factory=Counter[str])

    def add(self, portion: Portion) -> None:
        """Look at some rows."""
        for refused in portion.refused:
            self.refusals.add(refused)
        for event in portion.events:
            self._event(event)

    def checked(self) -> FileChecked:
        """What was found."""
        return FileChecked(
            rows=self.sent + self.refusals.count,
            would_send=self.sent,
            would_be_refused=self.refusals.count,
            reasons=self.refusals.reasons(),
            failed_rows=self.refusals.first(),
            first_event=self.first,
            first_time=_iso(self.earliest),
            last_time=_iso(self.latest),
            events=[
                EventCount(event=name, rows=count)
                for name, count in self.counts.most_common(_MOST_EVENTS)
            ],
            events_without_insert_id=self.without_id,
        )

    def _event(self, event: Event) -> None:
        properties = event.properties
        own_id = properties.get("$insert_id")
        if broken := fault(event.name, properties, self.now_ms):
            value = properties.get(broken.field.removeprefix("properties."))
            refused = Refused(event.place, own_id, broken.field, broken.message, value)
            self.refusals.add(refused)
            return
        [record] = packed([event], Twins())
        if record.size() > MOST_BYTES:
            self.refusals.add(Refused(event.place, own_id, "event", f"'event' {TOO_LARGE}"))
            return
        self.sent += 1
        self.without_id += lacks_id(event)
        self.counts[event.name] += 1
        if self.first is None:
            self.first = parsed(record.data)
        seconds = properties["time"]
        seconds = seconds / 1000 if abs(seconds) >= MILLISECONDS_FROM else seconds
        self.earliest = seconds if self.earliest is None else min(self.earliest, seconds)
        self.latest = seconds if self.latest is None else max(self.latest, seconds)


def _iso(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
