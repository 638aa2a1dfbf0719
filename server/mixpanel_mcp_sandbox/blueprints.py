"""Dashboards from templates and from a root-cause analysis."""

from typing import cast

from . import cards
from .bookmarks import listed, mapping
from .calls import Call, Endpoint, Json, ok
from .dashboards import DASHBOARDS, dashboard, new_dashboard, store
from .documents import editor
from .entities import Entities
from .errors import one_of, wrong

# Key of a template -> its title, number of reports, and the variables it asks for.
TEMPLATES: dict[str, tuple[str, int, dict[str, str]]] = {
    "company_kpis": ("Company KPIs", 6, {"value_moment_event": ""}),
    "user_onboarding": ("User onboarding", 4, {"signup_event": "", "value_moment_event": ""}),
    "product_analytics": ("Product analytics", 5, {"value_moment_event": ""}),
}


def templates(call: Call) -> object:
    """Return the templates by key."""
    return ok({"templates": {key: _template(key) for key in TEMPLATES}})


def create(call: Call) -> object:
    """Create an unfinished dashboard from a template."""
    key = one_of(TEMPLATES, call.json().get("template_type"), "template_type")
    title, _, variables = TEMPLATES[key]
    made = new_dashboard(call, DASHBOARDS.entities(call).next_number(), {"title": title})
    made |= {"template_type": key, "blueprint": {"variables": variables}}
    return ok(store(call, made))


def configuration(call: Call) -> object:
    """Return the variables of a dashboard that came from a template, else none."""
    blueprint = dashboard(call).get("blueprint") or {"variables": {}}
    return ok({"variables": blueprint["variables"], "cards": []})


def assign_cohorts(call: Call) -> object:
    """Keep the cohorts that templates are computed for."""
    cohorts = listed(call.json().get("cohorts"), "cohorts")
    Entities(call.database, "blueprint_cohorts", "Cohorts").put({"id": 1, "cohorts": cohorts})
    return None


def finish(call: Call) -> object:
    """Put the chosen cards on a dashboard that came from a template."""
    body = call.json()
    entries = body.get("cards")
    if not isinstance(body.get("dashboard_id"), int) or not isinstance(entries, list):
        raise wrong("dashboard_id and cards are required")
    board = DASHBOARDS.entities(call).get(body["dashboard_id"])
    for entry in cast("list[object]", entries):
        entry = mapping(entry, "card")
        cards.add_card(call, board, str(entry.get("type")), _params(entry))
    return ok(store(call, board | editor(call)))


def root_cause(call: Call) -> object:
    """Create the dashboard of a root-cause analysis."""
    body = call.json()
    source, data = body.get("rca_source_id"), body.get("rca_source_data")
    if not isinstance(source, int) or not isinstance(data, dict) or "type" not in data:
        raise wrong("rca_source_id and rca_source_data with a type are required")
    title = f"Root cause analysis of {data['type']} {source}"
    made = new_dashboard(call, DASHBOARDS.entities(call).next_number(), {"title": title})
    made |= {"generation_type": "rca", "rca_source_id": source, "rca_source_data": data}
    cards.add_card(call, made, "text", {"markdown": f"<h2>{title}</h2>"})
    return ok(store(call, made))


def _template(key: str) -> Json:
    title, reports, _ = TEMPLATES[key]
    return {
        "title_key": title,
        "description_key": f"{title}: {reports} reports",
        "alternative_description_key": None,
        "number_of_reports": reports,
    }


def _params(entry: Json) -> Json:
    if entry.get("bookmark_id") is not None:
        return {"source_bookmark_id": entry["bookmark_id"]}
    if entry.get("params") is not None:
        return {"bookmark": {"name": entry.get("name"), "params": entry["params"]}}
    return {"markdown": entry.get("markdown") or ""}


BASE = "/api/app/{scope}/dashboards"
ENDPOINTS = (
    Endpoint("GET", f"{BASE}/blueprints-all", templates),
    Endpoint("POST", f"{BASE}/blueprints", create, writes=True),
    Endpoint("POST", f"{BASE}/blueprints/finish", finish, writes=True),
    Endpoint("PUT", f"{BASE}/blueprints/cohorts", assign_cohorts, writes=True),
    Endpoint("GET", f"{BASE}/{{id:int}}/blueprint-config", configuration),
    Endpoint("POST", f"{BASE}/rca", root_cause, writes=True),
)
