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
from .live import read_live_cohorts, read_live_funnel
from .nodes import object_in
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
from .users import (
    Paging,
    UserLimit,
    UserQuery,
    UserResult,
    aggregate_body,
    check_paging,
    compile_user,
    paging_of,
    property_reference,
    read_aggregate,
    read_profiles,
    unused_values,
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
    "Paging",
    "RetentionQuery",
    "RetentionQueryWithLimit",
    "RetentionResult",
    "SavedFlowsResult",
    "SavedReportResult",
    "SavedReportType",
    "UserLimit",
    "UserQuery",
    "UserResult",
    "aggregate_body",
    "check_paging",
    "compile_flow",
    "compile_funnel",
    "compile_insights",
    "compile_retention",
    "compile_user",
    "flow_bookmark_problems",
    "flow_mode",
    "funnel_dates",
    "object_in",
    "paging_of",
    "property_reference",
    "read_aggregate",
    "read_flow",
    "read_funnel",
    "read_insights",
    "read_live_cohorts",
    "read_live_funnel",
    "read_profiles",
    "read_retention",
    "read_saved_flows",
    "read_saved_report",
    "unused_measurement",
    "unused_values",
]
