"""Cohorts of a retention report as Mixpanel writes them, and the average over them."""

from collections.abc import Sequence
from dataclasses import dataclass

from .calls import Json
from .trees import plain

Number = float | None


@dataclass
class Cohort:
    """People born in the same bucket.

    Attributes:
        settled: number of brackets that are over for all of them.
        counts: by bracket, how many of them count in it.
        values: by bracket, what is measured over their returns, of all of them together.
        first: how many they are.
    """

    settled: int
    counts: list[int]
    values: list[float]
    first: int = 0


def written(cohort: Cohort, math: str) -> Json:
    """Return a cohort with its rates and, where the math measures returns, its values."""
    firsts = [cohort.first] * len(cohort.counts)
    return _columns(cohort.first, firsts, cohort.counts, cohort.values, math)


def average(cohorts: Sequence[Cohort], math: str) -> Json | None:
    """Return the mean cohort, larger ones weighing more; None where no bracket is over yet.

    Each bracket has the cohorts for which it is over, none has null.
    """
    weighed = [cohort for cohort in cohorts if cohort.first and cohort.settled]
    if not weighed:
        return None
    brackets = range(len(weighed[0].counts))
    over = [[cohort for cohort in weighed if cohort.settled > k] for k in brackets]
    firsts = [_mean(some, [cohort.first for cohort in some]) for some in over]
    counts = [_mean(some, [cohort.counts[k] for cohort in some]) for k, some in enumerate(over)]
    values = [_mean(some, [cohort.values[k] for cohort in some]) for k, some in enumerate(over)]
    return _columns(firsts[0], firsts, counts, values, math)


def _mean(cohorts: Sequence[Cohort], numbers: Sequence[float]) -> Number:
    people = sum(cohort.first for cohort in cohorts)
    weighted = sum(c.first * number for c, number in zip(cohorts, numbers, strict=True))
    return weighted / people if people else None


def _columns(
    first: Number,
    firsts: Sequence[Number],
    counts: Sequence[Number],
    values: Sequence[Number],
    math: str,
) -> Json:
    columns = {"counts": _short(counts), "rates": _short(_ratios(counts, firsts))}
    if math == "total":
        columns["values"] = _short(values)
    if math == "average":
        columns["values"] = _short(_ratios(values, firsts))
    return {"first": plain(first), **columns}


def _ratios(numbers: Sequence[Number], firsts: Sequence[Number]) -> list[Number]:
    return [
        None if number is None else number / first if first else 0
        for number, first in zip(numbers, firsts, strict=True)
    ]


def _short(numbers: Sequence[Number]) -> list[Number]:
    return [None if number is None else plain(number) for number in numbers]
