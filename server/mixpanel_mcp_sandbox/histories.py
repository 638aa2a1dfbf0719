"""Histories of entities: a list of entries for each, the oldest first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .calls import Call
from .entities import Entities
from .identifiers import number_in

PAGE = 50
LARGEST_PAGE = 100


@dataclass(frozen=True)
class Histories:
    """The histories of one kind of entity; `noun` is what an error calls one of them."""

    kind: str
    noun: str

    def of(self, call: Call, identifier: int | str) -> list[Any]:
        """Return what is known of an entity."""
        found = self._all(call).find(number_in(identifier))
        return found["entries"] if found else []

    def add(self, call: Call, identifier: int | str, entry: Callable[[int], Any]) -> None:
        """Remember an entry, which is made of its number."""
        entries = self.of(call, identifier)
        known = [*entries, entry(len(entries) + 1)]
        self._all(call).put({"id": number_in(identifier), "entries": known})

    def _all(self, call: Call) -> Entities:
        return Entities(call.database, self.kind, self.noun)
