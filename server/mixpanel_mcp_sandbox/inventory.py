"""What the data holds: events and properties, how often, and since when."""

from collections import defaultdict
from dataclasses import dataclass

from .calls import Call
from .properties import Property
from .scan import holdings

EVENTS = "select event, min(t), max(t), count(*) from all_events group by event order by event"
PROFILES = """
select name, count(*) from (select unnest(json_keys(props::json)) as name from all_profiles)
group by name order by name
"""


@dataclass(frozen=True)
class Seen:
    """An event in the data: its first and last moment in milliseconds, and its records."""

    first: int
    last: int
    count: int


def events_seen(call: Call) -> dict[str, Seen]:
    """Return the events of the data by name."""
    return {name: Seen(*numbers) for name, *numbers in call.database.rows(EVENTS)}


def properties_of_events(call: Call, *, since: int = 0) -> dict[str, dict[str, int]]:
    """Return by event how many of its records, from a moment on, carry each property."""
    rows = holdings(call).rows(extra=["variant_keys(props) as names"])
    carried: dict[str, dict[str, int]] = defaultdict(dict)
    for event, name, count in call.database.rows(
        "select event, name, count(*) from"
        f" (select event, unnest(names) as name from ({rows}) where t >= $since)"
        " group by all order by event, name",
        {"since": since},
    ):
        carried[event][name] = count
    return carried


def properties_of_profiles(call: Call) -> dict[str, int]:
    """Return how many profiles carry each property."""
    return dict(call.database.rows(PROFILES))


def event_exists(call: Call, event: str) -> bool:
    """Return whether the data has an event of that name."""
    statement = "select 1 from all_events where event = $event limit 1"
    return call.database.value(statement, {"event": event}) is not None


def property_exists(call: Call, resource: str, name: str) -> bool:
    """Return whether some event, or some profile, carries the property."""
    if resource == "User":
        statement = "select 1 from all_profiles where variant_exists(props, $name) limit 1"
        return call.database.value(statement, {"name": name}) is not None
    owner = Property(name)
    statement = f"select 1 from {holdings(call).scan([owner])} where {owner.present} limit 1"
    return call.database.value(statement) is not None
