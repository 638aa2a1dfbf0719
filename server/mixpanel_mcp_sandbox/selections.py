"""Selections as SQL, and what "all events" leaves out."""

from collections.abc import Sequence

from .database import Database, literal
from .plan import Selection
from .predicates import Clock, conjunction, disjunction
from .properties import Property
from .sessions import END, START, Sessions
from .timeline import whole_days

ALL = "$all_events"
# Bookkeeping and message delivery, which nobody did.
TECHNICAL = (
    "$identify",
    "$create_alias",
    "$merge",
    "$campaign_delivery",
    "$campaign_bounced",
    "$campaign_marked_spam",
    "$message_suppressed",
    "$unsubscribe",
    "$journey_entered",
)
HIDDEN = """
select body->>'/name' from own.entities
where kind = 'event_definitions' and 'true' in (body->>'/hidden', body->>'/dropped')
"""


def hidden_events(database: Database) -> tuple[str, ...]:
    """Return the names that "all events" leaves out, and that take part in no session."""
    return (START, END, *TECHNICAL, *(row[0] for row in database.rows(HIDDEN) if row[0]))


def selected(selection: Selection, hidden: tuple[str, ...], clock: Clock) -> str:
    """Return the SQL predicate for the events of a selection."""
    if selection.alternatives:
        some = (selected(each, hidden, clock) for each in selection.alternatives)
        name = f"({' or '.join(some)})"
    elif selection.event == ALL:
        name = f"e.event not in ({', '.join(map(literal, hidden))})"
    else:
        name = f"e.event = {literal(selection.event)}"
    join = disjunction if selection.combinator == "any" else conjunction
    return f"({name} and {join(selection.filters, clock)})"


def session_ends(*selections: Selection) -> tuple[str, ...]:
    """Return which ends of sessions are among the events of selections."""
    names = {name for each in selections for name in _names(each)}
    return tuple(end for end in (START, END) if end in names)


def sessions_of(
    selections: Sequence[Selection], start: int, last: int, clock: Clock, *, asked: bool = False
) -> Sessions | None:
    """Return what a scan must know of sessions, None when nothing depends on them.

    Args:
        selections: of the query.
        start: the first millisecond that it looks at.
        last: the last one.
        clock: gives the days.
        asked: whether it needs the sessions of events even without their ends.
    """
    ends = session_ends(*selections)
    if not ends and not asked:
        return None
    return Sessions(*whole_days(start, last, clock.timezone), ends)


def properties_of(*selections: Selection) -> list[Property]:
    """Return the properties that the filters of selections look at."""
    own = [f.property for s in selections for f in s.filters]
    return own + [p for s in selections for p in properties_of(*s.alternatives)]


def _names(selection: Selection) -> set[str]:
    if not selection.alternatives:
        return {selection.event}
    return {name for each in selection.alternatives for name in _names(each)}
