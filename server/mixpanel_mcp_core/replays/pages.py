"""A recorded page: its nodes by number, and what a person would call them. Pure."""

from collections.abc import Mapping
from textwrap import shorten
from typing import Any, cast

from mixpanel_mcp_core.queries.nodes import objects_in

_DOCUMENT, _TEXT = 0, 3
_NAMING = ("aria-label", "placeholder", "alt", "title", "name", "id", "href")
# rrweb numbers from the document on.
_FIRST = 1
_LONGEST = 60

Node = Mapping[str, Any]


class Page:
    """The nodes of a snapshot, and those that were added later."""

    def __init__(self, root: Node | None = None) -> None:
        self._nodes: dict[int, Node] = {}
        self._learn(root or {})

    def change(self, mutation: Node) -> None:
        """Learn what a mutation added."""
        for added in objects_in(mutation.get("adds")):
            self._learn(added.get("node") or {})

    def name(self, number: int) -> str:
        """What a person would call a node: its kind, and the words on it."""
        node = self._nodes.get(number, {})
        if node.get("type") == _TEXT:
            return f'text "{_short(node.get("textContent"))}"'
        tag = str(node.get("tagName", "something"))
        attributes = cast("Node", node.get("attributes") or {})
        label = _short(_words(node)) or next(
            (_short(attributes[each]) for each in _NAMING if attributes.get(each)), ""
        )
        return f'{tag} "{label}"' if label else tag

    def is_document(self, number: int) -> bool:
        """Whether a node is the page itself; so is the first one of a page without a snapshot."""
        node = self._nodes.get(number)
        return number == _FIRST if node is None else node.get("type") == _DOCUMENT

    def _learn(self, root: Node) -> None:
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if isinstance(node.get("id"), int):
                self._nodes[node["id"]] = node
            waiting += objects_in(node.get("childNodes"))


def _words(root: Node) -> str:
    """The first words inside a node; a whole page of them names nothing."""
    found: list[str] = []
    waiting = [root]
    while waiting and sum(map(len, found)) <= _LONGEST:
        node = waiting.pop()
        if node.get("type") == _TEXT:
            found.append(str(node.get("textContent", "")).strip())
        waiting += reversed(objects_in(node.get("childNodes")))
    return " ".join(filter(None, found))


def _short(text: Any) -> str:
    return shorten(str(text or ""), _LONGEST, placeholder="…")
