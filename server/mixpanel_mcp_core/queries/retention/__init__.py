"""Retention: how many of those who did one event come back to do another."""

from .answers import RetentionResult, read_retention
from .compiling import compile_retention
from .query import RetentionQuery, RetentionQueryWithLimit

__all__ = [
    "RetentionQuery",
    "RetentionQueryWithLimit",
    "RetentionResult",
    "compile_retention",
    "read_retention",
]
