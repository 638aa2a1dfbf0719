"""Selections as SQL, and what "all events" leaves out."""

from .database import Database, literal
from .plan import Selection
from .predicates import Clock, conjunction, disjunction
from .properties import Property

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
where kind = 'event_definitions' and (body->>'/hidden') = 'true'
"""


def hidden_events(database: Database) -> tuple[str, ...]:
    """Return the names that "all events" leaves out."""
    return (*TECHNICAL, *(row[0] for row in database.rows(HIDDEN) if row[0]))


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


def properties_of(*selections: Selection) -> list[Property]:
    """Return the properties that the filters of selections look at."""
    own = [f.property for s in selections for f in s.filters]
    return own + [p for s in selections for p in properties_of(*s.alternatives)]
