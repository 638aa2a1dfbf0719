"""What a funnel shows of its attempts: counts, ratios, mean seconds and a measured property."""

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import Any

from .attempts import Attempt
from .calls import Json
from .measures import PERCENTILES
from .occurrences import Occurrence
from .plan import Funnel
from .trees import plain

ALL = "all"
SECOND = 1000
Matched = list[tuple[Occurrence, ...]]
Columns = dict[str, list[Any]]


def block(plan: Funnel, tries: Iterable[Attempt]) -> Json:
    """Return counts, ratios, mean seconds and what is measured of the attempts."""
    return by_step(plan, figures(plan, tries))


def by_step(plan: Funnel, columns: Columns) -> Json:
    """Return figures under the names of the steps."""
    names = [f"{place}. {step.name}" for place, step in enumerate(plan.steps, start=1)]
    return {
        column: {name: {ALL: value} for name, value in zip(names, values, strict=True)}
        for column, values in columns.items()
    }


def figures(plan: Funnel, tries: Iterable[Attempt]) -> Columns:
    """Return the figures of attempts as one list each, an entry per step."""
    matched = [attempt.matched for attempt in tries]
    steps = range(len(plan.steps))
    counts = [sum(len(m) > k for m in matched) for k in steps]
    before = [_time(matched, k, max(k - 1, 0)) for k in steps]
    columns = columns_of(counts, before, [_time(matched, k, 0) for k in steps])
    if plan.measure:
        columns["value"] = [_measured(plan.measure.math, _numbers(matched, k)) for k in steps]
    return columns


def columns_of(counts: Sequence[int], before: Sequence[int], since: Sequence[int]) -> Columns:
    """Return counts, ratios and mean seconds.

    `before` has the milliseconds of all attempts from the step before, `since` from the first.
    """
    return {
        "count": list(counts),
        "step_conv_ratio": [
            _ratio(count, counts[k - 1] if k else count) for k, count in enumerate(counts)
        ],
        "overall_conv_ratio": [_ratio(count, counts[0]) for count in counts],
        "avg_time": _seconds(before, counts),
        "avg_time_from_start": _seconds(since, counts),
    }


def _ratio(part: int, whole: int) -> float:
    return plain(part / whole) if whole else 0


def _seconds(totals: Sequence[int], counts: Sequence[int]) -> list[float | None]:
    """Return the mean time to each step; there is none to the first."""
    return [
        plain(total / count / SECOND) if step and count else None
        for step, (total, count) in enumerate(zip(totals, counts, strict=True))
    ]


def _time(matched: Matched, step: int, since: int) -> int:
    """Return the milliseconds to a step; the tolerance can make a difference negative: 0."""
    return sum(max(m[step].time - m[since].time, 0) for m in matched if len(m) > step)


def _numbers(matched: Matched, step: int) -> list[float]:
    """Return the values of the events that an attempt has as its step."""
    reached = (m[step].value for m in matched if len(m) > step)
    return [value for value in reached if value is not None]


def _measured(math: str, numbers: Sequence[float]) -> float | None:
    if math == "total":
        return plain(sum(numbers))
    if not numbers:
        return None
    if math in PERCENTILES:
        return plain(_quantile(sorted(numbers), PERCENTILES[math]))
    return plain(SUMMARIES[math](numbers))


def _quantile(numbers: Sequence[float], share: float) -> float:
    """Return the value at a share of sorted numbers, between two of them in proportion."""
    place, rest = divmod((len(numbers) - 1) * share, 1)
    low = numbers[int(place)]
    return low + (numbers[int(place) + 1] - low) * rest if rest else low


SUMMARIES: dict[str, Callable[[Sequence[float]], float]] = {
    "average": fmean,
    "min": min,
    "max": max,
}
