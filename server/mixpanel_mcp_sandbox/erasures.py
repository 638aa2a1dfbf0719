"""Removing stored events for good.

The own database loses its rows. The base is only read: the insert ids of its lost records are kept
aside, and every look at it leaves them out. They are the same in the base of another week.
"""

from dataclasses import dataclass

from .calls import Call
from .conditions import Condition
from .database import literal
from .predicates import Clock, Filter, conjunction
from .properties import Property
from .views import LEFT

TABLES = ("events", "superseded_events")


@dataclass(frozen=True)
class Stored(Property):
    """A property where it lies in a table of events."""

    @property
    def sql(self) -> str:
        """The value as VARIANT."""
        return f"props[{self.key}]"


@dataclass(frozen=True)
class Erasure:
    """Events of a name, from one millisecond to before another, that meet all conditions."""

    event: str
    start: int
    end: int
    conditions: tuple[Condition, ...]

    def count(self, call: Call) -> int:
        """Return how many events of queries are meant."""
        statement = f"select count(*) from all_events where {self._predicate(call)}"
        return int(call.database.value(statement))

    def execute(self, call: Call) -> int:
        """Remove the events and return how many queries have lost."""
        count = self.count(call)
        erase(call, self._predicate(call), until=call.now_ms)
        return count

    def _predicate(self, call: Call) -> str:
        filters = tuple(
            Filter(Stored(each.property), each.operator, each.value) for each in self.conditions
        )
        return (
            f"event = {literal(self.event)} and t >= {self.start} and t < {self.end} and "
            + conjunction(filters, Clock(call.now_ms, call.project.timezone))
        )


def erase(call: Call, predicate: str, until: int | None) -> None:
    """Remove the records that meet a condition of SQL, those of the base up to a millisecond."""
    for table in TABLES:
        call.database.run(f"delete from own.{table} where {predicate}")
    if not call.store.based:
        return
    seen = "true" if until is None else f"t <= {until}"
    for table in TABLES:
        call.database.run(
            "insert or ignore into own.erased_events select distinct insert_id"
            f" from base.{table} where {seen} and {LEFT} and {predicate}"
        )
    call.store.erased = True
