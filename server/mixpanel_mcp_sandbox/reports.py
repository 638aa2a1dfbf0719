"""`POST /api/query/insights`: insights and funnels, told apart by the bookmark."""

from .bookmarks import listed, mapping
from .calls import Call, Endpoint, Json
from .errors import not_emulated
from .funnels import funnel
from .insights import insights
from .saved_cohorts import with_cohort_names


def report(call: Call) -> object:
    """Compute the report of a bookmark."""
    body = with_cohort_names(call.database, call.json())
    kind = _kind(body)
    if kind == "retention":
        raise not_emulated("retention")
    return funnel(call, body) if kind == "funnel" else insights(call, body)


def _kind(body: Json) -> str:
    section = mapping(mapping(body.get("bookmark"), "bookmark").get("sections"), "sections")
    shown = listed(section.get("show"), "show")
    behaviors = [mapping(mapping(c, "show").get("behavior") or {}, "behavior") for c in shown]
    kinds = [behavior.get("type") for behavior in behaviors]
    return next((kind for kind in ("funnel", "retention") if kind in kinds), "event")


ENDPOINTS = (Endpoint("POST", "/api/query/insights", report),)
