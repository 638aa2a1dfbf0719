"""Anomalies: days on which a project got far more or less data than expected."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from mixpanel_mcp_core.models.wire import CamelAnswered

# Shown to models and not enforced: Mixpanel may know more of them.
AnomalyStatus = Annotated[
    str, Field(description="New status.", json_schema_extra={"enum": ["open", "dismissed"]})
]
AnomalyClass = Annotated[
    str,
    Field(
        description="Class of the anomaly, as list_data_volume_anomalies tells it.",
        json_schema_extra={"enum": ["Event", "Property", "PropertyTypeDrift", "Metric"]},
    ),
]


class DataVolumeAnomaly(CamelAnswered):
    """A count outside of the range that was predicted for it."""

    listed: ClassVar[tuple[str, ...]] = (
        "id",
        "timestamp",
        "anomaly_class",
        "event_name",
        "property_name",
        "metric_name",
        "actual_count",
        "predicted_lower",
        "predicted_upper",
        "percent_variance",
        "status",
    )

    id: int
    timestamp: str | None = None
    actual_count: int
    predicted_upper: int
    predicted_lower: int
    percent_variance: str
    status: str
    project: int
    event: int | None = None
    event_name: str | None = None
    property: int | None = None
    property_name: str | None = None
    metric: int | None = None
    metric_name: str | None = None
    metric_type: str | None = None
    primary_type: str | None = None
    drift_types: dict[str, Any] | None = None
    anomaly_class: str


class BulkAnomalyEntry(BaseModel):
    """One of several anomalies to change."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel, populate_by_name=True)

    id: Annotated[int, Field(description="Anomaly id.")]
    anomaly_class: AnomalyClass
