"""A retention question in the words of the rules, and the request that asks it."""

from dataclasses import dataclass, field
from typing import Any

from report_bodies import between, body


@dataclass(frozen=True)
class Asked:
    """What is asked; names and defaults are those of the tool's arguments."""

    born: str = "S"
    returned: str = "O"
    born_filters: tuple[dict[str, Any], ...] = ()
    return_filters: tuple[dict[str, Any], ...] = ()
    first: str = "2026-02-02"
    last: str = "2026-02-04"
    unit: str = "day"
    retention_unit: str = "day"
    alignment: str = "birth"
    sizes: tuple[int, ...] = ()
    mode: str = "none"
    cumulative: bool = False
    math: str = "retention_rate"
    measured: str | None = None
    where: tuple[dict[str, Any], ...] = ()
    groups: tuple[dict[str, Any], ...] = ()
    chart: str = "retention-curve"
    limit: int = 3000
    behavior: dict[str, Any] = field(default_factory=dict[str, Any])

    def body(self) -> dict[str, Any]:
        """Return the request's body; `behavior` overrides parts of the behavior."""
        clause = {
            "type": "metric",
            "behavior": self._behavior(),
            "measurement": self._measurement(),
        }
        return body(
            clause,
            time=[between(self.first, self.last, self.unit)],
            filter=list(self.where),
            group=list(self.groups),
            chart=self.chart,
            limit=self.limit,
        )

    def _behavior(self) -> dict[str, Any]:
        events = ((self.born, self.born_filters), (self.returned, self.return_filters))
        return {
            "type": "retention",
            "resourceType": "events",
            "behaviors": [
                {"type": "event", "id": None, "name": name, "filters": list(filters)}
                for name, filters in events
            ],
            "retentionUnit": self.retention_unit,
            "retentionAlignmentType": self.alignment,
            "retentionCustomBucketSizes": list(self.sizes),
            "retentionUnboundedMode": self.mode,
            "filter": [],
            **self.behavior,
        }

    def _measurement(self) -> dict[str, Any]:
        measured = {"name": self.measured, "type": "number", "resourceType": "events"}
        return {
            "math": self.math,
            **({"retentionCumulative": True} if self.cumulative else {}),
            **({"property": measured} if self.measured else {}),
        }
