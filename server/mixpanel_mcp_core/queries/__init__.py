"""Queries, pure: typed arguments to the params of a request, its answer to a result."""

from .answers import FunnelResult, InsightsResult, read_funnel, read_insights
from .flows import (
    FlowQuery,
    FlowResult,
    FlowTreeNode,
    compile_flow,
    flow_bookmark_problems,
    flow_mode,
    read_flow,
)
from .funnels import compile_funnel
from .funnels_query import FunnelQuery, FunnelQueryWithLimit
from .insights import compile_insights
from .insights_query import InsightsQuery, InsightsQueryWithLimit, unused_measurement
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
    "compile_flow",
    "compile_funnel",
    "compile_insights",
    "flow_bookmark_problems",
    "flow_mode",
    "read_flow",
    "read_funnel",
    "read_insights",
    "unused_measurement",
]
