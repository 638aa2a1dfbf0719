"""Things as Mixpanel tells them, under the names that arguments of operations have. Pure."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from mixpanel_mcp_core.queries.nodes import object_in, objects_in
from mixpanel_mcp_tools.changing.kinds import Image


def _rows(image: Image) -> list[Any]:
    """The cards of a board, as create_dashboard takes them."""
    layout, contents = object_in(image.get("layout")), object_in(image.get("contents"))
    rows = object_in(layout.get("rows"))
    found: list[Any] = []
    for name in layout.get("rows_order") or ():
        cells = objects_in(object_in(rows.get(name)).get("cells"))
        cards = [card for cell in cells if (card := _card(contents, cell))]
        found += [{"contents": cards}] if cards else []
    return found


def _card(contents: Image, cell: Mapping[str, Any]) -> Image | None:
    kind = str(cell.get("content_type"))
    card = object_in(object_in(contents.get(kind)).get(str(cell.get("content_id"))))
    params = card_params(kind, card)
    return None if params is None else {"content_type": kind, "content_params": params}


def card_of(board: Image, content: str, number: Any) -> Image:
    """A card of a board; empty where it has no such card."""
    return object_in(object_in(object_in(board.get("contents")).get(content)).get(str(number)))


def card_params(kind: str, card: Image) -> Image | None:
    """A card as the one that makes such a card takes it; None for what nobody can make."""
    if kind == "text":
        return {"markdown": card.get("markdown") or ""}
    if kind != "report" or not card.get("params"):
        return None
    bookmark = {"name": card.get("name"), "type": card.get("type")}
    bookmark["params"] = json.dumps(card["params"], ensure_ascii=False)
    return {"bookmark": bookmark}


def dashboard(image: Image) -> Image:
    """A board with its rows of cards, and the numbers of its cards."""
    contents = object_in(image.get("contents"))
    cards = [f"{kind} {number}" for kind in contents for number in object_in(contents[kind])]
    rows = _rows(image) if image.get("layout") else None
    return {**image, "rows": rows, "cards": cards if contents else None}


def cohort(image: Image) -> Image:
    """A cohort with its definition."""
    own = {key: image[key] for key in ("selector", "behaviors", "groups") if key in image}
    return {**image, "definition": own or None}


def alert(image: Image) -> Image:
    """An alert with the id of its report."""
    return {**image, "bookmark_id": object_in(image.get("bookmark")).get("id")}


def annotation(image: Image) -> Image:
    """An annotation with the ids of its tags."""
    return {**image, "tags": [tag["id"] for tag in image.get("tags") or ()]}


def flag(image: Image) -> Image:
    """A flag, whose empty context is none."""
    return {**image, "context": image.get("context") or None}


def metric(image: Image) -> Image:
    """A metric with what its definition holds."""
    definition = object_in(image.get("definition"))
    return {
        **image,
        "definition": {"type": image.get("type"), "definition": definition},
        "display": definition.get("display") or None,
        "goals": definition.get("goals") or [],
        "owned_by": object_in(image.get("owned_by")).get("id"),
    }


def behavior(image: Image) -> Image:
    """A behavior with its definition."""
    return {**image, "behavior": {"definition": image.get("definition")}}


def schema(image: Image) -> Image:
    """A schema under the names that arguments have."""
    return {
        "entity_type": image.get("entity_type"),
        "entity_name": image.get("name"),
        "schema_json": image.get("schema_definition"),
    }


def schemas(image: Image) -> Image:
    """The schemas by their type and name."""
    return dict(object_in(image.get("schemas")))


def lookup_table(image: Image) -> Image:
    """A table with its columns and rows, where they were read."""
    rows = list(csv.reader(io.StringIO(image.get("csv") or "", newline="")))
    rows = [each for each in rows if each]
    return {**image, "columns": rows[0] if rows else None, "rows": rows[1:] if rows else None}
