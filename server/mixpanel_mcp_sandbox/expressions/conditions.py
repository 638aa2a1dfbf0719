"""`if` and `ifs`: the value of the first condition that is true."""

from itertools import pairwise

from .binding import once, pair, unpaired
from .misuse import Misuse
from .terms import UNDEFINED, Scope, Term, as_boolean, as_variant


def either(scope: Scope, condition: Term, value: Term, other: Term = UNDEFINED) -> Term:
    """Return `value` where the condition is true, else `other`."""
    return _chosen(scope, [(condition, value)], other)


def first_true(scope: Scope, *terms: Term) -> Term:
    """Return the value behind the first condition that is true."""
    if len(terms) % 2:
        raise Misuse("every condition needs a value")
    return _chosen(scope, list(pairwise(terms))[::2], UNDEFINED)


def _chosen(scope: Scope, cases: list[tuple[Term, Term]], other: Term) -> Term:
    values = [*(value for _, value in cases), other]
    tests = [_truth(scope, condition) for condition, _ in cases]
    known = [value for value in values if value.kind != "undefined"]
    if not known:
        return UNDEFINED
    kind = known[0].kind
    if kind not in ("any", "null") and all(value.kind == kind for value in known):
        return Term(kind, _case(tests, [value.sql for value in values]))
    if all(value.present == "false" for value in values if value.kind in ("any", "null")):
        return Term("any", _case(tests, [as_variant(value) for value in values]), "false")
    return unpaired(_case(tests, [pair(value) for value in values]))


def _truth(scope: Scope, condition: Term) -> str:
    return once([condition], scope, lambda term: Term("boolean", as_boolean(term))).sql


def _case(tests: list[str], values: list[str]) -> str:
    whens = (f"when {test} then {value}" for test, value in zip(tests, values, strict=False))
    return f"(case {' '.join(whens)} else {values[-1]} end)"
