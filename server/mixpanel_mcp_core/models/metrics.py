"""Saved metrics: what is saved, how it is shown, what is answered."""

from typing import Annotated, Any, ClassVar, Literal, Required, cast
from uuid import uuid4

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from typing_extensions import TypedDict

from mixpanel_mcp_core.models.definitions import DefinedFields, DefinedName, SavedDefinition
from mixpanel_mcp_core.queries.definitions import MetricSource

MetricId = Annotated[int, Field(description="Saved metric id, from list_metrics.")]
MetricIds = Annotated[list[int], Field(description="Saved metric ids, from list_metrics.")]


class SavedMetric(SavedDefinition):
    """A metric under a name."""

    whole_from: ClassVar[str] = "get_metric"

    owned_by: dict[str, Any] | None = None
    contacts: list[Any] = []
    warehouse_source_id: int | None = None


class MetricDisplay(TypedDict, total=False):
    """How the numbers of a metric are shown; null takes a setting away."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # pyright: ignore[reportGeneralTypeIssues]

    prefix: Annotated[str | None, Field(description="Before the number, e.g. '$'.")]
    suffix: Annotated[str | None, Field(description="After the number, e.g. ' min'.")]
    precision: Annotated[int | None, Field(ge=0, le=8, description="Decimal places, 0 to 8.")]
    abbrev: Annotated[bool | None, Field(description="1.2K in place of 1,200.")]
    axis: Annotated[Literal["primary", "secondary"] | None, Field(description="Y axis.")]
    direction: Annotated[Literal["up", "down"] | None, Field(description="Which way is good.")]
    trendline: Annotated[bool | None, Field(description="Draw a trend line.")]
    hideTrendline: Annotated[bool | None, Field(description="Hide the trend line.")]
    minimumDetectableEffect: Annotated[float | None, Field(description="For experiments.")]
    oneSided: Annotated[bool | None, Field(description="One-sided test in experiments.")]
    power: Annotated[float | None, Field(description="Power of the test in experiments.")]


class Checkpoint(BaseModel):
    """What is to be reached by when."""

    model_config = ConfigDict(extra="forbid")

    time: str = Field(description="Day, YYYY-MM-DD.")
    value: float = Field(description="Number to reach.")


def _read_checkpoint(value: Any) -> Any:
    """A pair as it stands on the wire, too."""
    pair = cast("list[Any]", value) if isinstance(value, list) else []
    return {"time": pair[0], "value": pair[1]} if len(pair) == 2 else value


class MetricGoal(BaseModel):
    """A goal of a metric: numbers to reach by certain days."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(default_factory=lambda: str(uuid4()), description="Of a goal that stays.")
    label: str = Field(description="Name of the goal.")
    checkpoints: list[Annotated[Checkpoint, BeforeValidator(_read_checkpoint)]] = Field(
        description="Days and numbers, in order."
    )
    target_type: Literal["absolute", "relative"] | None = Field(
        None, description="Numbers, or change against the start; default absolute."
    )
    target_input: float | None = Field(None, description="The target as it was typed.")
    unit: str | None = Field(None, description="Unit of time.")
    direction: Literal["up", "down"] | None = Field(None, description="Which way is good.")

    def clause(self) -> dict[str, Any]:
        """The goal on the wire, where a checkpoint is a pair."""
        pairs = [[each.time, each.value] for each in self.checkpoints]
        return {**self.model_dump(exclude_none=True), "checkpoints": pairs}


class MetricFields(DefinedFields, total=False):
    """What can be set on a saved metric at any time."""

    display: Annotated[MetricDisplay, Field(description="How its numbers are shown.")]
    goals: Annotated[list[MetricGoal], Field(description="Its goals, all of them.")]
    owned_by: Annotated[int, Field(gt=0, description="User id of the owner.")]
    verified: Annotated[bool, Field(description="Marked as the right one to use.")]


class NewMetric(MetricFields, total=False):
    """A metric to save."""

    name: Required[DefinedName]
    definition: Required[MetricSource]


class MetricChanges(MetricFields, total=False):
    """Changes to a saved metric; what is not given stays."""

    name: DefinedName
    definition: MetricSource


class BulkUpdateMetricEntry(BaseModel):
    """Changes to one of several saved metrics; what is not given stays."""

    model_config = ConfigDict(extra="forbid")

    id: int = Field(gt=0, description="Saved metric id.")
    name: str | None = Field(None, description="New name.")
    description: str | None = Field(None, description="New text.")
    definition: MetricSource | None = None
    owned_by: int | None = Field(None, gt=0, description="User id of the new owner.")
    verified: bool | None = Field(None, description="Marked as the right one to use.")
