"""Reports of bookmarks, told apart by what they show, and beside another period."""

from .bookmarks import listed, mapping
from .calls import Call, Endpoint, Json
from .comparison import compared
from .funnels import funnel
from .insights import insights
from .retention import retention
from .saved_cohorts import with_cohort_names
from .saved_definitions import with_saved_definitions

ANSWERS = {"event": insights, "funnel": funnel, "retention": retention}


def report(call: Call, body: Json) -> Json:
    """Return the report of the `bookmark` in a request; 400 for one that cannot be computed.

    The compared period, where the bookmark asks for one, is `time_comparison`.
    """
    given = mapping(body.get("bookmark"), "bookmark")
    whole = {**body, "bookmark": with_saved_definitions(call.database, given)}
    body = with_cohort_names(call.database, whole)
    bookmark: Json = body["bookmark"]
    kind = _kind(bookmark)
    answer = ANSWERS[kind](call, body)
    if other := compared(bookmark, call.context):
        answer["time_comparison"] = ANSWERS[kind](call, body | {"bookmark": other})["series"]
    return answer


def posted(call: Call) -> object:
    """Return the report of the bookmark in the body."""
    return report(call, call.json())


def _kind(bookmark: Json) -> str:
    section = mapping(bookmark.get("sections"), "sections")
    shown = listed(section.get("show"), "show")
    behaviors = [mapping(mapping(c, "show").get("behavior") or {}, "behavior") for c in shown]
    kinds = [behavior.get("type") for behavior in behaviors]
    return next((kind for kind in ("funnel", "retention") if kind in kinds), "event")


ENDPOINTS = (Endpoint("POST", "/api/query/insights", posted),)
