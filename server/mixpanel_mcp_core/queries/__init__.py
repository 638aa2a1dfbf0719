"""Queries, pure: typed arguments to the params of a request, its answer to a result.

A package for each engine; the modules beside them are the parts that engines share.
"""

from .flows import (
    FlowQuery,
    FlowResult,
    FlowTreeNode,
    compile_flow,
    flow_bookmark_problems,
    flow_mode,
    read_flow,
)
from .funnels import (
    FunnelQuery,
    FunnelQueryWithLimit,
    FunnelResult,
    compile_funnel,
    read_funnel,
)
from .insights import (
    InsightsQuery,
    InsightsQueryWithLimit,
    InsightsResult,
    compile_insights,
    read_insights,
    unused_measurement,
)
from .retention import (
    RetentionQuery,
    RetentionQueryWithLimit,
    RetentionResult,
    compile_retention,
    read_retention,
)
from .saved import (
    SavedFlowsResult,
    SavedReportResult,
    SavedReportType,
    funnel_dates,
    read_saved_flows,
    read_saved_report,
)
from .vocabulary import FlowMode

__all__ = [
    "FlowMode",
    "FlowQuery",
    "FlowResult",
    "FlowTreeNode",
    "FunnelQuery",
    "FunnelQueryWithLimit",
    "FunnelResult",
    "InsightsQuery",
    "InsightsQueryWithLimit",
    "InsightsResult",
    "RetentionQuery",
    "RetentionQueryWithLimit",
    "RetentionResult",
    "SavedFlowsResult",
    "SavedReportResult",
    "SavedReportType",
    "compile_flow",
    "compile_funnel",
    "compile_insights",
    "compile_retention",
    "flow_bookmark_problems",
    "flow_mode",
    "funnel_dates",
    "read_flow",
    "read_funnel",
    "read_insights",
    "read_retention",
    "read_saved_flows",
    "read_saved_report",
    "unused_measurement",
]
