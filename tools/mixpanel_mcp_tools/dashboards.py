"""Dashboards: boards of report and text cards."""

from typing import Annotated, Any, Unpack

from pydantic import Field

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.models.dashboards import (
    BlueprintCard,
    BlueprintConfig,
    BlueprintTemplate,
    BookmarkId,
    Dashboard,
    DashboardChanges,
    DashboardId,
    JsonObject,
    NewDashboard,
    RcaSourceData,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.outcome import read
from mixpanel_mcp_core.session import Session

dashboards = Toolset("dashboards", "Dashboards: cards, layout, favourites, pins, blueprints")

DashboardIds = Annotated[list[int], Field(description="Dashboard ids.")]


@dashboards.reads
async def list_dashboards(session: Session, ids: DashboardIds | None = None) -> list[Dashboard]:
    """List the project's dashboards with title, owner and dates.

    Give `ids` to fetch only these. Cards come with get_dashboard. App API: GET dashboards.
    """
    return await session.app.get("dashboards", list[Dashboard], ids=ids or None)


@dashboards.writes
async def create_dashboard(session: Session, **dashboard: Unpack[NewDashboard]) -> Dashboard:
    """Create a dashboard, empty or with rows of report and text cards.

    A report card holds a bookmark whose `params` are the JSON text of build_params. Returns the
    dashboard with its id. App API: POST dashboards.
    """
    return await session.app.post("dashboards", Dashboard, dashboard)


@dashboards.reads
async def get_dashboard(session: Session, dashboard_id: DashboardId) -> Dashboard:
    """Fetch one dashboard with its layout and cards.

    404 when there is none. App API: GET dashboards/{id}.
    """
    return await session.app.get(f"dashboards/{dashboard_id}", Dashboard)


@dashboards.destroys
async def update_dashboard(
    session: Session, dashboard_id: DashboardId, **changes: Unpack[DashboardChanges]
) -> Dashboard:
    """Change a dashboard's title, description, sharing, filters, layout or cards.

    What is not given stays. `layout` replaces the whole layout; `content` adds, changes or removes
    one card. Returns the dashboard. App API: PATCH dashboards/{id}.
    """
    return await session.app.patch(f"dashboards/{dashboard_id}", Dashboard, changes)


@dashboards.destroys(idempotent=True)
async def delete_dashboard(session: Session, dashboard_id: DashboardId) -> None:
    """Delete a dashboard for good.

    App API: DELETE dashboards/{id}.
    """
    await session.app.delete(f"dashboards/{dashboard_id}")


@dashboards.destroys(idempotent=True)
async def bulk_delete_dashboards(session: Session, ids: DashboardIds) -> None:
    """Delete several dashboards for good.

    App API: POST dashboards/bulk-delete.
    """
    await session.app.raw("POST", "dashboards/bulk-delete", {}, {"dashboard_ids": ids})


@dashboards.writes(idempotent=True)
async def favorite_dashboard(session: Session, dashboard_id: DashboardId) -> None:
    """Mark a dashboard as a favourite of the account's user.

    App API: POST dashboards/{id}/favorites.
    """
    await session.app.raw("POST", f"dashboards/{dashboard_id}/favorites", {})


@dashboards.writes(idempotent=True)
async def unfavorite_dashboard(session: Session, dashboard_id: DashboardId) -> None:
    """Take a dashboard off the favourites of the account's user.

    App API: DELETE dashboards/{id}/favorites.
    """
    await session.app.delete(f"dashboards/{dashboard_id}/favorites")


@dashboards.writes(idempotent=True)
async def pin_dashboard(session: Session, dashboard_id: DashboardId) -> None:
    """Pin a dashboard to the top of everybody's list.

    App API: POST dashboards/{id}/pin.
    """
    await session.app.raw("POST", f"dashboards/{dashboard_id}/pin", {})


@dashboards.writes(idempotent=True)
async def unpin_dashboard(session: Session, dashboard_id: DashboardId) -> None:
    """Unpin a dashboard from the top of everybody's list.

    App API: DELETE dashboards/{id}/pin.
    """
    await session.app.delete(f"dashboards/{dashboard_id}/pin")


@dashboards.destroys(idempotent=True)
async def remove_report_from_dashboard(
    session: Session, dashboard_id: DashboardId, bookmark_id: BookmarkId
) -> Dashboard:
    """Remove a report card from a dashboard.

    Returns the dashboard without it. App API: PATCH dashboards/{id}.
    """
    action = {"action": "delete", "content_type": "report", "content_id": bookmark_id}
    return await session.app.patch(f"dashboards/{dashboard_id}", Dashboard, {"content": action})


@dashboards.writes
async def add_report_to_dashboard(
    session: Session, dashboard_id: DashboardId, bookmark_id: BookmarkId
) -> Dashboard:
    """Add a saved report to a dashboard as a card of its own.

    Mixpanel copies the report. Returns the dashboard with it. App API: PATCH dashboards/{id}.
    """
    return read(await place_report(session, dashboard_id, bookmark_id), Dashboard)


async def place_report(session: Session, dashboard_id: int, bookmark_id: int) -> JsonObject:
    """Put a saved report on a dashboard; the answer, of which only the id is certain."""
    source = {"source_bookmark_id": bookmark_id}
    action = {"action": "create", "content_type": "report", "content_params": source}
    body = {"content": action}
    answer = await session.app.raw("PATCH", f"dashboards/{dashboard_id}", {}, body)
    if not isinstance(answer, dict) or "id" not in answer:
        raise MixpanelError("Mixpanel did not say which dashboard the report was added to.")
    return answer  # pyright: ignore[reportUnknownVariableType]


@dashboards.reads
async def list_blueprint_templates(
    session: Session,
    include_reports: Annotated[bool, Field(description="Add each template's reports.")] = False,
) -> list[BlueprintTemplate]:
    """List the templates that create_blueprint can make a dashboard from.

    App API: GET dashboards/blueprints-all.
    """
    answer = await session.app.raw(
        "GET", "dashboards/blueprints-all", {"include_reports": include_reports or None}
    )
    templates: Any = answer.get("templates") if isinstance(answer, dict) else answer  # pyright: ignore
    if isinstance(templates, dict):
        named: dict[str, Any] = templates  # pyright: ignore[reportUnknownVariableType]
        templates = [{"name": k, **v} for k, v in named.items() if isinstance(v, dict)]
    return read(templates, list[BlueprintTemplate])


@dashboards.writes
async def create_blueprint(
    session: Session,
    template_type: Annotated[str, Field(description="Template name, e.g. 'product_analytics'.")],
) -> Dashboard:
    """Create a dashboard from a template; finalize_blueprint completes it.

    Returns the dashboard with its id. App API: POST dashboards/blueprints.
    """
    body = {"template_type": template_type}
    return await session.app.post("dashboards/blueprints", Dashboard, body)


@dashboards.reads
async def get_blueprint_config(session: Session, dashboard_id: DashboardId) -> BlueprintConfig:
    """Fetch the variables that a blueprint dashboard asks for.

    App API: GET dashboards/{id}/blueprint-config.
    """
    return await session.app.get(f"dashboards/{dashboard_id}/blueprint-config", BlueprintConfig)


@dashboards.destroys(idempotent=True)
async def update_blueprint_cohorts(
    session: Session,
    cohorts: Annotated[list[JsonObject], Field(description="Cohorts, e.g. {'id', 'name'}.")],
) -> None:
    """Replace the cohorts that blueprints use.

    App API: PUT dashboards/blueprints/cohorts.
    """
    await session.app.raw("PUT", "dashboards/blueprints/cohorts", {}, {"cohorts": cohorts})


@dashboards.writes
async def finalize_blueprint(
    session: Session,
    dashboard_id: DashboardId,
    cards: Annotated[list[BlueprintCard], Field(description="Cards of the finished board.")],
) -> Dashboard:
    """Finish a blueprint dashboard with its cards.

    Returns the dashboard. App API: POST dashboards/blueprints/finish.
    """
    body = {"dashboard_id": dashboard_id, "cards": cards}
    return await session.app.post("dashboards/blueprints/finish", Dashboard, body)


@dashboards.writes
async def create_rca_dashboard(
    session: Session,
    rca_source_id: Annotated[int, Field(description="Id of the anomaly or metric.")],
    rca_source_data: Annotated[RcaSourceData, Field(description="What to explain.")],
) -> Dashboard:
    """Create a root-cause dashboard for an anomaly or a metric.

    Returns the dashboard. App API: POST dashboards/rca.
    """
    body = {"rca_source_id": rca_source_id, "rca_source_data": rca_source_data}
    return await session.app.post("dashboards/rca", Dashboard, body)


@dashboards.reads
async def get_bookmark_dashboard_ids(session: Session, bookmark_id: BookmarkId) -> list[int]:
    """List the ids of the dashboards that show a saved report.

    App API: GET dashboards/bookmarks/{id}/dashboard-ids.
    """
    return await session.app.get(f"dashboards/bookmarks/{bookmark_id}/dashboard-ids", list[int])


@dashboards.reads
async def get_dashboard_erf(session: Session, dashboard_id: DashboardId) -> JsonObject:
    """Fetch the experiment results of a dashboard.

    Returns Mixpanel's object as it is. App API: GET dashboards/{id}/erf.
    """
    return await session.app.get(f"dashboards/{dashboard_id}/erf", JsonObject)


@dashboards.writes(idempotent=True)
async def update_report_link(
    session: Session,
    dashboard_id: DashboardId,
    report_link_id: Annotated[int, Field(description="Report link id, from get_dashboard.")],
    link_type: Annotated[str, Field(description="How the report is linked, e.g. 'embedded'.")],
    **further: Any,
) -> None:
    """Change how a dashboard links a report; further arguments are sent as they are.

    App API: PATCH dashboards/{id}/report-links/{report_link_id}.
    """
    path = f"dashboards/{dashboard_id}/report-links/{report_link_id}"
    await session.app.raw("PATCH", path, {}, {"type": link_type, **further})


@dashboards.writes(idempotent=True)
async def update_text_card(
    session: Session,
    dashboard_id: DashboardId,
    text_card_id: Annotated[int, Field(description="Text card id, from get_dashboard.")],
    markdown: Annotated[str, Field(description="New text, Markdown or HTML.")] | None = None,
    **further: Any,
) -> None:
    """Change the text of a text card; further arguments are sent as they are.

    App API: PATCH dashboards/{id}/text-cards/{text_card_id}.
    """
    body = further if markdown is None else {"markdown": markdown, **further}
    await session.app.raw("PATCH", f"dashboards/{dashboard_id}/text-cards/{text_card_id}", {}, body)
