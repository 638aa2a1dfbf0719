"""Things measured side by side: in turns within one run, so that a busy machine slows all alike."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles


@dataclass(frozen=True)
class Measured:
    """Something to run, and its name."""

    name: str
    run: Callable[[], object]


def side_by_side(runs: Sequence[Measured], rounds: int, warm: int = 1) -> dict[str, list[float]]:
    """Seconds of each run in each round, by name; `warm` rounds before are not counted."""
    seconds: dict[str, list[float]] = {each.name: [] for each in runs}
    for number in range(warm + rounds):
        for each in runs:
            started = time.perf_counter()
            each.run()
            if number >= warm:
                seconds[each.name].append(time.perf_counter() - started)
    return seconds


def table(seconds: Mapping[str, Sequence[float]], beside: str) -> str:
    """A line each: milliseconds, and the ratio of its median to that of `beside`."""
    whole = _percentile(seconds[beside], 50)
    lines = [f"{'milliseconds':32}{'median':>10}{'p99':>10}{'min':>10}{'max':>10}{'ratio':>8}"]
    for name, taken in seconds.items():
        middle, late = _percentile(taken, 50), _percentile(taken, 99)
        figures = "".join(f"{each * 1000:10.2f}" for each in (middle, late, min(taken), max(taken)))
        lines.append(f"{name:32}{figures}{middle / whole:8.2f}")
    return "\n".join(lines)


def rates(seconds: Mapping[str, Sequence[float]], amount: int) -> str:
    """How many things a second each run dealt with, at its median."""
    return "\n".join(
        f"{name:32}{amount / _percentile(taken, 50):10,.0f} a second"
        for name, taken in seconds.items()
    )


def _percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]
