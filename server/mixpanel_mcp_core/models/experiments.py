"""Experiments: what is compared, in which state, with what outcome."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, WithJsonSchema
from typing_extensions import TypedDict

from mixpanel_mcp_core.fields import PathId
from mixpanel_mcp_core.models.wire import Answered

ExperimentStatus = Literal["draft", "active", "concluded", "success", "fail"]
# Mixpanel keeps a list or an object; what is published of it has one type.
Entries = list[Any] | dict[str, Any]
_OBJECTS = {"type": "array", "items": {"type": "object"}}

ExperimentId = Annotated[PathId, Field(description="Experiment id (UUID), from list_experiments.")]
ExperimentName = Annotated[str, Field(description="Name, e.g. 'one_page_checkout'.")]


class ExperimentFields(TypedDict, total=False):
    """What can be set on an experiment at any time."""

    description: Annotated[str, Field(description="What is tried, at most 400 characters.")]
    hypothesis: Annotated[str, Field(description="What is expected to happen, and why.")]
    settings: Annotated[
        dict[str, Any], Field(description="Statistics, test plan and flag settings, wire form.")
    ]


class NewExperiment(ExperimentFields, total=False):
    """An experiment to create, beside its name."""

    access_type: Annotated[str, Field(description="Who may see it, as Mixpanel names it.")]
    can_edit: Annotated[bool, Field(description="Others may change it.")]


class ExperimentChanges(ExperimentFields, total=False):
    """Changes to an experiment; what is not given stays."""

    name: Annotated[str, Field(description="New name.")]
    variants: Annotated[
        Entries,
        WithJsonSchema(_OBJECTS | {"description": "All variants, e.g. {'key', 'is_control'}."}),
    ]
    metrics: Annotated[
        Entries,
        WithJsonSchema(
            _OBJECTS | {"description": "All metrics, e.g. {'name', 'type': 'primary'}."}
        ),
    ]
    start_date: Annotated[str, Field(description="First day or moment, ISO 8601.")]
    end_date: Annotated[str, Field(description="Last day or moment, ISO 8601.")]
    tags: Annotated[list[str], Field(description="All tags.")]
    exposures_cache: Annotated[dict[str, Any], Field(description="Stored counts of exposures.")]
    results_cache: Annotated[dict[str, Any], Field(description="Stored results.")]
    status: Annotated[
        ExperimentStatus,
        Field(description="State; launch, conclude and decide_experiment change it by name."),
    ]
    global_access_type: Annotated[str, Field(description="Who may see it, as Mixpanel names it.")]


class ExperimentCreator(Answered):
    """Who made an experiment."""

    id: int | None = None
    first_name: str | None = None
    last_name: str | None = None


class Experiment(Answered):
    """An experiment in one of its states: draft, active, concluded, success or fail."""

    whole_from: ClassVar[str] = "get_experiment"
    listed: ClassVar[tuple[str, ...]] = (
        "id",
        "name",
        "description",
        "hypothesis",
        "status",
        "start_date",
        "end_date",
        "tags",
        "created",
        "updated",
        "deleted",
    )

    id: str
    name: str
    description: str | None = None
    hypothesis: str | None = None
    status: ExperimentStatus | None = None
    variants: Entries | None = None
    metrics: Entries | None = None
    settings: dict[str, Any] | None = None
    exposures_cache: dict[str, Any] | None = None
    results_cache: dict[str, Any] | None = None
    start_date: str | None = None
    end_date: str | None = None
    created: str | None = None
    updated: str | None = None
    creator: ExperimentCreator | None = None
    feature_flag: dict[str, Any] | None = None
    is_favorited: bool | None = None
    pinned_date: str | None = None
    tags: list[str] | None = None
    can_edit: bool | None = None
    last_modified_by_id: int | None = None
    last_modified_by_name: str | None = None
    last_modified_by_email: str | None = None
