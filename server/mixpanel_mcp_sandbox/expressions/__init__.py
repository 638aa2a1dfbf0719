"""The expression language of `where`, `on` and selectors, compiled to SQL."""

from .compiler import condition, segments, value
from .syntax import parse
from .terms import Scope, Term

__all__ = ["Scope", "Term", "condition", "parse", "segments", "value"]
