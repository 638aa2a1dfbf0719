"""Frequencies: how often the person of an event did something in the same bucket."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from .plan import Selection
from .properties import Derived
from .timeline import Range, day_start


@dataclass(frozen=True)
class Span:
    """The time of a query in which frequencies count.

    Attributes:
        days: the range; windows of their own end with its last day.
        start: the first millisecond of the events looked at, maybe before the range.
        bucket: the SQL of the bucket of a time; events of one bucket are counted together.
    """

    days: Range
    start: int
    bucket: Callable[[str], str]


def together(_: str) -> str:
    """Return the bucket of a query that has only one."""
    return "0"


@dataclass(frozen=True)
class Frequency(Derived):
    """The number of a person's events; of the `last` days of the range when they are given.

    Nobody has no frequency: it is undefined for an event without a person.
    """

    prefix = "f"
    selection: Selection = field(kw_only=True)
    last: int | None = field(default=None, kw_only=True)

    def __hash__(self) -> int:
        # Values of filters may be lists.
        return hash(self.column)

    @property
    def sql(self) -> str:
        """The number as VARIANT."""
        return f"(case when e.uid <> 0 then coalesce({self.column}.n, 0) end)::variant"

    @property
    def present(self) -> str:
        """Never true where there is no number: nobody's is undefined, not null."""
        return "false"

    def start(self, span: Span) -> int:
        """Return the first millisecond that counts."""
        if self.last is None:
            return span.start
        first = span.days.last - timedelta(days=self.last - 1)
        return day_start(first, span.days.timezone)

    def period(self, time_sql: str, span: Span) -> str:
        """Return the SQL of what a time is counted with."""
        return together(time_sql) if self.last else span.bucket(time_sql)
