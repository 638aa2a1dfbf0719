"""Events as they leave: with an `$insert_id` each, written once, none too large to be taken."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from mixpanel_mcp_core.imports.insert_ids import fingerprint, insert_id, sorted_json
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
    written_out = [(each, _properties(each)) for each in events]
    bare = [fingerprint(each.name, data) for each, data in written_out if lacks_id(each)]
    made = map(insert_id, bare, twins.numbers(bare))
    return [
        _packed(each, _with_id(data, own := next(made)), own)
        if lacks_id(each)
        else _packed(each, data, each.properties["$insert_id"])
        for each, data in written_out
    ]


def fingerprints(events: Iterable[Event]) -> list[bytes]:
    """Those of the events that have no `$insert_id`."""
    return [fingerprint(each.name, _properties(each)) for each in events if lacks_id(each)]


def lacks_id(event: Event) -> bool:
    """Whether an event has no `$insert_id`."""
    return not event.properties.get("$insert_id")


def _properties(event: Event) -> bytes:
    properties = event.properties
    if "$insert_id" in properties and lacks_id(event):
        properties = {name: value for name, value in properties.items() if name != "$insert_id"}
    return sorted_json(properties)


def _with_id(properties: bytes, own_id: str) -> bytes:
    # Written into the text, which is faster than writing all of it anew.
    comma = b"," if len(properties) > len(b"{}") else b""
    return b'%b%b"$insert_id":"%b"}' % (properties[:-1], comma, own_id.encode())


def _packed(event: Event, properties: bytes, own_id: Any) -> Packed:
    data = b'{"event":%b,"properties":%b}' % (written(event.name), properties)
    return Packed(event.place, own_id, data)
