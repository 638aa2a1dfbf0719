"""Where the value of a property lies: SQL over the event `e`, the profile `p` of its person, and
the `item` of a list that is looked at.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar, Literal

from .database import literal
from .errors import wrong

Source = Literal["events", "people", "items"]
Join = Literal["people", "links"]

# What requests call them.
SOURCES: dict[str, Source] = {
    "events": "events",
    "event": "events",
    "people": "people",
    "user": "people",
}
UNDEFINED = "undefined"
CANONICAL = "coalesce(l.user_id, e.distinct_id)"
# Fields that are columns of their own here.
EVENT_FIELDS = {
    "$time": "(e.t // 1000)",
    "time": "(e.t // 1000)",
    "$event_name": "e.event",
    "$distinct_id": CANONICAL,
    "distinct_id": CANONICAL,
    "$insert_id": "e.insert_id",
}
LAST_SEEN = "strftime(make_timestamp(p.last_seen * 1000), '%Y-%m-%dT%H:%M:%S')"
PROFILE_FIELDS = {
    "$distinct_id": "p.distinct_id",
    # An update that ignores the time may set it like any other property.
    "$last_seen": f"coalesce({LAST_SEEN}, text_in(p.props['$last_seen']))",
}
FIELDS: dict[Source, dict[str, str]] = {
    "events": EVENT_FIELDS,
    "people": PROFILE_FIELDS,
    "items": {},
}


@dataclass(frozen=True)
class Property:
    """A property of the event, of the current profile of its person, or of an item of a list."""

    name: str
    source: Source = "events"

    @property
    def sql(self) -> str:
        """The value as VARIANT; NULL for null and for undefined."""
        if self._field:
            return f"({self._field})::variant"
        if self.source == "items":
            return f"item[{self.key}]"
        return f"p.props[{self.key}]" if self.source == "people" else f"e.{self.column}"

    @property
    def present(self) -> str:
        """True unless the property is undefined."""
        if self._field:
            return f"({self._field} is not null)"
        if self.source == "items":
            return f"coalesce(variant_exists(item, {self.key}), false)"
        if self.source == "people":
            return f"coalesce(variant_exists(p.props, {self.key}), false)"
        return f"e.{self.column}_present"

    @property
    def item_texts(self) -> str:
        """The distinct texts of the items of a list."""
        return f"texts({self.sql})"

    @property
    def extracted(self) -> bool:
        """True when `scan` must take the value out of the event's properties."""
        return self.source == "events" and not self._field

    @property
    def column(self) -> str:
        """The column that `scan` puts the value into.

        Names of columns know no case and no dots, so the name is written in hexadecimal.
        """
        return f"p{self.name.encode().hex()}"

    @property
    def key(self) -> str:
        """The name as SQL text."""
        if "\x00" in self.name or not self.name:
            raise wrong("A property needs a name without control characters.")
        return literal(self.name)

    @property
    def join(self) -> Join | None:
        """What the SQL needs beside the events."""
        if self.source == "people":
            return "people"
        return "links" if self._field == CANONICAL else None

    @property
    def inputs(self) -> tuple["Property", ...]:
        """The properties that its SQL looks at."""
        return ()

    @property
    def needs(self) -> tuple["Property", ...]:
        """The properties that must be joined to the events for its SQL: mostly itself."""
        return (self,)

    @property
    def _field(self) -> str | None:
        return FIELDS[self.source].get(self.name)


@dataclass(frozen=True)
class Derived(Property):
    """A property that no event holds: `scan` computes it, or joins it to the events."""

    prefix: ClassVar[str] = "x"

    @property
    def extracted(self) -> bool:
        """False: there is nothing to take out of an event."""
        return False

    @property
    def column(self) -> str:
        """The name of its column, or of the table that is joined; it tells all that makes it."""
        return f"{self.prefix}{sha256(repr(self.identity).encode()).hexdigest()[:16]}"

    @property
    def identity(self) -> object:
        """What makes it; properties of one identity share their column."""
        return self

    @property
    def join(self) -> Join | None:
        """Nothing that all queries share."""
        return None


def looked_at(properties: Iterable[Property]) -> list[Property]:
    """Return properties, each once and behind those that its SQL looks at."""
    found: dict[Property, None] = {}
    for owner in properties:
        found |= dict.fromkeys([*looked_at(owner.inputs), owner])
    return list(found)
