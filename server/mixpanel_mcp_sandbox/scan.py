"""The FROM clause of a query: the stored events with the properties it looks at as columns.

The database reads a single property quickly only where it is taken straight out of a table. A
view, a join or a whole `props` column in between makes it some twenty times slower, so each
table gets a SELECT of its own that extracts what the query needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from .calls import Call
from .cohort_sql import members
from .custom_properties import Computed
from .database import Database
from .errors import not_emulated
from .expressions import Scope
from .frequencies import Frequency, Span
from .group_properties import GroupProperty, group_property
from .lookup_tables import Looked, event_property, profile_property
from .membership import Cohort, Membership
from .predicates import Clock
from .properties import Join, Property, looked_at
from .selections import hidden_events, properties_of, selected
from .sessions import Sessions
from .views import LEFT

FIELDS = "uid, t, seq, event, insert_id, distinct_id"
JOINS: dict[Join, str] = {
    "people": "all_profiles p on p.uid = e.uid",
    "links": "all_links l on l.own_id = e.distinct_id",
}


@dataclass(frozen=True)
class Holdings:
    """What the sandbox holds, as far as queries must know.

    Attributes:
        catalogs: the databases with a table of events.
        nulls: event properties of which some value is a JSON null.
        hidden: events that "all events" leaves out.
        clock: the moment behind which the base is held back, and the zone of days.
        database: where saved cohorts are found.
        rest: milliseconds without an event that end a session.
        erased: whether records of the base were deleted on request.
        parents: numbers of the saved cohorts that the scan is a part of.
    """

    catalogs: tuple[str, ...]
    nulls: frozenset[str]
    hidden: tuple[str, ...]
    clock: Clock
    database: Database
    rest: int
    erased: bool = False
    parents: tuple[int, ...] = ()

    def scan(
        self,
        properties: Iterable[Property] = (),
        *,
        extra: Sequence[str] = (),
        span: Span | None = None,
        sessions: Sessions | None = None,
    ) -> str:
        """Return the events as `e`, joined with what the properties need.

        Frequencies need to know the `span` they count in. With `sessions` there is the column
        `session` too, and nothing but the whole days that are looked at.
        """
        owners = list(properties)
        rows = self.rows(owners, extra=extra)
        if sessions:
            zone = self.clock.timezone
            rows = sessions.among(rows, owners, self.hidden, zone, self.rest)
        return self.joined(f"({rows}) e", owners, span)

    def rows(self, properties: Iterable[Property] = (), *, extra: Sequence[str] = ()) -> str:
        """Return the statement that `scan` reads the events from, before any join."""
        columns = ", ".join([FIELDS, *extra, *self._extractions(properties)])
        return " union all ".join(self._select(columns, name) for name in self.catalogs)

    def raw(self, properties: Iterable[Property]) -> str:
        """Return every record as `e`, whole and with its canonical id in `l.user_id`."""
        owners = list(properties)
        columns = ", ".join(["*", *self._extractions(owners)])
        links = Property("$distinct_id")
        return self.joined(f"(select {columns} from raw_events) e", [*owners, links])

    def joined(self, events: str, owners: Iterable[Property], span: Span | None = None) -> str:
        """Return events with the tables that properties need beside them."""
        properties = list(dict.fromkeys(each for owner in owners for each in owner.needs))
        computed = [each for each in looked_at(properties) if isinstance(each, Computed)]
        if computed:
            events = self._with_columns(events, computed, span)
        needed = {owner.join for owner in properties}
        tables = [JOINS[join] for join in JOINS if join in needed]
        cohorts = {each.column: each.cohort for each in properties if isinstance(each, Membership)}
        tables += [self._members(name, cohort) for name, cohort in cohorts.items()]
        tables += [self._counts(each, span) for each in properties if isinstance(each, Frequency)]
        tables += [self._matches(each) for each in properties if isinstance(each, Looked)]
        groups = [each.kinds for each in properties if isinstance(each, GroupProperty)]
        tables += [kind.joined for kind in dict.fromkeys(chain.from_iterable(groups))]
        return " left join ".join([events, *tables])

    def _with_columns(self, events: str, computed: list[Computed], span: Span | None) -> str:
        columns = ", ".join(each.columns(self.clock) for each in computed)
        source = self.joined(events, [p for each in computed for p in each.inputs], span)
        return f"(select e.*, {columns} from {source}) e"

    def _matches(self, owner: Looked) -> str:
        matches = owner.matches(self.scan([owner.origin]))
        return f"({matches}) {owner.column} on {owner.column}.text = {owner.wanted}"

    def scope(self, *, profiles: bool = False) -> Scope:
        """Return what names mean in an expression over events, or over profiles."""
        owner = partial(profile_property if profiles else event_property, self.database)
        if profiles:
            return Scope(self.clock.timezone, self.clock.now, profiles, owner=owner)
        of_group = partial(group_property, self.database)
        return Scope(self.clock.timezone, self.clock.now, owner=owner, of_group=of_group)

    def inside(self, cohort: int) -> Holdings:
        """Return the same for what a saved cohort is made of."""
        return replace(self, parents=(*self.parents, cohort))

    def _members(self, name: str, cohort: Cohort) -> str:
        return f"({members(self, cohort, [self.clock.now + 1])}) {name} on {name}.uid = e.uid"

    def _counts(self, frequency: Frequency, span: Span | None) -> str:
        if span is None:
            raise not_emulated("frequencies in this kind of query")
        selection, name = frequency.selection, frequency.column
        return (
            f"(select e.uid, {frequency.period('e.t', span)} as period, count(*) as n "
            f"from {self.scan(properties_of(selection))} where e.uid <> 0 "
            f"and e.t >= {frequency.start(span)} and e.t < {span.days.end} "
            f"and {selected(selection, self.hidden, self.clock)} group by all) {name} "
            f"on {name}.uid = e.uid and {name}.period = {frequency.period('e.t', span)}"
        )

    def _select(self, columns: str, catalog: str) -> str:
        if catalog != "base":
            return f"select {columns} from {catalog}.events"
        left = f" and {LEFT}" if self.erased else ""
        return f"select {columns} from base.events where t <= {self.clock.now}{left}"

    def _extractions(self, owners: Iterable[Property]) -> Iterable[str]:
        for owner in looked_at(owners):
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
        clock=Clock(call.now_ms, call.project.timezone),
        database=call.database,
        rest=call.project.session_minutes * 60_000,
        erased=call.store.erased,
    )
