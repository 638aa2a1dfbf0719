"""What a person did, read from the events that rrweb recorded of a page. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from mixpanel_mcp_core.models.replays import ReplayAction
from mixpanel_mcp_core.queries.nodes import object_in
from mixpanel_mcp_core.replays.pages import Page

# Numbers of rrweb: kinds of events, sources of a change (`_CHANGE`), kinds of mouse interaction.
_SNAPSHOT, _CHANGE, _META, _PLUGIN = 2, 3, 4, 6
_MUTATION, _MOUSE, _SCROLL, _INPUT = 0, 2, 3, 5
_CLICKS: Mapping[int, tuple[str, str]] = {
    2: ("click", "Clicked"),
    3: ("context_menu", "Right-clicked"),
    4: ("double_click", "Double-clicked"),
    7: ("tap", "Tapped"),
}
_CONSOLE = "rrweb/console"
_VIEWPORT = "(viewport)"
_LONGEST_ERROR = 300
# Scrolling and typing are recorded many times a second; after such a pause they begin anew.
_PAUSE_MS = 2000

Event = Mapping[str, Any]


def actions_of(events: Iterable[Event]) -> list[ReplayAction]:
    """The actions in their order; scrolling or typing in one go is one action."""
    reader = _Reader()
    for event in events:
        reader.read(event)
    return reader.actions


class _Reader:
    """Reads events one after the other, and knows the page as it was at each."""

    def __init__(self) -> None:
        self.actions: list[ReplayAction] = []
        self._page = Page()
        self._url: str | None = None
        self._going_on: tuple[str, int, int] = ("", 0, 0)

    def read(self, event: Event) -> None:
        data, moment = object_in(event.get("data")), int(event["timestamp"])
        if event["type"] == _SNAPSHOT:
            self._page = Page(object_in(data.get("node")))
        elif event["type"] == _META:
            self._navigate(str(data.get("href", "")), moment)
        elif event["type"] == _PLUGIN:
            self._console(data, moment)
        elif event["type"] == _CHANGE:
            self._change(data, moment)

    def _change(self, data: Event, moment: int) -> None:
        source, target = data.get("source"), data.get("id")
        if source == _MUTATION:
            self._page.change(data)
        if not isinstance(target, int):
            return
        if source == _MOUSE and (named := _CLICKS.get(data.get("type", 0))):
            action, verb = named
            name = self._page.name(target)
            self._add(moment, action, target, name, f"{verb} {name}")
        elif source == _SCROLL and not self._goes_on("scroll", target, moment):
            self._scroll(target, moment)
        elif source == _INPUT and not self._goes_on("input", target, moment):
            # What was typed is nobody's business.
            name = self._page.name(target)
            self._add(moment, "input", target, name, f"Typed into {name}")

    def _navigate(self, url: str, moment: int) -> None:
        self._url = url
        told = f"Navigated to {url}"
        self._add(moment, "navigate", None, told, told, url=url)

    def _scroll(self, target: int, moment: int) -> None:
        if self._page.is_document(target):
            self._add(moment, "scroll", None, _VIEWPORT, "Scrolled")
        else:
            name = self._page.name(target)
            self._add(moment, "scroll", target, name, f"Scrolled {name}")

    def _console(self, data: Event, moment: int) -> None:
        payload = object_in(data.get("payload"))
        if not str(data.get("plugin", "")).startswith(_CONSOLE) or payload.get("level") != "error":
            return
        lines = cast("list[Any]", payload.get("payload") or [])
        message = " ".join(str(each).strip('"') for each in lines)[:_LONGEST_ERROR]
        told = f"Error on the page: {message}"
        self._add(moment, "error", None, "(console)", told, message=message)

    def _goes_on(self, action: str, target: int, moment: int) -> bool:
        """Whether this is the same scrolling or typing as just before."""
        last, self._going_on = self._going_on, (action, target, moment)
        return last[:2] == (action, target) and moment - last[2] <= _PAUSE_MS

    def _add(
        self, moment: int, action: str, target: int | None, name: str, told: str, **metadata: Any
    ) -> None:
        if action not in ("scroll", "input"):
            self._going_on = ("", 0, 0)
        self.actions.append(
            ReplayAction(
                timestamp=moment,
                action=action,
                target_node_id=target,
                target_desc=name,
                url=self._url,
                metadata=metadata,
                description=told,
            )
        )
