"""Which records are hidden from queries because a later copy of them arrived."""

from __future__ import annotations

from .database import Database

# Only the new records are joined with all others, so the cost follows the size of the last batch.
FIND = """
insert into own.superseded_events
select * from own.events where seq in (
    select old.seq from own.events new join own.events old
      on old.event = new.event and old.uid = new.uid and old.t = new.t
     and old.insert_id = new.insert_id and old.seq < new.seq
    where new.seq > $seq and new.insert_id is not null)
"""
DROP = "delete from own.events where seq in (select seq from own.superseded_events)"

REMEMBER = "insert or replace into own.about values ('settled', $seq)"


class Duplicates:
    """Sets superseded records aside lazily: before the next read, not at each arrival."""

    def __init__(self, settled: int, last: int):
        self.settled = settled
        self.last = last

    @classmethod
    def load(cls, database: Database) -> Duplicates:
        """Go on where an earlier process stopped."""
        settled = database.value("select value from own.about where key = 'settled'")
        last = database.value("select coalesce(max(seq), 0) from own.events")
        return cls(int(settled or 0), int(last))

    @property
    def pending(self) -> bool:
        """True while records arrived that no one has compared."""
        return self.last > self.settled

    def arrived(self, last: int) -> None:
        """Note the number of the newest record."""
        self.last = last

    def relinked(self) -> None:
        """Compare everything again: records of a device became records of a person."""
        self.settled = 0

    def settle(self, database: Database) -> None:
        """Set aside what the records since the last time supersede."""
        if not self.pending:
            return
        last = self.last
        database.run(FIND, {"seq": self.settled})
        database.run(DROP)
        database.run(REMEMBER, {"seq": str(last)})
        self.settled = last
