"""Texts of the expression language to SQL predicates, segments and values."""

from mixpanel_mcp_sandbox.database import literal
from mixpanel_mcp_sandbox.errors import wrong
from mixpanel_mcp_sandbox.properties import Property

from . import syntax
from .casts import FUNCTIONS
from .operators import OPERATORS
from .terms import UNDEFINED, Scope, Term, as_boolean, as_text, as_variant, tag


def condition(text: str, scope: Scope) -> str:
    """Return the SQL predicate that is true exactly where the expression is true."""
    term = _term(syntax.parse(text), scope)
    return f"coalesce({as_boolean(term)}, false)"


def segments(text: str, scope: Scope) -> str:
    """Return the SQL list of the texts an expression's value stands for in a breakdown."""
    return segment_texts(_term(syntax.parse(text), scope))


def value(expression: str | syntax.Node, scope: Scope) -> Term:
    """Return the SQL of the value of an expression or of a part of one."""
    node = syntax.parse(expression) if isinstance(expression, str) else expression
    return _term(node, scope)


def segment_texts(term: Term) -> str:
    """Return the SQL list of segment names of a value."""
    if term.kind == "any":
        nothing = f"[case when {term.present} then 'null' else 'undefined' end]"
        items = f"texts({term.sql})"
        return (
            f"case when kind({term.sql}) = 'null' then {nothing} "
            f"when kind({term.sql}) = 'list' and len({items}) = 0 then ['undefined'] "
            f"else {items} end"
        )
    if term.kind == "null":
        return "['null']"
    return f"[coalesce({as_text(term)}, 'undefined')]"


def _term(node: syntax.Node, scope: Scope) -> Term:
    match node:
        case syntax.Constant(value):
            return _constant(value)
        case syntax.Undefined():
            return UNDEFINED
        case syntax.Name("NOW"):
            return Term("number", f"{scope.now / 1000!r}::double")
        case syntax.Name(name, place):
            raise wrong(f"Unknown name {name!r} at position {place}")
        case syntax.Accessor(source, name):
            return _accessor(source, name, scope)
        case syntax.Listing(items):
            terms = [_term(item, scope) for item in items]
            tags = f"[{', '.join(tag(term) for term in terms)}]::varchar[]"
            return Term("list", f"[{', '.join(map(as_variant, terms))}]::variant[]", tags=tags)
        case syntax.Invocation(_, arguments):
            return _invocation(node, [_term(a, scope) for a in arguments], scope)
        case syntax.Operation(operator, operands):
            return OPERATORS[operator](*(_term(o, scope) for o in operands))


def _constant(value: object) -> Term:
    if value is None:
        return Term("null", "null::variant")
    if isinstance(value, bool):
        return Term("boolean", str(value).lower())
    if isinstance(value, float):
        return Term("number", f"{value!r}::double", constant=value)
    return Term("string", literal(str(value)), constant=value)


def _accessor(source: str, name: str, scope: Scope) -> Term:
    if source == "group_properties" or (source == "event" and scope.profiles):
        return UNDEFINED
    if source == "event":
        if name == "$time":
            return Term("datetime", "e.t")
        owner = Property(name)
    elif source == "user" or scope.profiles:
        owner = Property(name, "people")
    else:
        owner = Property(name)
    scope.properties.add(owner)
    return Term("any", owner.sql, owner.present)


def _invocation(call: syntax.Invocation, terms: list[Term], scope: Scope) -> Term:
    name, place = call.function, call.place
    if name not in FUNCTIONS:
        raise wrong(f"Unknown function {name!r} at position {place}")
    if len(terms) != 1:
        raise wrong(f"{name}() at position {place} takes one argument, not {len(terms)}")
    return FUNCTIONS[name](terms[0], scope)
