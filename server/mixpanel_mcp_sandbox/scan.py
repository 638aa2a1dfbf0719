"""The FROM clause of a query: the stored events with the properties it looks at as columns.

The database reads a single property quickly only where it is taken straight out of a table. A
view, a join or a whole `props` column in between makes it some twenty times slower, so each
table gets a SELECT of its own that extracts what the query needs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .calls import Call
from .properties import Join, Property
from .selections import hidden_events

FIELDS = "uid, t, seq, event, insert_id, distinct_id"
JOINS: dict[Join, str] = {
    "people": "all_profiles p on p.uid = e.uid",
    "links": "all_links l on '$device:' || l.device_id = e.distinct_id",
}


@dataclass(frozen=True)
class Holdings:
    """What the sandbox holds, as far as queries must know.

    Attributes:
        catalogs: the databases with a table of events.
        nulls: event properties of which some value is a JSON null.
        hidden: events that "all events" leaves out.
        now: the base is held back behind this time in milliseconds.
    """

    catalogs: tuple[str, ...]
    nulls: frozenset[str]
    hidden: tuple[str, ...]
    now: int

    def scan(self, properties: Iterable[Property] = (), *, extra: Sequence[str] = ()) -> str:
        """Return the events as `e`, joined with what the properties need."""
        owners = list(dict.fromkeys(properties))
        columns = ", ".join([FIELDS, *extra, *self._extractions(owners)])
        tables = " union all ".join(self._select(columns, name) for name in self.catalogs)
        return joined(f"({tables}) e", owners)

    def raw(self, properties: Iterable[Property]) -> str:
        """Return every record as `e`, whole and with its canonical id in `l.user_id`."""
        owners = list(dict.fromkeys(properties))
        columns = ", ".join(["*", *self._extractions(owners)])
        links = Property("$distinct_id")
        return joined(f"(select {columns} from raw_events) e", [*owners, links])

    def _select(self, columns: str, catalog: str) -> str:
        seen = f" where t <= {self.now}" if catalog == "base" else ""
        return f"select {columns} from {catalog}.events{seen}"

    def _extractions(self, owners: list[Property]) -> Iterable[str]:
        for owner in owners:
            if owner.extracted:
                yield f"props[{owner.key}] as {owner.column}"
                yield f"{self._present(owner)} as {owner.column}_present"

    def _present(self, owner: Property) -> str:
        # Asking whether a key exists reads all properties; hardly any project has nulls.
        if owner.name in self.nulls:
            return f"variant_exists(props, {owner.key})"
        return f"props[{owner.key}] is not null"


def holdings(call: Call) -> Holdings:
    """Return what the sandbox holds at the moment of a request."""
    return Holdings(
        catalogs=("own", "base") if call.store.based else ("own",),
        nulls=frozenset(call.store.nulls),
        hidden=hidden_events(call.database),
        now=call.now_ms,
    )


def joined(events: str, owners: Iterable[Property]) -> str:
    """Return events with the tables that properties need beside them."""
    needed = {owner.join for owner in owners}
    return " left join ".join([events, *(JOINS[join] for join in JOINS if join in needed)])
