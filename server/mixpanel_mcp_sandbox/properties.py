"""Where the value of a property lies: SQL over the event `e` and the profile `p` of its person."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .database import literal
from .errors import wrong

Source = Literal["events", "people"]
Join = Literal["people", "links"]

JOINS: dict[Join, str] = {
    "people": "all_profiles p on p.uid = e.uid",
    "links": "all_links l on '$device:' || l.device_id = e.distinct_id",
}

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
PROFILE_FIELDS = {"$distinct_id": "p.distinct_id"}


@dataclass(frozen=True)
class Property:
    """A property of the event, or of the current profile of its person."""

    name: str
    source: Source = "events"

    @property
    def sql(self) -> str:
        """The value as VARIANT; NULL for null and for undefined."""
        fields = EVENT_FIELDS if self.source == "events" else PROFILE_FIELDS
        if field := fields.get(self.name):
            return f"({field})::variant"
        return f"{self._object}[{self._key}]"

    @property
    def present(self) -> str:
        """True unless the property is undefined."""
        fields = EVENT_FIELDS if self.source == "events" else PROFILE_FIELDS
        if field := fields.get(self.name):
            return f"({field} is not null)"
        return f"coalesce(variant_exists({self._object}, {self._key}), false)"

    @property
    def join(self) -> Join | None:
        """What the SQL needs beside the events."""
        if self.source == "people":
            return "people"
        return "links" if EVENT_FIELDS.get(self.name) == CANONICAL else None

    @property
    def _object(self) -> str:
        return "e.props" if self.source == "events" else "p.props"

    @property
    def _key(self) -> str:
        if "\x00" in self.name or not self.name:
            raise wrong("A property needs a name without control characters.")
        return literal(self.name)


def from_clause(joins: Iterable[Join | None] = (), *, view: str = "all_events") -> str:
    """Return the events as `e` with what is joined to them."""
    return " left join ".join([f"{view} e", *(JOINS[j] for j in JOINS if j in set(joins))])
