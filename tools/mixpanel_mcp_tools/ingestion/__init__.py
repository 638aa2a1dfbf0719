"""Ingestion: events into the project."""

from mixpanel_mcp_tools.ingestion import events, files, tracking
from mixpanel_mcp_tools.ingestion.toolset import ingestion

__all__ = ["events", "files", "ingestion", "tracking"]
