"""The typed queries: composed from typed parts, compiled, sent, read back."""

from typing import Any, Unpack

from mixpanel_mcp_core.models.queries import Compiled
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.queries import (
    FunnelQuery,
    FunnelQueryWithLimit,
    FunnelResult,
    InsightsQuery,
    InsightsQueryWithLimit,
    InsightsResult,
    compile_funnel,
    compile_insights,
    read_funnel,
    read_insights,
    unused_measurement,
)
from mixpanel_mcp_core.session import Session

queries = Toolset("queries", "Typed queries: trends, breakdowns, formulas, funnels")

_DEFAULT_LIMIT = 3000


@queries.reads
async def query(session: Session, **query: Unpack[InsightsQueryWithLimit]) -> InsightsResult:
    """Ask for trends, totals, unique users, breakdowns and formulas over events.

    Example: {"events": [{"event": "Sign Up", "math": "unique"}], "last": 30, "unit": "week",
    "group_by": [{"property": "country"}], "where": [{"property": "plan", "operator": "equals",
    "value": "pro"}]}. Returns date, event, segment and count; `$overall` rows count across all
    segments. All problems of a query are reported together, before anything is sent. Query API:
    POST insights.
    """
    limit = query.pop("limit", None)
    params = compile_insights(query)
    result = read_insights(await _ask(session, params, limit), params)
    notes = [
        f"`{name}` was not used: it is for plain event names; put it into the event's object"
        for name in unused_measurement(query)
    ]
    return result.model_copy(update={"notes": notes})


@queries.reads
async def build_params(session: Session, **query: Unpack[InsightsQuery]) -> Compiled:
    """Compile a `query` without sending it, e.g. to save it as a report or a dashboard card.

    Takes the arguments of `query` but for `limit`. Returns the report params.
    """
    return Compiled(params=compile_insights(query))


@queries.reads
async def query_funnel(session: Session, **query: Unpack[FunnelQueryWithLimit]) -> FunnelResult:
    """Ask how many users go through a sequence of events: conversion, drop-off, time to convert.

    Example: {"steps": ["Sign Up", {"event": "Purchase"}], "conversion_window": 7, "last": 30,
    "group_by": [{"property": "platform"}]}. Returns count, step and overall conversion (0 to 1)
    and mean seconds for each step. All problems are reported together, before anything is sent.
    Query API: POST insights.
    """
    limit = query.pop("limit", None)
    params = compile_funnel(query)
    return read_funnel(await _ask(session, params, limit), params)


@queries.reads
async def build_funnel_params(session: Session, **query: Unpack[FunnelQuery]) -> Compiled:
    """Compile a `query_funnel` without sending it, e.g. to save it as a report.

    Takes the arguments of `query_funnel` but for `limit`. Returns the report params.
    """
    return Compiled(params=compile_funnel(query))


async def _ask(session: Session, params: dict[str, Any], limit: int | None) -> Any:
    body = {
        "bookmark": params,
        "project_id": int(session.project_id),
        "queryLimits": {"limit": limit or _DEFAULT_LIMIT},
    }
    return await session.query.post("insights", body)
