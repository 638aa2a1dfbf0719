"""Ingestion: events into the project."""

from mixpanel_mcp_tools.ingestion import events, tracking
from mixpanel_mcp_tools.ingestion.toolset import ingestion

__all__ = ["events", "ingestion", "tracking"]
