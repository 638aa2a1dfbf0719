"""Flow queries: what users do before, between and after events."""

from .answers import FlowResult, flow_mode, read_flow
from .bookmark_rules import flow_bookmark_problems
from .compiling import compile_flow
from .query import FlowQuery
from .trees import FlowTreeNode

__all__ = [
    "FlowQuery",
    "FlowResult",
    "FlowTreeNode",
    "compile_flow",
    "flow_bookmark_problems",
    "flow_mode",
    "read_flow",
]
