"""Funnels: how many users go from step to step, and how long it takes them."""

from .answers import FunnelResult, read_funnel
from .compiling import compile_funnel
from .query import FunnelQuery, FunnelQueryWithLimit

__all__ = [
    "FunnelQuery",
    "FunnelQueryWithLimit",
    "FunnelResult",
    "compile_funnel",
    "read_funnel",
]
