"""Events as they leave: with an `$insert_id` each, written once, none too large to be taken."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from mixpanel_mcp_core.imports.insert_ids import fingerprint, insert_id
from mixpanel_mcp_core.lenient_json import written

# "Less than 1 MB": what is above is refused by either reading of a megabyte.
MOST_BYTES = 1 << 20

Properties = dict[str, Any]


class Event(NamedTuple):
    """An event, and its place in the input."""

    place: int
    name: str
    properties: Properties


class Packed(NamedTuple):
    """An event as the JSON that is sent, with its place in the input and its `$insert_id`."""

    place: int
    insert_id: Any
    data: bytes

    def size(self) -> int:
        """The bytes that are sent of it."""
        return len(self.data)


class Numbering(Protocol):
    """Tells events apart that are alike to the letter."""

    def numbers(self, fingerprints: Sequence[bytes]) -> list[int]:
        """For each fingerprint, how often it has come up to now."""
        ...


def packed(events: Iterable[Event], twins: Numbering) -> list[Packed]:
    """The events as they are sent; a missing `$insert_id` is made, a given one is left alone."""
    events = list(events)
    bare = [each for each in events if not each.properties.get("$insert_id")]
    prints = [fingerprint(each.name, each.properties) for each in bare]
    made = map(insert_id, prints, twins.numbers(prints))
    return [_packed(each, each.properties.get("$insert_id") or next(made)) for each in events]


def _packed(event: Event, own_id: Any) -> Packed:
    properties = {**event.properties, "$insert_id": own_id}
    return Packed(event.place, own_id, written({"event": event.name, "properties": properties}))
