"""Saved reports as entities: made for a dashboard, changed, moved, deleted with their cards."""

from functools import partial

from . import cards, report_history
from .bookmarks import read_params
from .calls import Call, Endpoint, Json, ok
from .dashboards import DASHBOARDS, dashboards_of_report
from .documents import (
    Collection,
    bulk_change,
    bulk_delete,
    changes,
    editor,
    number,
    picked_by_ids,
    writes,
)
from .errors import not_emulated, one_of
from .report_fields import SETTINGS, TYPES, new_report

VERSION = "2"


def _created(call: Call, number: int, fields: Json) -> Json:
    one_of(TYPES, fields["type"], "type")
    dashboard = DASHBOARDS.entities(call).get(fields["dashboard_id"])
    report = new_report(call, number, dashboard["id"], fields)
    report_history.note(call, report, "created")
    return report


def _changed(call: Call, before: Json, fields: Json) -> Json:
    given = {name: value for name, value in fields.items() if value is not None}
    after = before | given
    if not changes(before, after):
        return before
    after |= editor(call)
    report_history.note(call, after, "updated", before)
    if after["dashboard_id"] != before.get("dashboard_id"):
        _move(call, after)
    else:
        _show_on_cards(call, after)
    return after


def _move(call: Call, report: Json) -> None:
    """Take a report off the boards it stands on and put it on the one it belongs to now."""
    target = DASHBOARDS.entities(call).get(report["dashboard_id"])
    _take_off(call, report)
    cards.put_report(target, report)
    _store(call, target)


def _show_on_cards(call: Call, report: Json) -> None:
    for board in _boards(call, report):
        board["contents"]["report"][str(report["id"])] = report
        _store(call, board)


def _take_off(call: Call, report: Json) -> None:
    for board in _boards(call, report):
        cards.remove_card(board, "report", report["id"])
        _store(call, board)


def _boards(call: Call, report: Json) -> list[Json]:
    boards = DASHBOARDS.entities(call).all()
    return [board for board in boards if str(report["id"]) in board["contents"]["report"]]


def _store(call: Call, board: Json) -> None:
    DASHBOARDS.entities(call).put(board, call.project.workspace_id)


def _shown(call: Call, report: Json) -> Json:
    """Return a report as version 2 of the API shows it, its params an object."""
    return {**report, "params": read_params(report.get("params"))}


def _picked(call: Call, reports: list[Json]) -> list[Json]:
    """Keep those of a type and those named by `ids`; what was moved out of sight is left out."""
    kind = call.query.get("type")
    return [
        _shown(call, report)
        for report in picked_by_ids(call, reports)
        if not report.get("deleted") and kind in (None, "", report.get("type"))
    ]


REPORTS = Collection(
    kind="bookmarks",
    path="bookmarks",
    noun="Report",
    fields={**SETTINGS, "type": str, "params": dict, "dashboard_id": int, "deleted": bool},
    required=frozenset({"name", "type", "params", "dashboard_id"}),
    changeable=frozenset({*SETTINGS, "params", "dashboard_id", "deleted"}),
    create=_created,
    change=_changed,
    pick=_picked,
    show=_shown,
    before_delete=_take_off,
)


def list_reports(call: Call) -> object:
    """Return the reports, in the double envelope of version 2."""
    _check_version(call)
    return ok({"results": _picked(call, REPORTS.entities(call).all())})


def get_report(call: Call) -> object:
    """Return a report."""
    _check_version(call)
    return ok(_shown(call, REPORTS.entities(call).get(number(call))))


def get_history(call: Call) -> object:
    """Return the changes of a report; 404 when there is none."""
    return report_history.history(call, REPORTS.entities(call).get(number(call))["id"])


def _check_version(call: Call) -> None:
    if call.query.get("v") != VERSION:
        raise not_emulated(f"saved reports of another version than v={VERSION}")


BASE = "/api/app/{scope}/bookmarks"
ENDPOINTS = (
    Endpoint("GET", BASE, list_reports),
    Endpoint("GET", f"{BASE}/{{id:int}}", get_report),
    Endpoint("GET", f"{BASE}/{{id:int}}/history", get_history),
    Endpoint("GET", f"{BASE}/{{id:int}}/linked-dashboard-ids", dashboards_of_report),
    Endpoint(
        "POST", f"{BASE}/bulk-delete", partial(bulk_delete, REPORTS, "bookmark_ids"), writes=True
    ),
    Endpoint(
        "POST", f"{BASE}/bulk-update", partial(bulk_change, REPORTS, "bookmarks"), writes=True
    ),
    *writes(REPORTS),
)
