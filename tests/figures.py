"""Figures with a ceiling: tests weigh, and every run of the tests ends with what they weighed."""

import textwrap
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import NamedTuple

KEY = "figure"

Record = Callable[[str, object], None]


class Figure(NamedTuple):
    """So many tokens of a thing, of as many as there may be."""

    group: str
    name: str
    tokens: int
    most: int


def weighed(record: Record, figure: Figure) -> None:
    """Have a figure told at the end of the run; a failure where it is above its ceiling."""
    record(KEY, list(figure))
    assert figure.tokens <= figure.most, figure


def told(recorded: Iterable[Sequence[object]]) -> list[str]:
    """A line for each group, and below it the parts, the heaviest first."""
    groups: dict[str, list[Figure]] = {}
    for each in recorded:
        figure = Figure(*each)  # pyright: ignore[reportArgumentType]
        groups.setdefault(figure.group, []).append(figure)
    return [line for name in sorted(groups) for line in _lines(name, groups[name])]


def _lines(name: str, figures: Sequence[Figure]) -> list[str]:
    ordered = sorted(figures, key=lambda each: -each.tokens)
    middle = round(median(each.tokens for each in figures))
    most = f"at most {ordered[0].tokens:,} of {max(each.most for each in figures):,} tokens"
    if len(figures) == 1:
        return [f"{name}: {ordered[0].name}, {most}"]
    parts = " · ".join(f"{each.name} {each.tokens:,}" for each in ordered)
    head = f"{name}: {most}, {middle:,} in the middle, {len(figures)} in all"
    return [head, *textwrap.wrap(parts, 98, initial_indent="  ", subsequent_indent="  ")]
