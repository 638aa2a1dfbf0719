"""A funnel question in the words of the rules, and the request that asks it."""

from dataclasses import dataclass
from typing import Any

from report_bodies import between, body, condition, group


@dataclass(frozen=True)
class Asked:
    """What is asked.

    Attributes:
        steps: names of the steps' events.
        free: for each step, whether it may change places with its neighbours.
        window: number and unit of the conversion window.
        exclusions: events with the steps (from 1) between which they end an attempt.
        constant: whether `plan` is held constant.
        where: whether `os` must be `a`.
        groups: whether there is a breakdown by `os`.
        trends: whether there is one funnel per day.
    """

    steps: tuple[str, ...] = ("A", "B")
    free: tuple[bool, ...] = (False, False)
    window: tuple[int, str] = (14, "day")
    first: str = "2026-02-02"
    last: str = "2026-02-04"
    math: str = "unique"
    measured: str | None = None
    reentry: str = "default"
    exclusions: tuple[tuple[str, int, int], ...] = ()
    constant: bool = False
    where: bool = False
    groups: bool = False
    trends: bool = False

    def body(self) -> dict[str, Any]:
        """Return the request's body."""
        clause = {
            "type": "metric",
            "behavior": self._behavior(),
            "measurement": {"math": self.math, "property": self._measured()},
        }
        return body(
            clause,
            time=[between(self.first, self.last)],
            filter=[condition("os", "equals", ["a"])] if self.where else [],
            group=[group("os")] if self.groups else [],
            chart="line" if self.trends else "funnel-steps",
        )

    def _behavior(self) -> dict[str, Any]:
        count, unit = self.window
        return {
            "type": "funnel",
            "behaviors": [
                {"type": "event", "name": name, "funnelOrder": "any" if free else "loose"}
                for name, free in zip(self.steps, self.free, strict=True)
            ],
            "conversionWindowDuration": count,
            "conversionWindowUnit": unit,
            "funnelReentryMode": self.reentry,
            "exclusions": [
                {"event": name, "steps": {"from": after, "to": before}}
                for name, after, before in self.exclusions
            ],
            "aggregateBy": [{"value": "plan"}] if self.constant else [],
        }

    def _measured(self) -> dict[str, Any] | None:
        return {"name": self.measured, "resourceType": "events"} if self.measured else None
