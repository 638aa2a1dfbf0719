"""Alerts: saved reports that are watched, and whom to tell when they move."""

from typing import Annotated, Any, Unpack

from pydantic import Field

from mixpanel_mcp_core.histories import page_of
from mixpanel_mcp_core.models.alerts import (
    AlertChanges,
    AlertCount,
    AlertHistoryResponse,
    AlertId,
    AlertIds,
    AlertScreenshotResponse,
    CustomAlert,
    NewAlert,
    ValidateAlertsForBookmarkResponse,
    WatchedType,
)
from mixpanel_mcp_core.models.dashboards import BookmarkId
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.outcome import read
from mixpanel_mcp_core.session import Session

alerts = Toolset("alerts", "Alerts on saved reports: conditions, channels, history")


@alerts.reads
async def list_alerts(
    session: Session,
    bookmark_id: BookmarkId | None = None,
    skip_user_filter: Annotated[
        bool, Field(description="True: alerts of everybody, not only of the account's user.")
    ]
    | None = None,
) -> list[CustomAlert]:
    """List alerts: the report each watches, its condition, and when it fired last.

    Give `bookmark_id` for those of one report. App API: GET alerts/custom/.
    """
    return await session.app.get(
        "alerts/custom/",
        list[CustomAlert],
        bookmark_id=bookmark_id,
        skip_user_filter=skip_user_filter,
    )


@alerts.writes
async def create_alert(session: Session, **alert: Unpack[NewAlert]) -> CustomAlert:
    """Create an alert that watches a saved report and tells people or a webhook.

    Try it with test_alert first. Returns the alert with its id; 400 for a report that cannot be
    watched, or at the limit that get_alert_count tells. App API: POST alerts/custom/.
    """
    return await session.app.post("alerts/custom/", CustomAlert, alert)


@alerts.reads
async def get_alert(session: Session, alert_id: AlertId) -> CustomAlert:
    """Fetch one alert with condition, subscriptions and last check.

    404 when there is none. App API: GET alerts/custom/{id}/.
    """
    return await session.app.get(f"alerts/custom/{alert_id}/", CustomAlert)


@alerts.writes(idempotent=True)
async def update_alert(
    session: Session, alert_id: AlertId, **changes: Unpack[AlertChanges]
) -> CustomAlert:
    """Change an alert, or pause and resume it with `paused`.

    What is not given stays; `condition` and `subscriptions` are replaced as a whole. Returns the
    alert. App API: PATCH alerts/custom/{id}/.
    """
    return await session.app.patch(f"alerts/custom/{alert_id}/", CustomAlert, changes)


@alerts.destroys(idempotent=True)
async def delete_alert(session: Session, alert_id: AlertId) -> None:
    """Delete an alert and its history for good.

    To silence it only, use update_alert with `paused`. App API: DELETE alerts/custom/{id}/.
    """
    await session.app.delete(f"alerts/custom/{alert_id}/")


@alerts.destroys(idempotent=True)
async def bulk_delete_alerts(session: Session, ids: AlertIds) -> None:
    """Delete several alerts and their histories for good.

    App API: POST alerts/custom/bulk-delete/.
    """
    await session.app.raw("POST", "alerts/custom/bulk-delete/", {}, {"alert_ids": ids})


@alerts.reads
async def get_alert_count(
    session: Session,
    alert_type: Annotated[str, Field(description="Count alerts of this type only.")] | None = None,
) -> AlertCount:
    """Count alerts, and tell how many the project may have.

    Returns anomaly_alerts_count, alert_limit and is_below_limit. App API: GET
    alerts/custom/alert-count/.
    """
    return await session.app.get("alerts/custom/alert-count/", AlertCount, type=alert_type)


@alerts.reads
async def get_alert_history(
    session: Session,
    alert_id: AlertId,
    page_size: Annotated[int, Field(description="Entries a page, default 20.")] | None = None,
    next_cursor: Annotated[str, Field(description="From `pagination`, for the page after.")]
    | None = None,
    previous_cursor: Annotated[str, Field(description="From `pagination`, for the page before.")]
    | None = None,
) -> AlertHistoryResponse:
    """Tell when an alert fired and what it saw, newest first, page by page.

    Returns results and the cursors of the pages around; 404 for an unknown alert. App API: GET
    alerts/custom/{id}/history/.
    """
    answer = await session.app.whole(
        f"alerts/custom/{alert_id}/history/",
        page_size=page_size,
        next_cursor=next_cursor,
        previous_cursor=previous_cursor,
    )
    return read(page_of(answer), AlertHistoryResponse)


@alerts.writes(open_world=True)
async def test_alert(session: Session, **alert: Unpack[NewAlert]) -> dict[str, Any]:
    """Send a trial notification of an alert to everybody it names, without saving it.

    Takes what create_alert takes. Returns what Mixpanel says of it. App API: POST
    alerts/custom/test/.
    """
    return await session.app.post("alerts/custom/test/", dict[str, Any], alert)


@alerts.reads
async def get_alert_screenshot_url(
    session: Session,
    gcs_key: Annotated[str, Field(description="Key of the picture, from an alert's history.")],
) -> AlertScreenshotResponse:
    """Tell where the chart lies that went out with an alert.

    The address is signed: whoever has it sees the picture until it expires. App API: GET
    alerts/custom/screenshot/.
    """
    return await session.app.get(
        "alerts/custom/screenshot/", AlertScreenshotResponse, gcs_key=gcs_key
    )


@alerts.reads
async def validate_alerts_for_bookmark(
    session: Session,
    alert_ids: Annotated[list[int], Field(min_length=1, description="Alerts to check, 1 or more.")],
    bookmark_type: Annotated[WatchedType, Field(description="Type of the report.")],
    bookmark_params: Annotated[
        dict[str, Any], Field(description="Params that the report would have, from a build tool.")
    ],
) -> ValidateAlertsForBookmarkResponse:
    """Check which alerts would still work if their report had other params.

    Use it before changing a report that is watched. Returns for each alert whether it is valid,
    and if not, the reason. App API: POST alerts/custom/validate-alerts-for-bookmark/.
    """
    body = {
        "alert_ids": alert_ids,
        "bookmark_type": bookmark_type,
        "bookmark_params": bookmark_params,
    }
    return await session.app.post(
        "alerts/custom/validate-alerts-for-bookmark/",
        ValidateAlertsForBookmarkResponse,
        body,
        changes=False,
    )
