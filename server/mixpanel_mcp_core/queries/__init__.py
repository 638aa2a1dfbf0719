"""Queries, pure: typed arguments to the params of a request, its answer to a result."""

from .answers import FunnelResult, InsightsResult, read_funnel, read_insights
from .funnels import compile_funnel
from .funnels_query import FunnelQuery, FunnelQueryWithLimit
from .insights import compile_insights
from .insights_query import InsightsQuery, InsightsQueryWithLimit, unused_measurement

__all__ = [
    "FunnelQuery",
    "FunnelQueryWithLimit",
    "FunnelResult",
    "InsightsQuery",
    "InsightsQueryWithLimit",
    "InsightsResult",
    "compile_funnel",
    "compile_insights",
    "read_funnel",
    "read_insights",
    "unused_measurement",
]
