"""The SQL of a flow: the events of the people who do its first anchor, in order.

Only what a walk can look at is fetched: events within the window around a person's anchors. The
walks themselves are taken in `walks.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .attempts import TOLERANCE
from .database import literal
from .plan import Flow
from .predicates import Clock, bits, conjunction
from .properties import Property
from .scan import Holdings
from .segments import Segmentation, extremes_sql
from .selections import ALL, properties_of, selected
from .sessions import END, START, numbered, with_ends
from .timeline import DAY, HOUR, whole_days

# No session is longer than a local day, and a local day is never longer than this.
LONGEST_SESSION = DAY + 2 * HOUR


@dataclass(frozen=True)
class Statement:
    """Builds the SQL for a flow."""

    plan: Flow
    held: Holdings
    clock: Clock

    def events(self, segmentations: Sequence[Segmentation]) -> str:
        """Return the statement; rows are person, and the fields of `walks.Event`."""
        stream, begins = f"({self._stream(segmentations)})", self._begins
        fields = ["uid", "t", "event", "anchors", "shown", "excluded", "session", "segments"]
        return (
            f"{self._with()} select {', '.join(fields)} from {stream} "
            f"where t >= {begins} and t <= {self._ends} order by uid, t, seq"
        )

    def extremes(self, owner: Property) -> str:
        """Return the statement for the least and greatest number and whether all are whole."""
        return f"{self._with()} {extremes_sql(owner, self._from(), self._enters())}"

    @property
    def _span(self) -> int:
        return LONGEST_SESSION if self.plan.window is None else self.plan.window

    @property
    def _begins(self) -> str:
        back = self._span if self.plan.anchors[0].reverse else TOLERANCE
        return f"earliest - {self._span if self.plan.window is None else back}"

    @property
    def _ends(self) -> str:
        """A person's first anchor is enough where nothing can put a later one in its place."""
        plain = not (self.plan.collapsed or self.plan.breakdowns or self.plan.window is None)
        return f"{'earliest' if self.plan.count == 'unique' and plain else 'latest'} + {self._span}"

    @property
    def _session_events(self) -> list[str]:
        """The ends of sessions that have a part in the flow."""
        names = {*self.plan.excluded, *(anchor.name for anchor in self.plan.anchors)}
        return [name for name in (START, END) if name in names]

    @property
    def _in_sessions(self) -> bool:
        return self.plan.window is None or bool(self._session_events)

    @property
    def _hidden(self) -> tuple[str, ...]:
        """What is no part of paths unless it is an anchor."""
        return (*self.held.hidden, *self.plan.hidden)

    def _with(self) -> str:
        happened = ""
        if self._in_sessions:
            both = with_ends(self._session_events, "numbered", self._owners())
            happened = f"numbered as materialized ({self._numbered()}), happened as ({both}), "
        return (
            f"with {happened}entries as (select e.uid, min(e.t) as earliest, max(e.t) as latest "
            f"from {self._from()} where {self._enters()} group by e.uid)"
        )

    def _numbered(self) -> str:
        """Number the sessions of whole days, of the people who can have an anchor."""
        start, end = whole_days(
            max(self.plan.range.start - self._span, 0),
            min(self.plan.range.end + self._span, self.clock.now + DAY),
            self.clock.timezone,
        )
        kept = f"t >= {start} and t < {end}"
        if self.plan.anchors[0].name not in self._session_events:
            scan = self.held.scan(self._owners())
            kept += f" and uid in (select e.uid from {scan} where {self._enters()})"
        rows = f"select * from ({self.held.rows(self._owners())}) where {kept}"
        return numbered(rows, self.held.hidden, self.clock.timezone, self.held.rest)

    def _stream(self, segmentations: Sequence[Segmentation]) -> str:
        hidden = ", ".join(map(literal, self._hidden))
        session = "e.session" if self._in_sessions else "null"
        return (
            f"select *, event not in ({hidden}) or anchors > 0 as shown from ("
            "select e.uid, e.t, e.seq, e.event, earliest, latest, "
            f"{bits(self._anchors())} as anchors, {self._excluded()} as excluded, "
            f"{session} as session, {self._segments(segmentations)} as segments "
            f"from {self._from()} join entries on entries.uid = e.uid where {self._conditions()}) "
            f"where shown or excluded{self._collapse()}"
        )

    def _from(self) -> str:
        if self._in_sessions:
            return self.held.joined("happened e", self._owners())
        return self.held.scan(self._owners())

    def _owners(self) -> list[Property]:
        owners = [f.property for f in self.plan.filters]
        owners += [b.property for b in self.plan.breakdowns]
        return owners + properties_of(*(anchor.selection for anchor in self.plan.anchors))

    def _enters(self) -> str:
        """Return the condition for the events that may be a first anchor."""
        start, end = self.plan.range.start, self.plan.range.end
        return f"{self._anchors()[0]} and e.t >= {start} and e.t < {end} and {self._conditions()}"

    def _anchors(self) -> list[str]:
        selections = [anchor.selection for anchor in self.plan.anchors]
        return [selected(selection, self._hidden, self.clock) for selection in selections]

    def _conditions(self) -> str:
        return f"e.uid <> 0 and {conjunction(self.plan.filters, self.clock)}"

    def _excluded(self) -> str:
        names = ", ".join(map(literal, self.plan.excluded))
        return f"e.event in ({names})" if names else "false"

    def _segments(self, segmentations: Sequence[Segmentation]) -> str:
        lists = [
            f"case when kind({breakdown.property.sql}) <> 'null' then {shown.sql} end"
            for breakdown, shown in zip(self.plan.breakdowns, segmentations, strict=False)
        ]
        if not lists:
            return "null"
        # Cheaper than the whole condition for an anchor, and enough.
        names = {anchor.name for anchor in self.plan.anchors}
        asked = "true" if ALL in names else f"e.event in ({', '.join(map(literal, sorted(names)))})"
        return f"case when {asked} then [{', '.join(lists)}] end"

    def _collapse(self) -> str:
        """Keep the first of each run; a run that lasts into the range begins there anew."""
        if not self.plan.collapsed:
            return ""
        before = "over (partition by uid, shown order by t, seq)"
        start = self.plan.range.start
        return (
            f" qualify not shown or lag(event) {before} is distinct from event "
            f"or (t >= {start} and lag(t) {before} < {start})"
        )
