"""The expression language of `where`, `on` and selectors, compiled to SQL."""

from .compiler import Scope, condition, segments
from .syntax import parse

__all__ = ["Scope", "condition", "parse", "segments"]
