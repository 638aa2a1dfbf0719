"""Values that SQL looks at more than once, computed once.

What an operator says of a value of unknown kind names the value many times; nested operators
would repeat their operands beyond measure. A lambda over a list of one gives a value a name.
"""

import re
from collections.abc import Callable, Sequence

from .terms import Scope, Term, as_presence, as_variant

NAME = re.compile(r"[\w.]+")
# What is shorter may be written twice.
SHORT = 80
CONSTANT = ("true", "false")


def once(terms: Sequence[Term], scope: Scope, build: Callable[..., Term]) -> Term:
    """Return what `build` makes of terms, each of which is short or stands for a long one."""
    names = {term.sql: next(scope.variables) for term in terms if not _short(term)}
    result = build(*(_named(t, names[t.sql]) if t.sql in names else t for t in terms))
    for term in terms:
        if name := names.pop(term.sql, None):
            result = _within(result, name, packed(term))
    return result


def packed(term: Term) -> str:
    """Return one SQL for a value that tells null and undefined apart where it can be either."""
    if term.kind != "any":
        return term.sql
    return as_variant(term) if term.present in CONSTANT else pair(term)


def pair(term: Term) -> str:
    """Return SQL of a struct: the value of any kind, and whether its SQL NULL is a null."""
    if term.whole:
        return term.whole
    return f"{{'v': {as_variant(term)}, 'p': {as_presence(term)}}}"


def unpaired(whole: str) -> Term:
    """Return the value of a struct that `pair` made."""
    return Term("any", f"({whole}).v", f"({whole}).p", whole=whole)


def _short(term: Term) -> bool:
    written = term.constant is not None or term.tags != ""
    # A truth value is looked at once, and only bare conditions are checked early.
    if written or term.kind in ("boolean", "null", "undefined"):
        return True
    if term.kind in ("any", "list"):
        return NAME.fullmatch(term.sql) is not None
    return len(term.sql) <= SHORT


def _named(term: Term, name: str) -> Term:
    if term.kind == "any" and term.present not in CONSTANT:
        return Term("any", f"{name}.v", f"{name}.p", whole=name)
    return Term(term.kind, name, term.present)


def _within(result: Term, name: str, value: str) -> Term:
    """Return a term in whose SQL a name stands for a value."""

    def bound(sql: str) -> str:
        return f"list_transform([{value}], lambda {name}: {sql})[1]"

    if name not in result.sql:
        return result
    if result.kind == "any" and result.present not in CONSTANT:
        return unpaired(bound(pair(result)))
    return Term(result.kind, bound(result.sql), result.present)
