"""Alerts: a saved report that is watched, what is waited for, and whom to tell."""

from typing import Annotated, Any, ClassVar, Literal, Required

from pydantic import ConfigDict, Field, WithJsonSchema, with_config
from typing_extensions import TypedDict

from mixpanel_mcp_core.models.dashboards import BookmarkId, JsonObject
from mixpanel_mcp_core.models.wire import Answered

AlertId = Annotated[int, Field(description="Alert id, from list_alerts.")]
AlertIds = Annotated[list[int], Field(description="Alert ids, from list_alerts.")]
WatchedType = Literal["insights", "funnels"]

# Sent as it was given: 1 and 1.0 are different texts on the wire.
_AnyNumber = Annotated[Any, WithJsonSchema({"type": "number"})]
_AnyText = Annotated[Any, WithJsonSchema({"type": "string"})]


class AlertBookmark(Answered):
    """The saved report that an alert watches."""

    id: int
    name: str | None = None
    type: str | None = None


class AlertCreator(Answered):
    """Who made an alert."""

    id: int
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None


class AlertWorkspace(Answered):
    """The workspace that an alert looks through."""

    id: int
    name: str | None = None


class AlertProject(Answered):
    """The project of an alert."""

    id: int
    name: str | None = None


class CustomAlert(Answered):
    """An alert on a saved report."""

    whole_from: ClassVar[str] = "get_alert"
    listed: ClassVar[tuple[str, ...]] = (
        "id",
        "name",
        "bookmark",
        "condition",
        "frequency",
        "paused",
        "valid",
        "last_checked",
        "last_fired",
        "subscriptions",
    )

    id: int
    name: str
    bookmark: AlertBookmark | None = None
    condition: JsonObject = {}
    frequency: int = 0
    paused: bool = False
    subscriptions: list[JsonObject] = []
    notification_windows: JsonObject | None = None
    creator: AlertCreator | None = None
    workspace: AlertWorkspace | None = None
    project: AlertProject | None = None
    created: str = ""
    modified: str = ""
    last_checked: str | None = None
    last_fired: str | None = None
    valid: bool = True
    results: JsonObject | None = None


class AlertCount(Answered):
    """How many alerts there are, and how many there may be."""

    anomaly_alerts_count: int
    alert_limit: int
    is_below_limit: bool


class AlertHistoryPagination(Answered):
    """The cursors of the pages before and after."""

    next_cursor: str | None = None
    previous_cursor: str | None = None
    page_size: int = 20


class AlertHistoryResponse(Answered):
    """A page of what an alert did."""

    results: list[JsonObject] = []
    pagination: AlertHistoryPagination | None = None


class AlertScreenshotResponse(Answered):
    """Where the picture lies that went out with an alert."""

    signed_url: str


class AlertValidation(Answered):
    """Whether an alert still fits a report."""

    alert_id: int
    alert_name: str
    valid: bool
    reason: str | None = None


class ValidateAlertsForBookmarkResponse(Answered):
    """Which alerts still fit a report."""

    alert_validations: list[AlertValidation] = []
    invalid_count: int = 0


@with_config(ConfigDict(extra="allow"))
class ConditionKey(TypedDict, total=False):
    """One level of the watched series; further keys are sent as they are."""

    header: Annotated[_AnyText, Field(description="Name of the level, e.g. the metric's.")]
    value: Annotated[_AnyText, Field(description="Its value in the watched series.")]


@with_config(ConfigDict(extra="allow"))
class AlertCondition(TypedDict, total=False):
    """What an alert waits for; further keys are sent as they are."""

    keys: Annotated[
        list[ConditionKey],
        Field(description="The series to watch, level by level; without it the report's first."),
    ]
    type: Annotated[_AnyText, Field(description="What is compared: absolute is the value itself.")]
    op: Annotated[_AnyText, Field(description="How it is compared: < or >.")]
    value: Annotated[_AnyNumber, Field(description="What it is compared with.")]


@with_config(ConfigDict(extra="allow"))
class Subscription(TypedDict, total=False):
    """Whom an alert tells; further keys are sent as they are."""

    type: Annotated[_AnyText, Field(description="Channel: email, slack or webhook.")]
    value: Annotated[_AnyText, Field(description="Address, channel or webhook id.")]


Condition = Annotated[
    AlertCondition,
    Field(description='e.g. {"type": "absolute", "op": "<", "value": 100}: fires below 100.'),
]
Frequency = Annotated[
    int, Field(description="Seconds between checks: 3600 hourly, 86400 daily, 604800 weekly.")
]
Paused = Annotated[bool, Field(description="True: kept, but not checked.")]
Subscriptions = Annotated[list[Subscription], Field(description="Whom to tell; [] for nobody.")]


class NewAlert(TypedDict, total=False):
    """An alert to create or to try."""

    bookmark_id: Required[BookmarkId]
    name: Required[Annotated[str, Field(max_length=50, description="Name, at most 50 characters.")]]
    condition: Required[Condition]
    frequency: Required[Frequency]
    paused: Required[Paused]
    subscriptions: Required[Subscriptions]
    notification_windows: Annotated[
        JsonObject, Field(description="Hours in which to tell, wire form.")
    ]


class AlertChanges(TypedDict, total=False):
    """Changes to an alert; what is not given stays."""

    name: Annotated[str, Field(description="New name; Mixpanel takes 50 characters.")]
    bookmark_id: BookmarkId
    condition: Condition
    frequency: Frequency
    paused: Paused
    subscriptions: Subscriptions
    notification_windows: Annotated[
        JsonObject, Field(description="Hours in which to tell, wire form.")
    ]
