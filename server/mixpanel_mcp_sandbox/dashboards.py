"""Dashboards: create, duplicate, change, and the marks that one user sets."""

from copy import deepcopy
from functools import partial

from . import cards
from .calls import Call, Endpoint, Json, ok
from .documents import (
    Collection,
    bulk_delete,
    creator,
    editor,
    endpoints,
    number,
    picked_by_ids,
    stamp,
)
from .entities import Entities
from .errors import wrong

FIELDS = {
    "title": str,
    "description": str,
    "is_private": bool,
    "is_restricted": bool,
    "filters": list,
    "breakdowns": list,
    "time_filter": dict,
    "duplicate": int,
    "rows": list,
    "layout": dict,
    "content": dict,
}
PLAIN = ("title", "description", "is_private", "is_restricted")
SETTINGS = (*PLAIN, "filters", "breakdowns", "time_filter")
RIGHTS = {
    "can_update_basic": True,
    "can_share": True,
    "can_view": True,
    "can_update_restricted": True,
    "can_update_visibility": True,
    "is_superadmin": False,
    "allow_staff_override": False,
    "can_pin": True,
    "is_shared_with_project": True,
}


def new_dashboard(call: Call, number: int, fields: Json) -> Json:
    """Return a dashboard with the given settings and no cards."""
    return {
        "id": number,
        "title": "Untitled",
        "description": None,
        "is_private": False,
        "is_restricted": False,
        "filters": [],
        "breakdowns": [],
        "time_filter": None,
        **{name: fields[name] for name in SETTINGS if fields.get(name) is not None},
        **creator(call),
        "is_favorited": False,
        "pinned_date": None,
        "unique_view_count": 0,
        "total_view_count": 0,
        "generation_type": None,
        "parent_dashboard_id": None,
        "child_dashboards": [],
        "ancestors": [],
        **RIGHTS,
        **cards.empty_contents(),
    }


def store(call: Call, dashboard: Json) -> Json:
    """Store a dashboard and return it."""
    return DASHBOARDS.entities(call).put(dashboard, call.project.workspace_id)


def dashboard(call: Call, name: str = "id") -> Json:
    """Return the dashboard of the path; 404 when there is none."""
    return DASHBOARDS.entities(call).get(number(call, name))


def _created(call: Call, number: int, fields: Json) -> Json:
    made = new_dashboard(call, number, fields)
    if fields.get("duplicate") is not None:
        original = DASHBOARDS.entities(call).get(fields["duplicate"])
        settings = {name: original.get(name) for name in SETTINGS if fields.get(name) is None}
        made |= deepcopy(settings) | {"title": fields["title"]}
        made |= {name: deepcopy(original[name]) for name in ("contents", "layout")}
    cards.add_rows(call, made, fields.get("rows") or [])
    return made


def _changed(call: Call, before: Json, fields: Json) -> Json:
    changes = {name: fields[name] for name in SETTINGS if fields.get(name) is not None}
    changed = before | changes | editor(call)
    changed.pop("new_content", None)
    if fields.get("layout"):
        cards.arrange(changed, fields["layout"])
    if fields.get("content"):
        cards.act(call, changed, fields["content"])
    return changed


def _picked(call: Call, dashboards: list[Json]) -> list[Json]:
    """Keep those named by `ids`, without their contents, which only the single answer has."""
    kept = picked_by_ids(call, dashboards)
    return [{k: v for k, v in d.items() if k not in ("contents", "layout")} for d in kept]


DASHBOARDS = Collection(
    kind="dashboards",
    path="dashboards",
    noun="Dashboard",
    fields=FIELDS,
    required=frozenset({"title"}),
    changeable=frozenset({*SETTINGS, "layout", "content"}),
    create=_created,
    change=_changed,
    pick=_picked,
)


def favorite(call: Call) -> object:
    """Mark a dashboard as the user's favourite."""
    store(call, dashboard(call) | {"is_favorited": True})
    return None


def unfavorite(call: Call) -> object:
    """Take the favourite mark away."""
    store(call, dashboard(call) | {"is_favorited": False})
    return None


def pin(call: Call) -> object:
    """Pin a dashboard for everybody."""
    store(call, dashboard(call) | {"pinned_date": stamp(call)})
    return None


def unpin(call: Call) -> object:
    """Take the pin away."""
    store(call, dashboard(call) | {"pinned_date": None})
    return None


def reports_of(call: Call) -> object:
    """Return the reports of a dashboard as experiments see them (`erf`)."""
    reports = dashboard(call)["contents"]["report"].values()
    kept = ("id", "name", "type", "params")
    return ok({"metrics": [{k: r.get(k) for k in kept} for r in reports]})


def text_card(call: Call) -> object:
    """Change a text card."""
    board = dashboard(call)
    cards.update_card(call, board, "text", number(call, "card_id"), call.json())
    store(call, board | editor(call))
    return None


def report_link(call: Call) -> object:
    """Change how a report is linked into a dashboard."""
    board = dashboard(call)
    body = call.json()
    if not body.get("type"):
        raise wrong("type is required")
    cards.card(board, "report", number(call, "link_id"))["link"] = body
    store(call, board | editor(call))
    return None


def dashboards_of_report(call: Call) -> object:
    """Return the numbers of the dashboards that show a report."""
    wanted = str(Entities(call.database, "bookmarks", "Report").get(number(call))["id"])
    boards = DASHBOARDS.entities(call).all()
    return ok([board["id"] for board in boards if wanted in board["contents"]["report"]])


BASE = "/api/app/{scope}/dashboards"
ENDPOINTS = (
    Endpoint(
        "POST",
        f"{BASE}/bulk-delete",
        partial(bulk_delete, DASHBOARDS, "dashboard_ids"),
        writes=True,
    ),
    Endpoint("POST", f"{BASE}/{{id:int}}/favorites", favorite, writes=True),
    Endpoint("DELETE", f"{BASE}/{{id:int}}/favorites", unfavorite, writes=True),
    Endpoint("POST", f"{BASE}/{{id:int}}/pin", pin, writes=True),
    Endpoint("DELETE", f"{BASE}/{{id:int}}/pin", unpin, writes=True),
    Endpoint("GET", f"{BASE}/{{id:int}}/erf", reports_of),
    Endpoint("PATCH", f"{BASE}/{{id:int}}/text-cards/{{card_id:int}}", text_card, writes=True),
    Endpoint("PATCH", f"{BASE}/{{id:int}}/report-links/{{link_id:int}}", report_link, writes=True),
    Endpoint("GET", f"{BASE}/bookmarks/{{id:int}}/dashboard-ids", dashboards_of_report),
    *endpoints(DASHBOARDS),
)
