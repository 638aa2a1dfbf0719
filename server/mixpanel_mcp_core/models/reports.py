"""Saved reports (bookmarks)."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from mixpanel_mcp_core.models.wire import Answered


class BookmarkMetadata(Answered):
    """How a saved report is shown."""

    table_display_mode: str | None = None
    compare_enabled: bool | None = None
    compare_filters: list[Any] | None = None
    retention_calculation_type: str | None = None
    event_name: str | None = None
    funnel_conversion_window: int | None = None
    funnel_breakdown_limit: int | None = None


class Bookmark(Answered):
    """A saved report; its `params` are what the query API runs."""

    model_config = ConfigDict(populate_by_name=True)

    id: int
    project_id: int | None = None
    name: str
    bookmark_type: str = Field(alias="type")
    description: str | None = None
    icon: str | None = None
    params: dict[str, Any] | None = None
    dashboard_id: int | None = None
    include_in_dashboard: bool | None = None
    is_default: bool | None = None
    creator_id: int | None = None
    creator_name: str | None = None
    creator_email: str | None = None
    created: datetime | None = None
    modified: datetime | None = None
    last_modified_by_id: int | None = None
    last_modified_by_name: str | None = None
    last_modified_by_email: str | None = None
    metadata: BookmarkMetadata | None = None
    is_visibility_restricted: bool | None = None
    is_modification_restricted: bool | None = None
    can_update_basic: bool | None = None
    can_view: bool | None = None
    can_share: bool | None = None
    generation_type: str | None = None
    original_type: str | None = None
    unique_view_count: int | None = None
    total_view_count: int | None = None
