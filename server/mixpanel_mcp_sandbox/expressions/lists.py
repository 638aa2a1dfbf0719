"""Functions on lists, and on pairs of numbers."""

from collections.abc import Callable

from .terms import Scope, Term, as_number, as_string, as_variant, is_list


def length(_: Scope, whole: Term) -> Term:
    """Return the number of characters of a text, or of items of a list."""
    if whole.kind == "any":
        characters = f"length({as_string(whole)})"
        return Term("number", f"coalesce({characters}, len({items(whole)}))::double")
    counted = items(whole) if whole.kind == "list" else as_string(whole)
    return Term("number", f"len({counted})::double")


def total(_: Scope, whole: Term) -> Term:
    """Return the sum of the numbers in a list."""
    numbers = f"list_transform({items(whole)}, lambda x: number_in(x))"
    summed = f"case when {is_list(whole)} then coalesce(list_sum({numbers}), 0) end"
    return Term("number", f"({summed})")


def least(_: Scope, left: Term, right: Term) -> Term:
    """Return the smaller of two numbers."""
    return _extreme("least", left, right)


def greatest(_: Scope, left: Term, right: Term) -> Term:
    """Return the greater of two numbers."""
    return _extreme("greatest", left, right)


def items(whole: Term) -> str:
    """Return the SQL list of a value's items, null for what is no list."""
    if whole.kind == "any":
        return f"(case when {is_list(whole)} then scalars({whole.sql}) end)"
    return f"({whole.sql})" if whole.kind == "list" else "null::variant[]"


def _extreme(function: str, left: Term, right: Term) -> Term:
    numbers = [as_number(left), as_number(right)]
    both = " and ".join(f"{number} is not null" for number in numbers)
    return Term("number", f"(case when {both} then {function}({', '.join(numbers)}) end)")


def _some(values: str, name: str, test: str) -> Term:
    return Term("boolean", f"(len(list_filter({values}, lambda {name}: {test})) > 0)")


def _every(values: str, name: str, test: str) -> Term:
    return Term("boolean", f"(len(list_filter({values}, lambda {name}: not {test})) = 0)")


def _kept(values: str, name: str, test: str) -> Term:
    return Term("list", f"list_filter({values}, lambda {name}: {test})")


SELECTING: dict[str, Callable[[str, str, str], Term]] = {
    "any": _some,
    "all": _every,
    "filter": _kept,
}


def mapped(values: str, name: str, value: Term) -> Term:
    """Return the list of what a term with a named item is for each item."""
    return Term("list", f"list_transform({values}, lambda {name}: {as_variant(value)})")
