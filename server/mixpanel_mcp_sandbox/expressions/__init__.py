"""The expression language of `where`, `on`, selectors and custom properties, compiled to SQL."""

from .compiler import condition, formula, number, segments, value
from .syntax import parse
from .terms import Scope, Term

__all__ = ["Scope", "Term", "condition", "formula", "number", "parse", "segments", "value"]
