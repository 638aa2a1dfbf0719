"""Recordings made up from events: a page for each event, as rrweb would have recorded it.

Nobody was filmed. What is told is only what the events of a replay tell: their order, their
times, and what failed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from .calls import Json

Event = tuple[str, int, Mapping[str, Any]]

SNAPSHOT, CHANGE, META, PLUGIN = 2, 3, 4, 6
MOUSE, SCROLL, CLICK = 2, 3, 2
DOCUMENT, ELEMENT, TEXT = 0, 2, 3
WIDTH, HEIGHT = 1280, 800
SITE = "https://shop.example.com/"
# Properties that say where, and what went wrong.
URL = "$current_url"
ERRORS = ("error_code", "error", "error_message")
LEAD_MS = 400


@dataclass(frozen=True)
class Page:
    """A page with a heading and one button, its nodes numbered from the document on."""

    title: str

    def snapshot(self) -> Json:
        """Return the tree of its nodes."""
        numbers = count(1)

        def node(kind: int, **fields: Any) -> Json:
            return {"id": next(numbers), "type": kind, **fields}

        def element(tag: str, text: str) -> Json:
            made = node(ELEMENT, tagName=tag, attributes={}, childNodes=[])
            made["childNodes"].append(node(TEXT, textContent=text))
            return made

        document = node(DOCUMENT, childNodes=[])
        body = node(ELEMENT, tagName="body", attributes={}, childNodes=[])
        body["childNodes"] += [element("h1", self.title), element("button", self.title)]
        document["childNodes"].append(body)
        return document

    @property
    def button(self) -> int:
        """The number of its button."""
        return 5


def recorded(events: Sequence[Event]) -> list[Json]:
    """Return what rrweb would have recorded while these events were sent, in order of time."""
    moments: list[Json] = []
    for name, time, properties in events:
        # Events may share a moment; a page opens when that of the event before is done with.
        after = moments[-1]["timestamp"] + 1 if moments else 0
        moments += _moments(name, max(time - LEAD_MS, after), properties)
    return moments


def _moments(name: str, opened: int, properties: Mapping[str, Any]) -> Iterator[Json]:
    """A page opens, is scrolled, its button is clicked; what failed stands on the console."""
    page, done = Page(name), opened + LEAD_MS
    address = properties.get(URL) or SITE + name.lower().replace(" ", "-")
    yield _event(META, opened, href=address, width=WIDTH, height=HEIGHT)
    yield _event(SNAPSHOT, opened + 1, node=page.snapshot(), initialOffset={"left": 0, "top": 0})
    yield _event(CHANGE, opened + 2, source=SCROLL, id=1, x=0, y=HEIGHT // 2)
    spot = {"x": WIDTH // 2, "y": HEIGHT // 2}
    yield _event(CHANGE, done, source=MOUSE, type=CLICK, id=page.button, **spot)
    if failure := next((properties[each] for each in ERRORS if properties.get(each)), None):
        payload = {"level": "error", "trace": [], "payload": [f'"{name}: {failure}"']}
        yield _event(PLUGIN, done + 1, plugin="rrweb/console@1", payload=payload)


def _event(kind: int, time: int, **data: Any) -> Json:
    return {"type": kind, "timestamp": time, "data": data}
