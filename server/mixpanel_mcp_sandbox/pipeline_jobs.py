"""When the jobs of a data pipeline run: worked out from the clock, never stored.

A day of the project is exported an hour after its end. What was over when the pipeline was made,
its backfill, runs at once; from then on an hourly pipeline exports each hour for itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .timeline import HOUR, whole_days

DELAY = HOUR
TAKES = 5 * 60_000

Pause = tuple[int, int | None]


@dataclass(frozen=True)
class Plan:
    """What a pipeline exports, in milliseconds: from `start` to before `end`, None for no end.

    `pauses` are stretches in which nothing was begun; the last one may have no end yet.
    """

    start: int
    end: int | None
    created: int
    timezone: str
    hourly: bool
    pauses: Sequence[Pause]


@dataclass(frozen=True)
class Job:
    """The export of one stretch of time; `run_at` is None while the pipeline is paused."""

    start: int
    end: int
    run_at: int | None
    backfill: bool

    def state(self, now: int) -> str:
        """Return what has become of it."""
        if self.run_at is None or now < self.run_at:
            return "pending"
        return "running" if now < self.run_at + TAKES else "succeeded"


def jobs(plan: Plan, now: int) -> Iterator[Job]:
    """Give every job up to the one that collects what happens now."""
    start = plan.start
    while start <= now and (plan.end is None or start < plan.end):
        _, end = whole_days(start, start, plan.timezone)
        backfill = end <= plan.created
        if plan.hourly and not backfill:
            end = min(end, start + HOUR)
        due = max(end + DELAY, plan.created)
        yield Job(start, end, _unpaused(due, plan.pauses), backfill)
        start = end


def _unpaused(due: int, pauses: Sequence[Pause]) -> int | None:
    for first, last in pauses:
        if first <= due and (last is None or due < last):
            if last is None:
                return None
            due = last
    return due
