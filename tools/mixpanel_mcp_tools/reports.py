"""Reports: saved queries (bookmarks), which stand on dashboards and are run by their id."""

from collections.abc import Mapping
from typing import Annotated, Any, Unpack

from pydantic import Field

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.models.dashboards import BookmarkId
from mixpanel_mcp_core.models.reports import (
    Bookmark,
    BookmarkChanges,
    BookmarkHistoryResponse,
    BookmarkIds,
    BookmarkType,
    BulkUpdateBookmarkEntry,
    NewBookmark,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.outcome import read, unwrap
from mixpanel_mcp_core.queries.params_schema import schema_problems
from mixpanel_mcp_core.queries.problems import refuse
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.dashboards import place_report

reports = Toolset("reports", "Saved reports (bookmarks): make, read, change, delete; their history")

_VERSION = 2
# What the build tools write and Mixpanel runs, beyond the schema of saved reports.
_BUILT = ("displayOptions.timeComparison", "data_group_id")


@reports.reads
async def list_bookmarks_v2(
    session: Session,
    bookmark_type: Annotated[BookmarkType, Field(description="Only reports of this type.")]
    | None = None,
    ids: BookmarkIds | None = None,
) -> list[Bookmark]:
    """List the project's saved reports with type, dashboard and owner.

    Narrow by type or to some ids. query_saved_report runs one. App API: GET bookmarks.
    """
    query = {"v": _VERSION, "type": bookmark_type, "ids": ids or None}
    return read(unwrap(await session.app.raw("GET", "bookmarks", query)), list[Bookmark])


@reports.writes
async def create_bookmark(session: Session, **bookmark: Unpack[NewBookmark]) -> Bookmark:
    """Save a report and put it on a dashboard; `dashboard_id` is needed.

    `params` are what build_params, build_funnel_params, build_retention_params or
    build_flow_params return for the type. All problems of the params are reported together,
    before anything is sent. Returns the report with its id, by which query_saved_report runs it.
    An error about the dashboard comes after the report was saved. App API: POST bookmarks, PATCH
    dashboards/{id}.
    """
    body: dict[str, Any] = {**bookmark}
    body["type"] = body.pop("bookmark_type")
    if (dashboard_id := body.get("dashboard_id")) is None:
        raise MixpanelError(
            "dashboard_id: a report is saved on a dashboard. Give the id of one, from "
            "list_dashboards or create_dashboard."
        )
    _check(body["params"], body["type"])
    saved = await session.app.post("bookmarks", Bookmark, {**body, "v": _VERSION})
    await place_report(session, dashboard_id, saved.id)
    return saved


@reports.reads
async def get_bookmark(session: Session, bookmark_id: BookmarkId) -> Bookmark:
    """Fetch one saved report with the params of its query.

    404 when there is none. App API: GET bookmarks/{id}.
    """
    return await session.app.get(f"bookmarks/{bookmark_id}", Bookmark, v=_VERSION)


@reports.destroys(idempotent=True)
async def update_bookmark(
    session: Session, bookmark_id: BookmarkId, **changes: Unpack[BookmarkChanges]
) -> Bookmark:
    """Change a saved report's title, text, query, dashboard or sharing.

    What is not given stays; `params` replaces the whole query, and its sections and
    displayOptions are checked before anything is sent. Returns the report. App API: PATCH
    bookmarks/{id}.
    """
    _check(changes.get("params", {}))
    body = {**changes, "v": _VERSION}
    return await session.app.patch(f"bookmarks/{bookmark_id}", Bookmark, body)


@reports.destroys(idempotent=True)
async def delete_bookmark(session: Session, bookmark_id: BookmarkId) -> None:
    """Delete a saved report for good, and its card with it.

    App API: DELETE bookmarks/{id}.
    """
    await session.app.delete(f"bookmarks/{bookmark_id}")


@reports.destroys(idempotent=True)
async def bulk_delete_bookmarks(session: Session, ids: BookmarkIds) -> None:
    """Delete several saved reports for good, and their cards with them.

    App API: POST bookmarks/bulk-delete.
    """
    await session.app.raw("POST", "bookmarks/bulk-delete", {}, {"bookmark_ids": ids})


@reports.writes(idempotent=True)
async def bulk_update_bookmarks(
    session: Session,
    entries: Annotated[
        list[BulkUpdateBookmarkEntry], Field(description="One entry for each report to change.")
    ],
) -> None:
    """Change titles, texts, queries or sharing of several saved reports at once.

    What an entry does not give stays; params are not checked. App API: POST
    bookmarks/bulk-update.
    """
    await session.app.raw("POST", "bookmarks/bulk-update", {}, {"bookmarks": entries})


@reports.reads
async def bookmark_linked_dashboard_ids(session: Session, bookmark_id: BookmarkId) -> list[int]:
    """List the ids of the dashboards that a saved report is linked into.

    App API: GET bookmarks/{id}/linked-dashboard-ids.
    """
    return await session.app.get(f"bookmarks/{bookmark_id}/linked-dashboard-ids", list[int])


@reports.reads
async def get_bookmark_history(
    session: Session,
    bookmark_id: BookmarkId,
    cursor: Annotated[str, Field(description="pagination.next_cursor of the page before.")]
    | None = None,
    page_size: Annotated[int, Field(description="Most changes to return.")] | None = None,
) -> BookmarkHistoryResponse:
    """Read who changed a saved report, when and what, page by page.

    Returns results and, where there is more, pagination.next_cursor. App API: GET
    bookmarks/{id}/history.
    """
    query = {"cursor": cursor or None, "page_size": page_size}
    answer = await session.app.raw("GET", f"bookmarks/{bookmark_id}/history", query)
    paged = isinstance(answer, dict) and "results" in answer
    return read(answer if paged else {"results": answer}, BookmarkHistoryResponse)


def _check(params: Mapping[str, Any], report_type: str | None = None) -> None:
    """Refuse params that are wrong; without a type only the parts that all types share count."""
    problems = schema_problems(params, report_type)
    refuse(problem for problem in problems if problem.path not in _BUILT)
