"""Saved reports: what a stored bookmark asks, answered as if it had been sent."""

from .bookmarks import read_params
from .calls import Call, Endpoint, Json
from .entities import Entities
from .errors import wrong
from .flows import flow
from .legacy_retention import births
from .reports import report


def saved(call: Call) -> Entities:
    """Return the saved reports of all kinds."""
    return Entities(call.database, "bookmarks", "Report")


def saved_bookmark(call: Call, kind: str, parameter: str = "bookmark_id") -> Json:
    """Return the params of the report of a kind that a query parameter names.

    Raises:
        Refusal: 404 for an unknown number, 400 for a report of another kind.
    """
    text = call.required(parameter)
    if not text.isdecimal():
        raise wrong(f"{parameter} must be a number, not {text!r}")
    found = saved(call).get(int(text))
    if found.get("type") != kind:
        raise wrong(f"Report {text} is one of type {found.get('type')!r}, not {kind!r}.")
    return read_params(found.get("params"))


def insights(call: Call) -> object:
    """Answer a saved insights report."""
    return report(call, {"bookmark": saved_bookmark(call, "insights")})


def retention(call: Call) -> object:
    """Return the cohorts of a saved retention report without the envelope around them.

    Without a report the parameters say what is asked.
    """
    if "bookmark_id" not in call.query:
        return births(call)
    series = report(call, {"bookmark": saved_bookmark(call, "retention")})["series"]
    return next(iter(series.values()))


def flows(call: Call) -> object:
    """Answer a saved flows report."""
    shape = call.query.get("query_type") or "flows_sankey"
    return flow(call, {"bookmark": saved_bookmark(call, "flows"), "query_type": shape})


ENDPOINTS = (
    Endpoint("GET", "/api/query/insights", insights),
    Endpoint("GET", "/api/query/retention", retention),
    Endpoint("GET", "/api/query/arb_funnels", flows),
)
