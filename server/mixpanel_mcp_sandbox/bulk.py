"""Many events at once: the ordinary ones by statements over all, the others as `/import` does.

Both ways store the same. What is ordinary is told in `ordinary.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import orjson

from .arrivals import admitted, governed
from .calls import Call, parse_json
from .database import Database
from .identity import Named
from .nulls import nulls_in, remember
from .ordinary import Ordinary, Table, ordinary
from .records import Fault, Record, import_record
from .store import Store
from .timeline import day_sql

BEGIN = """
create or replace temp table staged (
    place bigint, t bigint, event varchar, insert_id varchar, user_id varchar,
    device_id varchar, person varchar, props variant
)
"""
STAGE = """
insert into staged select r.n, r.t, r.e, r.i, r.u, r.v, r.d, r.p::variant
from (select unnest(from_json($rows::json,
    '[{"n":"BIGINT","t":"BIGINT","e":"VARCHAR","i":"VARCHAR","u":"VARCHAR","v":"VARCHAR",
       "d":"VARCHAR","p":"JSON"}]')) as r)
"""
STAGED = "select * from staged"
WHO = "place, user_id, device_id"
STORE = """
insert into own.events
select case when c = '' then 0 else hash(c) end, t, event, insert_id, $seq + place, own_id, props
from (select a.*, coalesce(l.user_id, a.own_id) as c
      from (select *, {own_id} as own_id from ({arrived})) a
      left join all_links l on l.own_id = a.own_id)
"""
FOUND = """
select count(*), count(distinct uid) filter (uid <> 0), count(distinct {day}),
    min({day}), max({day})
from own.events where seq > $seq
"""
LAST = "select coalesce(max(seq), 0) from own.events"
SUPERSEDED = "select count(*) from own.superseded_events"


@dataclass(frozen=True)
class Loaded:
    """What is there now of what was loaded, with days of the project.

    `superseded` counts records, earlier ones included, of which a later copy came.
    """

    events: int
    people: int
    days: int
    superseded: int
    dropped: int
    first: date | None
    last: date | None


class Bulk:
    """Takes events inside the transaction of `database`, whose store is loaded anew afterwards.

    Each comes with its place among all that are taken.
    """

    def __init__(self, store: Store, database: Database):
        self.call = Call(store, database, store.now())
        self.seq = store.next_seq - 1
        self.staged = 0
        self.dropped = 0
        self.superseded = int(database.value(SUPERSEDED))
        self.governed = governed(self.call)
        database.run(BEGIN)

    def look(self, sql: str, properties: Mapping[str, str]) -> Ordinary:
        """Tell the ordinary rows of a table from the others."""
        table = Table(sql, properties)
        return ordinary(self.call.database, table, self.governed, self.call.now_ms)

    def records(self, records: Iterable[tuple[int, bytes]]) -> list[tuple[int, Fault]]:
        """Take records as `/import` gets them; return why which of them are refused."""
        now = self.call.now_ms
        checked = [(place, import_record(parse_json(data), now)) for place, data in records]
        good = [replace(each, place=place) for place, each in checked if isinstance(each, Record)]
        kept = admitted(self.call, good)
        self.dropped += len(good) - len(kept)
        self._stage(kept)
        return [(place, each) for place, each in checked if isinstance(each, Fault)]

    def store(self, found: Ordinary | None = None) -> None:
        """Store the ordinary rows of a table, and the records that were taken meanwhile.

        Together, since the first user on a device may be in either.
        """
        parts = [found.sql] if found and found.patterns else []
        if self.staged:
            parts.append(STAGED)
        if not parts:
            return
        database, store = self.call.database, self.call.store
        arrived = " union all ".join(f"select {WHO} from ({part})" for part in parts)
        if store.links.join(database, arrived):
            store.duplicates.relinked()
        # The others behind the ordinary ones, whose values have one type for each property.
        for part in parts:
            database.run(STORE.format(own_id=store.links.own_id, arrived=part), {"seq": self.seq})
        database.run(BEGIN)
        self.staged = 0

    def finish(self) -> Loaded:
        """Set earlier copies aside, and tell what is there."""
        self.store()
        database, duplicates = self.call.database, self.call.store.duplicates
        duplicates.arrived(int(database.value(LAST)))
        duplicates.settle(database)
        ((events, people, days, first, last),) = database.rows(
            FOUND.format(day=day_sql("t", self.call.project.timezone)), {"seq": self.seq}
        )
        superseded = int(database.value(SUPERSEDED)) - self.superseded
        return Loaded(events, people, days, superseded, self.dropped, first, last)

    def _stage(self, records: Sequence[Record]) -> None:
        database, store = self.call.database, self.call.store
        fresh = nulls_in(records) - store.nulls
        remember(database, fresh)
        store.nulls |= fresh
        rows = [_row(each, store.links.named(each.event, each.properties)) for each in records]
        database.run(STAGE, {"rows": orjson.dumps(rows).decode()})
        self.staged += len(rows)


def _row(record: Record, named: Named) -> dict[str, object]:
    record.properties.pop("distinct_id", None)
    return {
        "n": record.place,
        "t": record.time,
        "e": record.event,
        "i": record.insert_id,
        "u": named.user_id,
        "v": named.device_id,
        "d": named.person,
        "p": record.properties,
    }
