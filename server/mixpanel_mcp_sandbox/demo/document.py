"""One entity of the demo project as the App API keeps it."""

from dataclasses import dataclass
from typing import Any, Literal

DocumentKind = Literal[
    "dashboards",
    "annotations",
    "annotation_tags",
    "custom_properties",
    "bookmarks",
    "cohorts",
    "metrics",
    "behaviors",
    "feature_flags",
    "flag_histories",
    "experiments",
    "event_definitions",
    "property_definitions",
    "lexicon_tags",
    "lexicon_history",
    "schemas",
    "schema_enforcement",
    "drop_filters",
    "custom_events",
    "lookup_tables",
    "lookup_files",
    "deletion_requests",
    "alerts",
    "alert_history",
    "webhooks",
    "business_context",
    "service_accounts",
    "warehouse_tables",
    "warehouse_imports",
    "warehouse_runs",
    "pipelines",
    "data_groups",
]


@dataclass(frozen=True, slots=True)
class Document:
    """An entity created beforehand.

    Attributes:
        kind: The collection that it belongs to.
        id: Its number, unique within the kind.
        workspace_id: The workspace, or None for an entity of the whole project.
        body: The entity in the App API's own shape, its id included.
    """

    kind: DocumentKind
    id: int
    workspace_id: int | None
    body: dict[str, Any]
