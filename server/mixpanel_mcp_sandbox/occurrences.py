"""What a funnel knows of each event of a person."""

from typing import NamedTuple


class Occurrence(NamedTuple):
    """An event of a person; bit k of `steps` is set when it matches step k (from 0).

    Attributes:
        exclusions: bits of the exclusions it matches.
        known: bits of the query's filters whose property is set here.
        passed: bits of the query's filters it fulfils.
        segments: JSON text of those it stands for per breakdown, None where nothing is set.
        held: a text for the values of the properties held constant, None when one is missing.
        session: number of its session among the person's, 0 where it has none or nobody asks.
        value: the number that is measured, None where there is none or nobody asks.
    """

    time: int
    steps: int
    exclusions: int = 0
    known: int = 0
    passed: int = 0
    segments: str | None = None
    held: str | None = ""
    session: int = 0
    value: float | None = None
