"""Saved reports (bookmarks): what is saved, what is changed, what is answered."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Required

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from mixpanel_mcp_core.models.wire import Answered

BookmarkType = Literal["insights", "funnels", "retention", "flows", "launch-analysis"]
NewBookmarkType = Literal["insights", "funnels", "retention", "flows", "user"]

BookmarkIds = Annotated[list[int], Field(description="Saved report (bookmark) ids.")]


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
    whole_from: ClassVar[str] = "get_bookmark"
    listed: ClassVar[tuple[str, ...]] = (
        "id",
        "name",
        "bookmark_type",
        "description",
        "dashboard_id",
        "creator_name",
        "created",
        "modified",
        "total_view_count",
    )

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


class BookmarkHistoryPagination(Answered):
    """How to go on: `next_cursor` is the `cursor` of the following page."""

    next_cursor: str | None = None
    previous_cursor: str | None = None
    page_size: int = 0


class BookmarkHistoryResponse(Answered):
    """A page of the changes of a saved report."""

    results: list[Any] = []
    pagination: BookmarkHistoryPagination | None = None


class BookmarkFields(TypedDict, total=False):
    """What can be set on a saved report at any time."""

    description: Annotated[str, Field(description="Text under the title; '' clears it.")]
    icon: Annotated[str, Field(description="Icon, as Mixpanel names it.")]
    dashboard_id: Annotated[int, Field(description="Dashboard that it belongs to; a new one must.")]
    is_visibility_restricted: Annotated[bool, Field(description="Only who it is shared with sees.")]
    is_modification_restricted: Annotated[bool, Field(description="Only editors may change it.")]


class NewBookmark(BookmarkFields, total=False):
    """A report to save."""

    name: Required[Annotated[str, Field(description="Title, e.g. 'Daily sign-ups'.")]]
    bookmark_type: Required[Annotated[NewBookmarkType, Field(description="Type of the report.")]]
    params: Required[
        Annotated[
            dict[str, Any],
            Field(description="Report params, as build_params or its sibling of the type returns."),
        ]
    ]


class BookmarkChanges(BookmarkFields, total=False):
    """Changes to a saved report; what is not given stays."""

    name: Annotated[str, Field(description="New title.")]
    params: Annotated[dict[str, Any], Field(description="New report params, all of them.")]
    deleted: Annotated[bool, Field(description="True moves it out of sight.")]


class BulkUpdateBookmarkEntry(BaseModel):
    """Changes to one of several saved reports; what is not given stays."""

    model_config = ConfigDict(extra="forbid")

    id: int = Field(description="Saved report (bookmark) id.")
    name: str | None = Field(None, description="New title.")
    params: dict[str, Any] | None = Field(None, description="New report params, not checked.")
    description: str | None = Field(None, description="New text under the title.")
    icon: str | None = Field(None, description="New icon.")
    is_visibility_restricted: bool | None = Field(None, description="Only who it is shared with.")
    is_modification_restricted: bool | None = Field(None, description="Only editors change it.")
