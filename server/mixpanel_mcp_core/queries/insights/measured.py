"""What a metric measures of each event, as it stands on the wire."""

from typing import Any

from mixpanel_mcp_core.queries.custom_properties import (
    DATASET,
    CustomPropertyRef,
    InlineCustomProperty,
    inline_clause,
)
from mixpanel_mcp_core.queries.measures import wire_math

Spec = str | CustomPropertyRef | InlineCustomProperty


def measurement_clause(
    math: str, spec: Spec | None, per_user: str | None, percentile: float | None
) -> dict[str, Any]:
    """`measurement` of a metric that counts events; what is not set is left out."""
    clause: dict[str, Any] = {"math": wire_math(math)}
    if spec is not None:
        clause["property"] = measured_property(spec)
    if per_user is not None:
        clause["perUserAggregation"] = per_user
    if percentile is not None:
        clause["percentile"] = percentile
    return clause


def measured_property(spec: Spec, **typed: str) -> dict[str, Any]:
    """`measurement.property` for a name, a saved or an inline custom property.

    `typed` are keys that some reports want between the name and the resource of a plain name.
    """
    match spec:
        case CustomPropertyRef():
            identification = {"customPropertyId": spec.custom_property_id}
            return {**identification, "name": "", "resourceType": "events"}
        case InlineCustomProperty():
            types = {"propertyType": spec.property_type} if spec.property_type else {}
            return {
                "customProperty": inline_clause(spec, resourceType=spec.resource_type, **types),
                "name": "",
                "resourceType": spec.resource_type,
                "dataset": DATASET,
                "dataGroupId": None,
            }
        case name:
            return {"name": name, **typed, "resourceType": "events"}
