"""Work that Mixpanel has no single request for: boards and reports out of queries, one search."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from mixpanel_mcp_core.charts import chart_of, origin
from mixpanel_mcp_core.charts.palette import Theme
from mixpanel_mcp_core.charts.pictures import Picture, library, png_of
from mixpanel_mcp_core.entity_search import ranked
from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.lookup_rows import csv_text
from mixpanel_mcp_core.models.across import AcrossTargets
from mixpanel_mcp_core.models.compositions import (
    ENTITY_KINDS,
    Card,
    CardRow,
    DrawnTool,
    EntityKind,
    Found,
    QueryArguments,
    QueryName,
    QueryTool,
    SearchResult,
)
from mixpanel_mcp_core.models.dashboards import Dashboard, DashboardId
from mixpanel_mcp_core.models.governance.lookup_tables import (
    LookupTable,
    ReplacedTable,
    TableName,
)
from mixpanel_mcp_core.models.reports import Bookmark
from mixpanel_mcp_core.models.results import SqlAnswer
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.placing import placed
from mixpanel_mcp_core.problems import unfit
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.together import all_of
from mixpanel_mcp_tools.governance.lookup_tables import get_lookup_upload_url, upload_rows

compositions = Toolset(
    "compositions",
    "Boards, reports, tables and pictures out of what a call says; one search over all",
)

# What compiles a query, and the type of report that it becomes.
_COMPILED: Mapping[QueryTool, tuple[str, str]] = {
    "query": ("build_params", "insights"),
    "query_funnel": ("build_funnel_params", "funnels"),
    "query_retention": ("build_retention_params", "retention"),
    "query_flow": ("build_flow_params", "flows"),
}
_LISTS: Mapping[EntityKind, str] = {
    "dashboard": "list_dashboards",
    "report": "list_bookmarks_v2",
    "cohort": "list_cohorts_full",
    "metric": "list_metrics",
    "behavior": "list_behaviors",
    "flag": "list_feature_flags",
    "experiment": "list_experiments",
}


@compositions.writes
async def create_board(
    session: Session,
    title: Annotated[str, Field(min_length=1, description="Title, e.g. 'Launch'.")],
    rows: Annotated[list[CardRow], Field(min_length=1, description="Rows, top to bottom.")],
    description: Annotated[str, Field(description="Text under the title.")] | None = None,
    is_private: Annotated[bool, Field(description="Only its creator sees it.")] | None = None,
) -> Dashboard:
    """Create a dashboard whose cards are queries, asked as the query tools ask them, or text.

    Example: {"title": "Launch", "rows": [{"cards": [{"text": "<h2>Launch</h2>"}]}, {"cards":
    [{"title": "Orders", "tool": "query", "arguments": {"events": "Order Completed", "unit":
    "week"}}]}]}. Returns the dashboard with its id. App API: POST dashboards.
    """
    contents = [
        {
            "contents": [
                await _content(session, card, f"rows[{row}].cards[{column}]")
                for column, card in enumerate(each["cards"])
            ]
        }
        for row, each in enumerate(rows)
    ]
    board = {
        "title": title,
        "description": description,
        "is_private": is_private,
        "rows": contents,
    }
    return await session.app.post("dashboards", Dashboard, board)


@compositions.writes
async def save_query(
    session: Session,
    name: Annotated[str, Field(min_length=1, description="Title of the report.")],
    tool: QueryName,
    arguments: QueryArguments,
    dashboard_id: DashboardId,
    description: Annotated[str, Field(description="Text under the title.")] | None = None,
) -> Bookmark:
    """Save a query as a report on a dashboard, from the very arguments that it was asked with.

    Problems of the query are told before anything is sent. Returns the report with its id and type,
    by which query_saved_report runs it. App API: POST bookmarks, PATCH dashboards/{id}.
    """
    kind, params = await _compiled(session, tool, arguments, "arguments")
    report = {
        "name": name,
        "bookmark_type": kind,
        "params": params,
        "dashboard_id": dashboard_id,
        "description": description,
    }
    return await session.run("create_bookmark", report)


@compositions.reads
async def draw_chart(
    session: Session,
    tool: Annotated[DrawnTool, Field(description="The query tool whose answer is drawn.")],
    arguments: QueryArguments,
    theme: Annotated[Theme, Field(description="Colours. Default light.")] | None = None,
) -> Picture:
    """Draw the answer of a query as a picture (PNG): lines, bars, a funnel, a heat map or a Sankey.

    For clients without MCP Apps: where charts are shown in the chat, the query tools themselves
    bring them. Runs the query with its very arguments, e.g. {"tool": "query", "arguments":
    {"events": "Sign Up", "last": 28}}; query_result draws what SQL says of a kept result, by its
    dates or names and numbers. Returns an image, and one line on what it shows; the numbers are in
    the answer of the query. Profiles are no chart. Needs the extra mixpanel-mcp[charts].
    Query API: POST insights, POST arb_funnels or what the tool asks.
    """
    library()
    found = await session.run(tool, arguments)
    chart = chart_of(found)
    if chart is None:
        message = f"This answer of {tool} is no chart: call {tool} itself to read it."
        raise MixpanelError(message, code="NO_CHART")
    source = _source(session, found)
    # Around the picture the answer tells the hints itself.
    noted = replace(chart, notes=[*chart.notes, *session.hints])
    png = await asyncio.to_thread(png_of, noted, origin(source), theme or "light")
    words = [chart.title, chart.period, *chart.notes]
    return Picture(words=" · ".join(filter(None, words)), png=png, origin=source)


def _source(session: Session, found: Any) -> dict[str, Any] | None:
    """Where numbers came from, which need not be where the session is; None where from several."""
    if isinstance(found, SqlAnswer):
        return found.origin
    return None if isinstance(found, AcrossTargets) else session.source()


@compositions.destroys(open_world=True)
async def upload_lookup_rows(
    session: Session,
    name: TableName,
    columns: Annotated[
        list[str],
        Field(min_length=2, description="Unique names; the first column is the key."),
    ],
    rows: Annotated[
        list[list[str]],
        Field(min_length=1, description="Values in the columns' order; keys unique, not empty."),
    ],
    data_group_id: ReplacedTable | None = None,
) -> LookupTable:
    """Make a lookup table of the rows given here, or replace all rows of one.

    The same as upload_lookup_table, without a file. Replacing changes past results too. Rows are
    checked before anything is sent. Returns the table with its id. App API: POST
    data-definitions/lookup-tables/.
    """
    text = csv_text(columns, rows)
    place = await get_lookup_upload_url(session)
    return await upload_rows(session, place, name, text.encode(), data_group_id)


@compositions.reads
async def search_entities(
    session: Session,
    words: Annotated[str, Field(min_length=1, description="Part of a name, e.g. 'checkout'.")],
    kinds: Annotated[list[EntityKind], Field(description="Only these kinds.")] | None = None,
    limit: Annotated[int, Field(ge=1, le=100, description="Most to return.")] = 20,
) -> SearchResult:
    """Find dashboards, reports, cohorts, metrics, behaviors, flags and experiments by their name.

    Also by description. Returns kind, id, name, type, owner and date, best match first. A kind that
    cannot be listed is told, and the others are searched. App API: GET dashboards, bookmarks,
    cohorts, metrics, behaviors, feature-flags, experiments.
    """
    wanted: list[EntityKind] = [kind for kind in ENTITY_KINDS if kinds is None or kind in kinds]
    listed = await all_of(_listed(session, kind) for kind in wanted)
    found: list[Found] = []
    refused: dict[str, str] = {}
    for kind, answer in zip(wanted, listed, strict=True):
        if isinstance(answer, MixpanelError):
            refused[kind] = answer.message
        else:
            found += ranked(kind, answer, words)
    if len(refused) == len(wanted):
        raise MixpanelError(f"Nothing could be searched: {'; '.join(refused.values())}")
    best = sorted(found, key=lambda each: (-each.match, each.name.lower()))
    return SearchResult(found=best[:limit], total=len(best), not_searched=refused)


async def _content(session: Session, card: Card, place: str) -> dict[str, Any]:
    """One card as a dashboard's rows have it."""
    text, tool, arguments = card.get("text"), card.get("tool"), card.get("arguments")
    if (text is None) == (tool is None):
        raise unfit(place, "give either text, or tool with arguments")
    if tool is None:
        return {"content_type": "text", "content_params": {"markdown": text}}
    kind, params = await _compiled(session, tool, arguments or {}, f"{place}.arguments")
    title = card.get("title") or tool.replace("_", " ").capitalize()
    bookmark = {"name": title, "type": kind, "params": json.dumps(params, ensure_ascii=False)}
    return {"content_type": "report", "content_params": {"bookmark": bookmark}}


async def _compiled(
    session: Session, tool: QueryTool, arguments: Mapping[str, Any], place: str
) -> tuple[str, dict[str, Any]]:
    """The type of a report and its params; errors are told of the place."""
    builder, kind = _COMPILED[tool]
    try:
        return kind, (await session.run(builder, arguments)).params
    except MixpanelError as error:
        raise placed(error, place) from None


async def _listed(session: Session, kind: EntityKind) -> list[Any] | MixpanelError:
    try:
        return await session.run(_LISTS[kind], {})
    except MixpanelError as error:
        return error
