"""Dashboards, their cards, blueprints and root-cause boards."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Required

import orjson
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from mixpanel_mcp_core.cards import card_table
from mixpanel_mcp_core.models.wire import Answered
from mixpanel_mcp_core.tables import Table

DashboardId = Annotated[int, Field(description="Dashboard id, from list_dashboards.")]
BookmarkId = Annotated[
    int, Field(description="Saved report (bookmark) id, from list_bookmarks_v2.")
]
JsonObject = dict[str, Any]

# What this account may do with a dashboard, of which a refusal tells as well.
_RIGHTS = ("can_", "is_superadmin", "allow_staff_override", "is_shared_with_project")


class Dashboard(Answered):
    """A dashboard; `layout` and `contents` come with a single one, not with lists."""

    whole_from: ClassVar[str] = "get_dashboard"
    listed: ClassVar[tuple[str, ...]] = (
        "id",
        "title",
        "description",
        "creator_name",
        "created",
        "modified",
        "is_private",
        "is_favorited",
        "pinned_date",
        "total_view_count",
    )

    id: int
    title: str
    description: str | None = None
    is_private: bool = False
    is_restricted: bool = False
    creator_id: int | None = None
    creator_name: str | None = None
    creator_email: str | None = None
    created: datetime | None = None
    modified: datetime | None = None
    is_favorited: bool = False
    pinned_date: str | None = None
    layout_version: Any = None
    unique_view_count: int | None = None
    total_view_count: int | None = None
    last_modified_by_id: int | None = None
    last_modified_by_name: str | None = None
    last_modified_by_email: str | None = None
    filters: list[Any] | None = None
    breakdowns: list[Any] | None = None
    time_filter: Any = None
    generation_type: str | None = None
    parent_dashboard_id: int | None = None
    child_dashboards: list[Any] | None = None
    can_update_basic: bool = False
    can_share: bool = False
    can_view: bool = False
    can_update_restricted: bool = False
    can_update_visibility: bool = False
    is_superadmin: bool = False
    allow_staff_override: bool = False
    can_pin: bool = False
    is_shared_with_project: bool = False
    creator: str | None = None
    ancestors: list[Any] = []
    layout: Any = None
    contents: Any = None
    num_active_public_links: int | None = None
    new_content: Any = None
    template_type: str | None = None

    def table(self) -> Table | None:
        """A row for each card, where the cards were told."""
        return card_table(self.layout, self.contents)

    def appendix(self) -> list[str]:
        """The dashboard itself: its fields without the cards' contents, and its layout."""
        fields = self.model_dump(mode="json", exclude={"contents"}, exclude_none=True)
        told = {key: each for key, each in fields.items() if not key.startswith(_RIGHTS)}
        return [orjson.dumps(told).decode()]

    def remarks(self) -> list[str]:
        """Where the queries of its reports are."""
        return ["get_bookmark tells the query of a report"] if self.table() else []


class BlueprintTemplate(Answered):
    """A template that a dashboard can be made from."""

    title_key: str
    description_key: str
    alternative_description_key: str | None = None
    number_of_reports: int | None = None


class BlueprintConfig(Answered):
    """What a blueprint asks for: variable name to chosen value."""

    variables: dict[str, str]


class DashboardRowContent(BaseModel):
    """One card of a row."""

    model_config = ConfigDict(extra="forbid")

    content_type: Literal["text", "report"] = Field(description="Kind of card.")
    content_params: JsonObject = Field(
        description='text: {"markdown": "..."}; report: {"bookmark": {"name", "type": "insights"|'
        '"funnels"|"retention"|"flows", "params": JSON string of build_params}}.'
    )


class DashboardRow(BaseModel):
    """One row of a dashboard."""

    model_config = ConfigDict(extra="forbid")

    contents: list[DashboardRowContent] = Field(description="1 to 4 cards, left to right.")


class BlueprintCard(BaseModel):
    """A card of a blueprint that is being finished; further keys are sent as they are."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    card_type: str = Field(alias="type", description="Kind of card: report or text.")
    text_card_id: int | None = Field(None, description="Text card id, for a text card.")
    bookmark_id: int | None = Field(None, description="Saved report id, for a report card.")
    markdown: str | None = Field(None, description="Text of a text card.")
    name: str | None = Field(None, description="Title of the card.")
    params: JsonObject | None = Field(None, description="Report params, for a new report.")


class RcaSourceData(BaseModel):
    """What a root-cause board explains; further keys are sent as they are."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    source_type: str = Field(alias="type", description="Kind of source: anomaly or metric.")
    date: str | None = Field(None, description="Day to explain, YYYY-MM-DD.")
    metric_source: bool | None = Field(None, description="Whether the source is a metric.")


class DashboardFields(TypedDict, total=False):
    """What can be set on a dashboard at any time."""

    description: Annotated[str, Field(description="Text under the title; '' clears it.")]
    is_private: Annotated[bool, Field(description="Only the creator sees it.")]
    is_restricted: Annotated[bool, Field(description="Only editors may change it.")]
    filters: Annotated[list[JsonObject], Field(description="Filters over all reports, wire form.")]
    breakdowns: Annotated[list[JsonObject], Field(description="Breakdowns over all reports.")]
    time_filter: Annotated[JsonObject, Field(description="Date range over all reports, wire form.")]


class NewDashboard(DashboardFields, total=False):
    """A dashboard to create."""

    title: Required[Annotated[str, Field(description="Title, e.g. 'Weekly overview'.")]]
    duplicate: Annotated[int, Field(description="Id of a dashboard to copy cards from.")]
    rows: Annotated[list[DashboardRow], Field(description="Rows of cards, top to bottom.")]


class DashboardChanges(DashboardFields, total=False):
    """Changes to a dashboard; what is not given stays."""

    title: Annotated[str, Field(description="New title.")]
    layout: Annotated[JsonObject, Field(description="Whole layout, as get_dashboard returns it.")]
    content: Annotated[
        JsonObject,
        Field(description='Card action, e.g. {"action": "delete", "content_type": "text", ...}.'),
    ]
