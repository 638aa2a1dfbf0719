"""Data volume anomalies: days with far more or less data than expected."""

from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.models.governance.anomalies import (
    AnomalyClass,
    AnomalyStatus,
    BulkAnomalyEntry,
    DataVolumeAnomaly,
)
from mixpanel_mcp_core.models.wire import either_case
from mixpanel_mcp_core.outcome import read
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.governance.toolset import governance

_PATH = "data-definitions/data-volume-anomalies/"


def _as_text(value: Any) -> Any:
    """A number or truth value as a query parameter has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else value


Parameter = Annotated[str, BeforeValidator(_as_text)]


@governance.reads
async def list_data_volume_anomalies(
    session: Session,
    query_params: Annotated[
        dict[str, Parameter],
        Field(
            description="Narrows the list: status (open, dismissed), limit, event_id, prop_id, "
            'include_property_anomalies, include_metric_anomalies ("true"); values are text.'
        ),
    ]
    | None = None,
) -> list[DataVolumeAnomaly]:
    """List the days on which an event arrived far more or less often than expected.

    Returns the count, the range that was predicted for it, and whether somebody dismissed it. App
    API: GET data-definitions/data-volume-anomalies/.
    """
    answer = await session.app.raw("GET", _PATH, query_params or {})
    if not isinstance(answer, dict) or "anomalies" not in answer:
        raise MixpanelError("Mixpanel's answer holds no anomalies.")
    return read(cast("dict[str, Any]", answer)["anomalies"], list[DataVolumeAnomaly])


@governance.writes(idempotent=True)
async def update_anomaly(
    session: Session,
    id: Annotated[int, Field(description="Anomaly id, from list_data_volume_anomalies.")],
    status: AnomalyStatus,
    anomaly_class: Annotated[AnomalyClass, Field(validation_alias=either_case("anomaly_class"))],
) -> dict[str, Any]:
    """Dismiss an anomaly that is explained, or open it again.

    App API: PATCH data-definitions/data-volume-anomalies/.
    """
    body = {"id": id, "status": status, "anomalyClass": anomaly_class}
    return await session.app.patch(_PATH, dict[str, Any], body)


@governance.writes(idempotent=True)
async def bulk_update_anomalies(
    session: Session,
    anomalies: Annotated[list[BulkAnomalyEntry], Field(description="Anomalies to change.")],
    status: AnomalyStatus,
) -> dict[str, Any]:
    """Dismiss several anomalies, or open them again.

    App API: PATCH data-definitions/data-volume-anomalies/bulk/.
    """
    body = {"anomalies": anomalies, "status": status}
    return await session.app.patch(f"{_PATH}bulk/", dict[str, Any], body)
