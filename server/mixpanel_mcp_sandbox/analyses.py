"""Analyses of a finished series: its rolling mean and its running sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

Point = float | None


@dataclass(frozen=True)
class Analysis:
    """What becomes of each series; `window` is the number of points of a rolling mean."""

    kind: Literal["linear", "rolling", "cumulative"] = "linear"
    window: int = 1

    def applied(self, points: Sequence[Point]) -> Sequence[Point]:
        """Return the series that is shown instead."""
        if self.kind == "rolling":
            return rolling(points, self.window)
        return cumulative(points) if self.kind == "cumulative" else points


def rolling(points: Sequence[Point], window: int) -> list[Point]:
    """Return the mean of each point and the `window` - 1 before it; gaps do not count."""
    return [_mean(points[max(end - window, 0) : end]) for end in range(1, len(points) + 1)]


def cumulative(points: Sequence[Point]) -> list[float]:
    """Return the running sum; a gap adds nothing."""
    return list(accumulate(point or 0 for point in points))


def _mean(points: Sequence[Point]) -> Point:
    known = [point for point in points if point is not None]
    return sum(known) / len(known) if known else None
