"""What governance does to valid records before they are stored.

Records that it drops count as imported all the same.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from .calls import Call, Json
from .definitions import EVENTS, PROPERTIES
from .drop_filters import drop_filters, unfiltered
from .enforcement import enforcement
from .records import Record
from .violations import enforced, unexpected_of_profiles

Step = Callable[[Call, list[Record]], list[Record]]

# Without them nobody knows whose record it is.
IDENTITY = frozenset({"distinct_id", "$device_id", "$user_id"})
# Operators of a profile update whose argument is an object of properties.
SETTING = ("$set", "$set_once", "$add", "$append", "$union")


def admitted(call: Call, records: list[Record]) -> list[Record]:
    """Return what is stored of valid records."""
    for step in STEPS:
        records = step(call, records)
    return records


def governed(call: Call) -> frozenset[str] | None:
    """Return the events that `admitted` may change or leave out; None for all of them."""
    if enforcement(call).all() or PROPERTIES["Event"].dropped(call.database) - IDENTITY:
        return None
    filtered = {each["eventName"] for each in drop_filters(call).all() if each["active"]}
    return EVENTS.dropped(call.database) | filtered


def admitted_updates(call: Call, updates: list[Json]) -> list[Json]:
    """Return what is stored of valid profile updates."""
    names = {name for update in updates for op in SETTING for name in update.get(op, ())}
    refused = PROPERTIES["User"].dropped(call.database) | unexpected_of_profiles(call, names)
    if not refused & names:
        return updates
    return [
        {name: _kept(value, refused) if name in SETTING else value for name, value in each.items()}
        for each in updates
    ]


def undropped(call: Call, records: list[Record]) -> list[Record]:
    """Leave out the events, and the properties, that the Lexicon drops."""
    events = EVENTS.dropped(call.database)
    names = PROPERTIES["Event"].dropped(call.database) - IDENTITY
    if not events and not names:
        return records
    return [
        replace(record, properties=_kept(record.properties, names))
        for record in records
        if record.event not in events
    ]


def _kept(properties: object, names: frozenset[str]) -> Json:
    given = cast("Json", properties)
    return {name: value for name, value in given.items() if name not in names}


STEPS: tuple[Step, ...] = (unfiltered, undropped, enforced)
