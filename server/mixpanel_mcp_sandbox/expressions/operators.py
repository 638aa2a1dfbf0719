"""Operators of the expression language on terms."""

from collections.abc import Callable

from mixpanel_mcp_sandbox.database import literal
from mixpanel_mcp_sandbox.errors import not_emulated, wrong

from .terms import (
    UNDEFINED,
    Term,
    as_boolean,
    as_datetime,
    as_number,
    as_string,
    as_variant,
    is_list,
    may_be_list,
    tag,
    tags,
)


def _operand(term: Term, complaint: str) -> str:
    """Return a truth value for `and` and `or`; any other type is an error of the request."""
    if term.kind in ("boolean", "undefined"):
        return f"coalesce({as_boolean(term)}, false)"
    if term.kind == "any":
        error = f"error({literal(complaint)})"
        return (
            f"(case kind({term.sql}) when 'boolean' then {term.sql}::varchar = 'true' "
            f"when 'null' then case when {term.present} then {error} else false end "
            f"else {error} end)"
        )
    raise wrong(complaint)


def _equal(left: Term, right: Term) -> Term:
    scalar = f"{tag(left)} = {tag(right)}"
    kinds = {left.kind, right.kind}
    if not kinds & {"any", "list"}:
        return Term("boolean", scalar)
    branches: list[str] = []
    if may_be_list(left) and may_be_list(right):
        both = f"{is_list(left)} and {is_list(right)}"
        branches.append(f"when {both} then {tags(left)} = {tags(right)}")
    for some, other in ((left, right), (right, left)):
        if may_be_list(some):
            found = f"list_contains({tags(some)}, {tag(other)})"
            branches.append(f"when {is_list(some)} then {found}")
    return Term("boolean", f"(case {' '.join(branches)} else {scalar} end)")


def _different(left: Term, right: Term) -> Term:
    return Term("boolean", f"not {_equal(left, right).sql}")


def _ordering(operator: str) -> Callable[[Term, Term], Term]:
    def compare(left: Term, right: Term) -> Term:
        if "datetime" in (left.kind, right.kind):
            return Term("boolean", f"({as_datetime(left)} {operator} {as_datetime(right)})")
        return Term("boolean", f"({as_number(left)} {operator} {as_number(right)})")

    return compare


def _in(left: Term, right: Term) -> Term:
    branches: list[str] = []
    if right.kind in ("any", "string") and left.kind in ("any", "string"):
        inside = f"contains(lower({as_string(right)}), lower({as_string(left)}))"
        both = f"{as_string(right)} is not null and {as_string(left)} is not null"
        branches.append(f"when {both} then {inside}")
    if may_be_list(right):
        if may_be_list(left):
            both = f"{is_list(right)} and {is_list(left)}"
            branches.append(f"when {both} then list_has_any({tags(right)}, {tags(left)})")
        found = f"list_contains({tags(right)}, {tag(left)})"
        branches.append(f"when {is_list(right)} and {tag(left)} <> 'undefined' then {found}")
    return Term("boolean", f"(case {' '.join(branches)} end)") if branches else UNDEFINED


def _contains(left: Term, right: Term) -> Term:
    return _in(right, left)


def _plus(*terms: Term) -> Term:
    total = f"({' + '.join(map(as_number, terms))})"
    joined = f"({' || '.join(map(as_string, terms))})"
    kinds = {term.kind for term in terms}
    if "number" in kinds:
        return Term("number", total)
    if "string" in kinds:
        return Term("string", joined)
    return Term("any", f"coalesce({total}::variant, {joined}::variant)", "false")


def _arithmetic(operator: str) -> Callable[[Term, Term], Term]:
    def compute(left: Term, right: Term) -> Term:
        divisor = f"nullif({as_number(right)}, 0)" if operator in "/%" else as_number(right)
        return Term("number", f"({as_number(left)} {operator} {divisor})")

    return compute


def connected(operator: str, place: int, *terms: Term) -> Term:
    """Return what `and` or `or` makes of terms; anything but booleans is a 400."""
    complaint = f"{operator} at position {place} needs booleans on both sides"
    operands = f" {operator} ".join(_operand(term, complaint) for term in terms)
    return Term("boolean", f"({operands})")


def _not(term: Term) -> Term:
    if term.kind == "boolean":
        return Term("boolean", f"coalesce(not {term.sql}, true)")
    if term.kind == "undefined":
        return Term("boolean", "true")
    if term.kind != "any":
        return UNDEFINED
    undefined = f"when 'null' then case when {term.present} then null else true end"
    return Term(
        "boolean",
        f"(case kind({term.sql}) when 'boolean' then {term.sql}::varchar = 'false' "
        f"{undefined} end)",
    )


def _negative(term: Term) -> Term:
    return Term("number", f"(-{as_number(term)})")


def _index(whole: Term, index: Term) -> Term:
    if whole.kind not in ("any", "list"):
        return UNDEFINED
    if isinstance(index.constant, str):
        key = literal(index.constant)
        item = f"case when kind({whole.sql}) = 'object' then {whole.sql}[{key}] end"
        present = f"kind({whole.sql}) = 'object' and variant_exists({whole.sql}, {key})"
        return Term("any", f"({item})", f"({present})")
    if index.kind == "number":
        items, place = f"scalars({as_variant(whole)})", f"({index.sql})"
        within = f"{is_list(whole)} and {place} between 1 and len({items})"
        within += f" and {place} = trunc({place})"
        item = f"case when {within} then list_extract({items}, try_cast({place} as bigint)) end"
        return Term("any", f"({item})", f"({within})")
    raise not_emulated("indexes that are no constants")


OPERATORS: dict[str, Callable[..., Term]] = {
    "==": _equal,
    "!=": _different,
    **{sign: _ordering(sign) for sign in ("<", "<=", ">", ">=")},
    "in": _in,
    "contains": _contains,
    "+": _plus,
    **{sign: _arithmetic(sign) for sign in "-*/%"},
    "not": _not,
    "negative": _negative,
    "index": _index,
}
