"""The toolset that the modules of this package declare their operations with."""

from mixpanel_mcp_core.operation import Toolset

governance = Toolset(
    "governance",
    "Data governance: drop filters, custom definitions, lookup tables, audits, deletions",
)
