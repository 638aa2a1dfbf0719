"""Insights: trends, totals, breakdowns and formulas over events."""

from .answers import InsightsResult, read_insights
from .compiling import compile_insights
from .query import InsightsQuery, InsightsQueryWithLimit, unused_measurement

__all__ = [
    "InsightsQuery",
    "InsightsQueryWithLimit",
    "InsightsResult",
    "compile_insights",
    "read_insights",
    "unused_measurement",
]
