"""An insights question in the words of the rules, and the request that asks it."""

from dataclasses import dataclass
from typing import Any

from report_bodies import between, body, metric


@dataclass(frozen=True)
class Asked:
    """What is asked; names are those of the tool's arguments. `rolling` is a number of points."""

    event: str = "A"
    math: str = "total"
    measured: str | None = None
    per_user: str | None = None
    first: str = "2026-02-02"
    last: str = "2026-02-04"
    unit: str = "day"
    in_total: bool = False
    where: tuple[dict[str, Any], ...] = ()
    groups: tuple[dict[str, Any], ...] = ()
    rolling: int = 0
    cumulative: bool = False

    def body(self) -> dict[str, Any]:
        """The request's body."""
        display: dict[str, Any] = {"analysis": "cumulative"} if self.cumulative else {}
        if self.rolling:
            display = {"analysis": "rolling", "rollingWindowSize": self.rolling}
        return body(
            metric(self.event, self.math, self.measured, per_user=self.per_user),
            time=[between(self.first, self.last, self.unit)],
            filter=list(self.where),
            group=list(self.groups),
            chart="bar" if self.in_total else "line",
            display=display,
        )
