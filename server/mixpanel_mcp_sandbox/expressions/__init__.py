"""The expression language of `where`, `on`, selectors and custom properties, compiled to SQL."""

from .compiler import condition, formula, segments, value
from .syntax import parse
from .terms import Scope, Term

__all__ = ["Scope", "Term", "condition", "formula", "parse", "segments", "value"]
