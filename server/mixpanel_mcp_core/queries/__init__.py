"""Queries, pure: typed arguments to the params of a request, its answer to a result.

A package for each engine; the modules beside them are the parts that engines share.
"""

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

__all__ = [
    "FunnelQuery",
    "FunnelQueryWithLimit",
    "FunnelResult",
    "InsightsQuery",
    "InsightsQueryWithLimit",
    "InsightsResult",
    "RetentionQuery",
    "RetentionQueryWithLimit",
    "RetentionResult",
    "compile_funnel",
    "compile_insights",
    "compile_retention",
    "read_funnel",
    "read_insights",
    "read_retention",
    "unused_measurement",
]
