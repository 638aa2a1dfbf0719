"""The cards of a dashboard as a table, in the order in which a person sees them. Pure."""

from collections.abc import Iterator
from typing import Any

from mixpanel_mcp_core.queries.nodes import object_in, objects_in
from mixpanel_mcp_core.tables import Table

_COLUMNS = ["row", "content_type", "content_id", "name", "type", "description"]


def card_table(layout: Any, contents: Any) -> Table | None:
    """A row for each card; None for a dashboard that was told without its cards."""
    rows = list(_cards(object_in(layout), object_in(contents)))
    return Table(_COLUMNS, rows) if rows else None


def _cards(layout: dict[str, Any], contents: dict[str, Any]) -> Iterator[list[Any]]:
    rows = object_in(layout.get("rows"))
    for number, name in enumerate(layout.get("rows_order") or (), start=1):
        for cell in objects_in(object_in(rows.get(name)).get("cells")):
            kind, content_id = cell.get("content_type"), cell.get("content_id")
            card = object_in(object_in(contents.get(str(kind))).get(str(content_id)))
            text = card.get("description") or card.get("markdown")
            yield [number, kind, content_id, card.get("name"), card.get("type"), text]
