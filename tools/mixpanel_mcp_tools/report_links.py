"""Report links: a query as an address to share, and an address as a query again."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, cast, get_args

from pydantic import Field

from mixpanel_mcp_core.caller import given
from mixpanel_mcp_core.errors import WorkspaceScopeError
from mixpanel_mcp_core.linked_reports import check_resolved, place_of, resolve_link
from mixpanel_mcp_core.models.report_links import (
    LinkOrReport,
    LinkText,
    ReportLink,
    ResolvedReport,
    SlugCreated,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.queries import (
    FlowMode,
    FlowResult,
    FunnelResult,
    InsightsResult,
    RetentionResult,
    read_funnel,
    read_insights,
    read_retention,
)
from mixpanel_mcp_core.queries.links import check_id, linked_params, unsupported_type
from mixpanel_mcp_core.queries.params_schema import schema_problems
from mixpanel_mcp_core.queries.problems import refuse
from mixpanel_mcp_core.queries.vocabulary import ReportLinkType, SavedLinkType
from mixpanel_mcp_core.queries.words import judged_later
from mixpanel_mcp_core.questions import ask, ask_flow
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.workspaces import resolve_workspace

report_links = Toolset("report_links", "Links to reports: make them, read them, run them")

Result = InsightsResult | FunnelResult | RetentionResult | FlowResult

_READERS: Mapping[str, Callable[[object, Mapping[str, Any]], Result]] = {
    "insights": read_insights,
    "funnels": read_funnel,
    "retention": read_retention,
}

ViewId = Annotated[int, Field(description="Workspace (data view) to show the report in.")]


@report_links.writes
async def create_report_link(
    session: Session,
    params: Annotated[
        dict[str, Any],
        Field(
            description="Report params, as a build tool returns them, or a whole JSON result of "
            "query, query_funnel, query_retention or query_flow."
        ),
    ],
    report_type: Annotated[
        Annotated[ReportLinkType, judged_later],
        Field(description="Type of the report; default insights, or that of the result."),
    ]
    | None = None,
    name: Annotated[str, Field(description="Title of the report.")] = "",
    description: Annotated[str, Field(description="Text under the title.")] = "",
    workspace_id: ViewId | None = None,
    bookmark_id: Annotated[int, Field(description="Saved report that this is a variant of.")]
    | None = None,
    validate: Annotated[
        bool,
        Field(
            description="Check the params first. False lets through what Mixpanel accepts beyond "
            "that: a time_comparison, a flow's data_group_id."
        ),
    ] = True,
) -> ReportLink:
    """Turn report params into a link that opens the report in Mixpanel, without saving it.

    Returns url and slug. All problems of the params are reported together, before anything is
    sent. App API: POST bookmark-urls.
    """
    params, kind = linked_params(params, report_type)
    warnings = _checked(params, kind) if validate else []
    slug = session.slug()
    view = await _view(session) if workspace_id is None else workspace_id
    place = place_of(session).seen_through(view)
    url = place.slug_url(slug, kind)
    if bookmark_id is not None:
        check_id("bookmark_id", bookmark_id)
    told = given(name=name or None, description=description or None, bookmark_id=bookmark_id)
    body = {"slug": slug, "type": kind, "params": params, **told}
    created = await session.app.at_project.post("bookmark-urls/", SlugCreated, body)
    return ReportLink(
        url=url,
        slug=slug,
        report_type=kind,
        project_id=place.project_id,
        workspace_id=place.workspace_id,
        name=name,
        description=description,
        bookmark_id=bookmark_id,
        created_at=created.created_at,
    ).noted(*warnings)


@report_links.reads
async def saved_report_link(
    session: Session,
    bookmark_id: Annotated[int, Field(description="Id of the saved report (bookmark).")],
    report_type: Annotated[
        Annotated[SavedLinkType, judged_later], Field(description="Type of the saved report.")
    ] = "insights",
    workspace_id: ViewId | None = None,
) -> str:
    """Tell the address of a saved report in Mixpanel, without asking whether it exists.

    Returns the URL. No request is made.
    """
    return place_of(session).seen_through(workspace_id).bookmark_url(bookmark_id, report_type)


@report_links.reads
async def resolve_report_link(session: Session, link: LinkText) -> ResolvedReport:
    """Tell which report a link stands for: its type, params, name and canonical URL.

    Knows slugs, addresses of reports and short links, of the session's own project. Refuses
    dashboards; the error says what to do instead. App API: GET bookmark-urls/{slug} or GET
    bookmarks/{id}.
    """
    return await resolve_link(session, link)


@report_links.reads
async def query_report_link(
    session: Session,
    link: LinkOrReport,
    mode: Annotated[
        FlowMode,
        Field(
            description="For flows: how to read them. Default the chart type if that is a mode, "
            "else sankey."
        ),
    ]
    | None = None,
) -> Result:
    """Run the report that a link stands for, in the workspace that the link names.

    Returns what query, query_funnel, query_retention or query_flow returns. Query API: POST
    insights or POST arb_funnels.
    """
    if isinstance(link, str):
        report = await resolve_link(session, link)
    else:
        report = link
        check_resolved(report, session)
    result = await _run(session.in_workspace(report.workspace_id), report, mode)
    return result.noted(*_notes(session, report, mode))


async def _run(session: Session, report: ResolvedReport, mode: FlowMode | None) -> Result:
    """The result of a report, asked in this very workspace or in none."""
    if report.report_type == "flows":
        return await ask_flow(session, report.params, mode or _charted(report.params))
    if read := _READERS.get(report.report_type):
        return read(await ask(session, report.params), report.params)
    raise unsupported_type(report.report_type)


def _charted(params: Mapping[str, Any]) -> FlowMode:
    """The mode that a flow's chart type is the name of; how its paths were merged is not asked."""
    chart = params.get("chartType")
    return cast("FlowMode", chart) if chart in get_args(FlowMode) else "sankey"


def _notes(session: Session, report: ResolvedReport, mode: FlowMode | None) -> list[str]:
    told = {
        f"asked in workspace {report.workspace_id or 'none'}, that of the link": (
            report.workspace_id != session.scope.workspace_id
        ),
        "`mode` was not used: it is for flows": mode is not None and report.report_type != "flows",
    }
    return [*report.notes, *(text for text, holds in told.items() if holds)]


def _checked(params: Mapping[str, Any], report_type: str) -> list[str]:
    """Refuse params with errors; what is only warned of comes back in words."""
    problems = list(schema_problems(params, report_type))
    refuse(problems)
    return [f"{problem.path}: {problem.message}" for problem in problems]


async def _view(session: Session) -> int | None:
    """The workspace that a link opens in, None where the project shows none."""
    try:
        return await resolve_workspace(session)
    except WorkspaceScopeError:
        return None
