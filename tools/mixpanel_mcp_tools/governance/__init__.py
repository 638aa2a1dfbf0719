"""Data governance: what is kept, computed, joined, checked and deleted."""

from mixpanel_mcp_tools.governance import (
    anomalies,
    audit,
    custom_events,
    custom_properties,
    deletion_requests,
    drop_filters,
    lookup_tables,
)
from mixpanel_mcp_tools.governance.toolset import governance

__all__ = [
    "anomalies",
    "audit",
    "custom_events",
    "custom_properties",
    "deletion_requests",
    "drop_filters",
    "governance",
    "lookup_tables",
]
