"""The typed queries: composed from typed parts, compiled, sent, read back."""

from typing import Annotated, Any, Unpack

from pydantic import Field

from mixpanel_mcp_core.fields import ReportParams, ResultLimit, WorkspaceId
from mixpanel_mcp_core.models.queries import Compiled
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.pages import read_pages
from mixpanel_mcp_core.queries import (
    FlowMode,
    FlowQuery,
    FlowResult,
    FunnelQuery,
    FunnelQueryWithLimit,
    FunnelResult,
    InsightsQuery,
    InsightsQueryWithLimit,
    InsightsResult,
    Paging,
    RetentionQuery,
    RetentionQueryWithLimit,
    RetentionResult,
    UserLimit,
    UserQuery,
    UserResult,
    aggregate_body,
    check_paging,
    compile_flow,
    compile_funnel,
    compile_insights,
    compile_retention,
    compile_user,
    flow_mode,
    paging_of,
    read_aggregate,
    read_funnel,
    read_insights,
    read_profiles,
    read_retention,
    unused_measurement,
    unused_values,
)
from mixpanel_mcp_core.queries.words import Whole
from mixpanel_mcp_core.questions import ask, ask_flow
from mixpanel_mcp_core.session import Session

queries = Toolset("queries", "Typed queries: insights, funnels, retention, flows, users")


@queries.reads
async def query(session: Session, **query: Unpack[InsightsQueryWithLimit]) -> InsightsResult:
    """Ask for trends, totals, unique users, sums, breakdowns and formulas over events.

    Example: {"events": [{"event": "Sign Up", "math": "unique"}], "last": 30, "unit": "week",
    "group_by": [{"property": "country"}], "where": [{"property": "plan", "operator": "equals",
    "value": "pro"}]}. A sum is math "total" with property. A rate is two events and "formula":
    "B / A". An event may also be {"cohort": 12}, {"funnel": {"steps": ["A", "B"]}} or {"metric_id":
    7}; a property {"formula": "A * B", "inputs": {"A": {"name": "price", "type": "number"}, ...}};
    a cohort {"all_of": [{"criterion": "did_event", "event": "Buy", "at_least": 2, "within_days":
    30}]}. Returns date, event, segment and count, beside the other period with time_comparison;
    `$overall` rows count across all segments. Query API: POST insights.
    """
    limit = query.pop("limit", None)
    params = compile_insights(query, today=session.today())
    result = read_insights(await ask(session, params, limit), params)
    notes = [
        f"`{name}` was not used: it is for plain event names; put it into the event's object"
        for name in unused_measurement(query)
    ]
    return result.noted(*notes)


@queries.reads
async def build_params(session: Session, **query: Unpack[InsightsQuery]) -> Compiled:
    """Compile a `query` without sending it, e.g. to save it as a report or a dashboard card.

    Takes the arguments of `query` but for `limit`. Returns the report params.
    """
    return Compiled(params=compile_insights(query, today=session.today()))


@queries.reads
async def query_funnel(session: Session, **query: Unpack[FunnelQueryWithLimit]) -> FunnelResult:
    """Ask how many users go through a sequence of events: conversion, drop-off, time to convert.

    Example: {"steps": [{"event": "Sign Up"}, {"event": "Purchase"}], "conversion_window": 7,
    "last": 30, "group_by": [{"property": "platform"}]}. Returns count, step and overall conversion
    (0 to 1) and mean seconds for each step, of each segment too; mode "trends" those of each
    `unit`. Query API: POST insights.
    """
    limit = query.pop("limit", None)
    params = compile_funnel(query, today=session.today())
    return read_funnel(await ask(session, params, limit), params)


@queries.reads
async def build_funnel_params(session: Session, **query: Unpack[FunnelQuery]) -> Compiled:
    """Compile a `query_funnel` without sending it, e.g. to save it as a report.

    Takes the arguments of `query_funnel` but for `limit`. Returns the report params.
    """
    return Compiled(params=compile_funnel(query, today=session.today()))


@queries.reads
async def query_retention(
    session: Session, **query: Unpack[RetentionQueryWithLimit]
) -> RetentionResult:
    """Ask how many users come back: retention of those who did one event, by later weeks or days.

    Example: {"born_event": {"event": "Sign Up"}, "return_event": {"event": "Session Opened"},
    "retention_unit": "week", "unit": "week", "last": 90, "group_by": [{"property": "platform"}]}.
    Returns a grid: a row for each cohort of `unit` with its size, a column for each
    `retention_unit` since the born event, rates from 0 to 1, averages first. "$any_event" counts
    any return. Query API: POST insights.
    """
    limit = query.pop("limit", None)
    params = compile_retention(query, today=session.today())
    return read_retention(await ask(session, params, limit), params)


@queries.reads
async def build_retention_params(session: Session, **query: Unpack[RetentionQuery]) -> Compiled:
    """Compile a `query_retention` without sending it, e.g. to save it as a report.

    Takes the arguments of `query_retention` but for `limit`. Returns the report params.
    """
    return Compiled(params=compile_retention(query, today=session.today()))


@queries.reads
async def query_flow(session: Session, **query: Unpack[FlowQuery]) -> FlowResult:
    """Ask what users do before and after an event: next steps, whole paths, where they drop off.

    Example: {"event": [{"event": "Sign Up"}], "forward": 3, "mode": "paths", "last": 30,
    "hidden_events": ["Page View"]}. Mode sankey returns how many go from each event to the next,
    their share, and the drop-off of each step; paths returns whole paths with counts; tree what
    follows what. Steps count from 0, the earliest, also with reverse. Query API: POST arb_funnels.
    """
    params = compile_flow(query, today=session.today())
    return await ask_flow(session, params, flow_mode(params))


@queries.reads
async def build_flow_params(session: Session, **query: Unpack[FlowQuery]) -> Compiled:
    """Compile a `query_flow` without sending it, e.g. to save it as a report.

    Takes the arguments of `query_flow`. Returns the report params, for `run_flow_params` too.
    """
    return Compiled(params=compile_flow(query, today=session.today()))


@queries.reads
async def query_user(session: Session, **query: Unpack[UserQuery]) -> UserResult:
    """Ask for user profiles, or for a count, extremes, percentile or summary over them.

    Example: {"mode": "profiles", "where": [{"property": "plan", "operator": "equals",
    "value": "pro"}], "output_properties": ["$email", "ltv"], "sort_by": "ltv", "limit": 20};
    without arguments the number of all users. Returns distinct_id, last_seen and the properties of
    each profile; or metric and value, with segment_by one row for each cohort. Filters know no
    starts_with, ends_with, list_contains or not_in_cohort. Query API: POST engage/ or POST
    engage/stats.
    """
    params = compile_user(query, today=session.today())
    result = await _ask_users(session, params, paging_of(query))
    notes = [
        f"filter on {name!r}: values that are no text and no number were not compared"
        for name in unused_values(query)
    ]
    return result.noted(*notes)


@queries.reads
async def build_user_params(session: Session, **query: Unpack[UserQuery]) -> Compiled:
    """Compile a `query_user` without sending it, to see its selector or to run it later.

    Takes the arguments of `query_user`. Returns the params that `run_user_params` runs.
    """
    return Compiled(params=compile_user(query, today=session.today()))


@queries.reads
async def run_params(
    session: Session,
    params: ReportParams,
    limit: ResultLimit | None = None,
    workspace_id: WorkspaceId | None = None,
) -> InsightsResult:
    """Run the params of an insights report, e.g. of `build_params` or of a saved report.

    The params are sent as they are; Mixpanel refuses what it does not understand. Returns what
    `query` returns. Query API: POST insights.
    """
    return read_insights(await ask(session, params, limit, workspace_id), params)


@queries.reads
async def run_funnel_params(
    session: Session,
    params: ReportParams,
    limit: ResultLimit | None = None,
    workspace_id: WorkspaceId | None = None,
) -> FunnelResult:
    """Run the params of a funnel report, e.g. of `build_funnel_params` or of a saved report.

    The params are sent as they are; Mixpanel refuses what it does not understand. Returns what
    `query_funnel` returns. Query API: POST insights.
    """
    return read_funnel(await ask(session, params, limit, workspace_id), params)


@queries.reads
async def run_retention_params(
    session: Session,
    params: ReportParams,
    limit: ResultLimit | None = None,
    workspace_id: WorkspaceId | None = None,
) -> RetentionResult:
    """Run the params of a retention report, e.g. of `build_retention_params` or of a saved one.

    The params are sent as they are; Mixpanel refuses what it does not understand. Returns what
    `query_retention` returns. Query API: POST insights.
    """
    return read_retention(await ask(session, params, limit, workspace_id), params)


@queries.reads
async def run_flow_params(
    session: Session,
    params: ReportParams,
    mode: Annotated[
        FlowMode, Field(description="How to read them; default as the params were built")
    ]
    | None = None,
    workspace_id: WorkspaceId | None = None,
) -> FlowResult:
    """Run the params of a flow report, e.g. of `build_flow_params` or of a saved report.

    Example: {"params": {"steps": [{"event": "Sign Up", "step_label": "Sign Up", "forward": 3,
    "reverse": 0, "bool_op": "and", "property_filter_params_list": []}], "date_range": {"type":
    "in the last", "from_date": {"unit": "day", "value": 30}, "to_date": "$now"}, "chartType":
    "sankey", "flows_merge_type": "graph", "count_type": "unique", "cardinality_threshold": 3,
    "version": 2, "conversion_window": {"unit": "day", "value": 7}}}. The params are sent as they
    are; what Mixpanel does not understand it refuses. Returns what `query_flow` returns.
    Query API: POST arb_funnels.
    """
    return await ask_flow(session, params, mode or flow_mode(params), workspace_id)


@queries.reads
async def run_user_params(
    session: Session,
    params: Annotated[
        dict[str, Any],
        Field(description="Params of build_user_params; with an action, one figure is computed"),
    ],
    limit: Annotated[
        UserLimit,
        Field(description="Most profiles, null, or a number above their count, for all"),
    ] = 1,
    parallel: Annotated[bool, Field(description="Read several pages at once")] = False,
    workers: Annotated[Whole, Field(description="Pages at once, 1 to 5")] = 5,
) -> UserResult:
    """Run params from `build_user_params`, also after changing them by hand.

    Example: {"params": {"where": "defined(properties[\\"$email\\"])", "action": "count()"}}. The
    params are not checked: Mixpanel refuses what it does not understand. Returns what `query_user`
    returns. Query API: POST engage/ or POST engage/stats.
    """
    paging = Paging(None if limit == "all" else limit, parallel, workers)
    check_paging(paging)
    return await _ask_users(session, params, paging)


async def _ask_users(session: Session, params: dict[str, Any], paging: Paging) -> UserResult:
    if "action" in params:
        body = aggregate_body(params, session.project_id)
        answer = await session.query.post("engage/stats", body, in_query=True)
        return read_aggregate(answer, params, session.now())
    profiles, meta, population = await read_pages(session, params, paging)
    return read_profiles(profiles, params, meta, population, session.now())
