"""What stands on a dashboard: report and text cards in rows of cells."""

from typing import Any

from . import report_history
from .bookmarks import listed, mapping, read_params
from .calls import Call, Json
from .documents import stamp
from .entities import Entities
from .errors import missing, wrong
from .report_fields import new_report

ROW_WIDTH = 12
MOST_CELLS = 4
KINDS = ("report", "text")


def empty_contents() -> Json:
    """Return the contents and layout of a dashboard without cards."""
    return {"contents": {"report": {}, "text": {}}, "layout": {"rows_order": [], "rows": {}}}


def add_rows(call: Call, dashboard: Json, rows: list[Any]) -> None:
    """Put rows of new cards at the end; 400 for a row of more than four cards."""
    for row in rows:
        contents = listed(mapping(row, "row").get("contents"), "contents")
        if not 1 <= len(contents) <= MOST_CELLS:
            raise wrong(f"A row holds 1 to {MOST_CELLS} cards.")
        cells = [_new_cell(call, dashboard, mapping(c, "content")) for c in contents]
        _append_row(dashboard, cells)


def put_report(dashboard: Json, report: Json) -> None:
    """Put a saved report into a row of its own."""
    _append_row(dashboard, [_placed(dashboard, report)])


def _new_cell(call: Call, dashboard: Json, content: Json) -> Json:
    params = mapping(content.get("content_params") or {}, "content_params")
    return _new_card(call, dashboard, str(content.get("content_type")), params)


def add_card(call: Call, dashboard: Json, kind: str, params: Json) -> Json:
    """Put one new card into a row of its own and return its content."""
    card = _new_card(call, dashboard, kind, params)
    _append_row(dashboard, [card])
    return dashboard["contents"][kind][str(card["content_id"])]


def remove_card(dashboard: Json, kind: str, number: object) -> None:
    """Take a card off; rows left empty go too. 404 when it is not there."""
    card(dashboard, kind, number)
    del dashboard["contents"][kind][str(number)]
    layout = dashboard["layout"]
    for row in layout["rows"].values():
        row["cells"] = [
            cell
            for cell in row["cells"]
            if (cell["content_type"], str(cell["content_id"])) != (kind, str(number))
        ]
    layout["rows"] = {name: row for name, row in layout["rows"].items() if row["cells"]}
    layout["rows_order"] = [name for name in layout["rows_order"] if name in layout["rows"]]


def update_card(call: Call, dashboard: Json, kind: str, number: object, params: Json) -> None:
    """Change the content of a card; 404 when it is not there."""
    content = card(dashboard, kind, number)
    changes = {name: value for name, value in params.items() if name != "id"}
    before = dict(content)
    content.update(changes | {"modified": stamp(call)})
    if kind == "report":
        report = content | {"params": read_params(content.get("params"))}
        report_history.note(call, report, "updated", before)
        _bookmarks(call).put(report)


def arrange(dashboard: Json, change: Json) -> None:
    """Change rows or their order; 400 for rows that are none."""
    layout: Json = dashboard["layout"] | change
    rows = mapping(layout["rows"], "layout.rows")
    for row in rows.values():
        for cell in listed(mapping(row, "row").get("cells"), "cells"):
            if not {"content_type", "content_id"} <= mapping(cell, "cell").keys():
                raise wrong("A cell needs content_type and content_id.")
    if {str(name) for name in listed(layout["rows_order"], "layout.rows_order")} != rows.keys():
        raise wrong("layout.rows_order must name every row.")
    dashboard["layout"] = layout


def card(dashboard: Json, kind: str, number: object) -> Json:
    """Return the content of a card; 404 when it is not there."""
    content = dashboard["contents"].get(kind, {}).get(str(number))
    if content is None:
        raise missing(f"{kind} card {number} not found on dashboard {dashboard['id']}")
    return content


def act(call: Call, dashboard: Json, action: Json) -> None:
    """Carry out the `content` action of an update: create, update or delete a card."""
    kind = str(action.get("content_type"))
    params = mapping(action.get("content_params") or {}, "content_params")
    if kind not in KINDS:
        raise wrong(f"content_type must be report or text, not {kind!r}")
    match action.get("action"):
        case "create":
            dashboard["new_content"] = add_card(call, dashboard, kind, params)
        case "delete":
            remove_card(dashboard, kind, action.get("content_id"))
        case "update":
            update_card(call, dashboard, kind, action.get("content_id"), params)
        case other:
            raise wrong(f"content.action must be create, update or delete, not {other!r}")


def _new_card(call: Call, dashboard: Json, kind: str, params: Json) -> Json:
    if kind == "text":
        return _text_card(call, dashboard, params)
    if kind == "report":
        return _report_card(call, dashboard, params)
    raise wrong(f"content_type must be report or text, not {kind!r}")


def _text_card(call: Call, dashboard: Json, params: Json) -> Json:
    number = max((int(n) for n in dashboard["contents"]["text"]), default=dashboard["id"] * 10) + 1
    markdown = params.get("markdown") or ""
    content = {
        "id": number,
        "markdown": str(markdown),
        "created": stamp(call),
        "modified": stamp(call),
    }
    dashboard["contents"]["text"][str(number)] = content
    return _cell("text", number)


def _report_card(call: Call, dashboard: Json, params: Json) -> Json:
    """Clone a saved report, or save a new one from `bookmark`.

    A report that was saved for this very dashboard takes its place there itself.
    """
    bookmarks = _bookmarks(call)
    if (source := params.get("source_bookmark_id")) is not None:
        original = bookmarks.get(_number(source))
        if original.get("dashboard_id") == dashboard["id"] and not _shows(dashboard, original):
            return _placed(dashboard, original)
    else:
        original = mapping(params.get("bookmark"), "source_bookmark_id or bookmark")
    bookmark = new_report(call, bookmarks.next_number(), dashboard["id"], original)
    report_history.note(call, bookmark, "created")
    bookmarks.put(bookmark, call.project.workspace_id)
    return _placed(dashboard, bookmark)


def _shows(dashboard: Json, report: Json) -> bool:
    return str(report["id"]) in dashboard["contents"]["report"]


def _placed(dashboard: Json, report: Json) -> Json:
    dashboard["contents"]["report"][str(report["id"])] = report
    return _cell("report", report["id"])


def _number(value: object) -> int:
    if isinstance(value, bool) or not str(value).isdecimal():
        raise wrong(f"{value!r} is not the number of a report")
    return int(str(value))


def _bookmarks(call: Call) -> Entities:
    return Entities(call.database, "bookmarks", "Report")


def _cell(kind: str, number: int) -> Json:
    return {"id": f"cell-{kind}-{number}", "content_type": kind, "content_id": number}


def _append_row(dashboard: Json, cells: list[Json]) -> None:
    layout = dashboard["layout"]
    width = ROW_WIDTH // len(cells)
    name = f"row-{cells[0]['id'].removeprefix('cell-')}"
    layout["rows"][name] = {"height": 0, "cells": [{**cell, "width": width} for cell in cells]}
    layout["rows_order"].append(name)
