"""What things in the project are called: for completion, and to find an id by a name."""

from collections.abc import Mapping
from time import monotonic
from typing import Any, NamedTuple

from mcp import MCPError
from mcp.types import INVALID_PARAMS

from mixpanel_mcp.binding import Binder
from mixpanel_mcp_core.nearest import near_names

LEXICON = {"events": "get_event_definitions", "properties": "get_property_definitions"}
"""Sections of the Lexicon, with the operation that reads each."""

# Whoever types asks at every key, and expects what was made a minute ago.
_SECONDS = 60.0


class _Source(NamedTuple):
    """The operation that lists things of a kind, and the field that says what each is called."""

    operation: str
    arguments: Mapping[str, Any] = {}
    field: str | None = None

    def name_of(self, thing: Any) -> str:
        return str(getattr(thing, self.field) if self.field else thing)


_SOURCES: Mapping[str, _Source] = {
    "event": _Source("events"),
    "property": _Source(LEXICON["properties"], {"names": [], "resource_type": "Event"}, "name"),
    "cohort": _Source("cohorts", field="name"),
    "report": _Source("list_bookmarks", field="name"),
    "dashboard": _Source("list_dashboards", field="title"),
    "flag": _Source("list_feature_flags", field="key"),
    "experiment": _Source("list_experiments", field="name"),
}


class Names:
    """Names of the project that calls go to, remembered for a minute."""

    def __init__(self, binder: Binder) -> None:
        self._binder = binder
        self._listed: dict[str, tuple[float, list[Any]]] = {}

    async def of(self, kind: str, event: str | None = None) -> list[str]:
        """What things of a kind are called; of properties those of one event, where it is told.

        Nothing of a kind that has no names. Raises MixpanelError.
        """
        if kind == "section":
            return list(LEXICON)
        source = _SOURCES.get(kind)
        if kind == "property" and event:
            source = _Source("properties", {"event": event})
        return [source.name_of(each) for each in await self._things(source)] if source else []

    async def id_of(self, kind: str, name: str) -> int:
        """The id of a report or dashboard, or the digits that are told; MCPError for no such."""
        if name.isascii() and name.isdigit():
            return int(name)
        source = _SOURCES[kind]
        ids = {source.name_of(each): each.id for each in await self._things(source)}
        alike = [each for each in ids if each.casefold() == name.casefold()]
        if not alike:
            near = ", ".join(near_names(name, list(ids)))
            hint = f"Nearest: {near}." if near else f"{source.operation} lists all."
            raise MCPError(INVALID_PARAMS, f"{kind}: there is none called {name!r}. {hint}")
        return ids[name if name in ids else alike[0]]

    async def _things(self, source: _Source) -> list[Any]:
        session = await self._binder.session()
        key = repr((source, session.source()))
        asked, found = self._listed.get(key, (-_SECONDS, []))
        if monotonic() - asked >= _SECONDS:
            found = await session.run(source.operation, source.arguments)
            self._listed[key] = (monotonic(), found)
        return found
