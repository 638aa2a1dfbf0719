"""Which requests an export takes, and when a part of it is final. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

# Mixpanel answers 60 exports an hour: a call takes a fifth of that.
_FEW = 12
_LONGEST = 100
MOST_DAILY = 60


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days that one request asks for, first and last included."""

    first: date
    last: date

    @property
    def name(self) -> str:
        """`2026-05-01`, or `2026-05-01..2026-05-03`."""
        return str(self.first) if self.first == self.last else f"{self.first}..{self.last}"

    def over_on(self, today: date) -> bool:
        """Whether its last day is surely over, in whatever time zone the project counts."""
        return self.last < today - timedelta(days=1)


def stretches(from_date: str, to_date: str, *, daily: bool, whole: bool) -> list[Stretch]:
    """The days in order: one by one up to twelve, else as twelve stretches of at most 100 days.

    `daily` takes every day by itself, `whole` all as one.
    """
    first, last = date.fromisoformat(from_date), date.fromisoformat(to_date)
    days = (last - first).days + 1
    if whole:
        return [Stretch(first, last)]
    length = 1 if daily else min(_LONGEST, -(-days // _FEW))
    return list(_cut(first, last, length))


def _cut(first: date, last: date, length: int) -> Iterator[Stretch]:
    for offset in range(0, (last - first).days + 1, length):
        begin = first + timedelta(days=offset)
        yield Stretch(begin, min(begin + timedelta(days=length - 1), last))
