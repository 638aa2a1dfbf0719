"""The toolset that the modules of this package declare their operations with."""

from mixpanel_mcp_core.operation import Toolset

ingestion = Toolset("ingestion", "Send events into the project")
