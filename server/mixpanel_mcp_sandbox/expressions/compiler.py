"""Texts of the expression language to SQL predicates, segments and values."""

from functools import partial

from mixpanel_mcp_sandbox.database import literal
from mixpanel_mcp_sandbox.errors import wrong
from mixpanel_mcp_sandbox.properties import Property

from . import nodes
from .binding import once
from .forms import NAMING, named
from .functions import EXPRESSION, FORMULA
from .misuse import Misuse
from .operators import OPERATORS, connected
from .syntax import parse
from .terms import UNDEFINED, Scope, Term, as_boolean, as_number, as_text, as_variant, tag

MOST_CHARACTERS = 20_000
# These compute one of their arguments only, the others might be errors.
CHOOSING = ("if", "ifs")


def condition(text: str, scope: Scope) -> str:
    """Return the SQL predicate that is true exactly where the expression is true."""
    term = _term(parse(text), scope)
    return f"coalesce({as_boolean(term)}, false)"


def segments(text: str, scope: Scope) -> str:
    """Return the SQL list of the texts an expression's value stands for in a breakdown."""
    return segment_texts(_term(parse(text), scope))


def number(text: str, scope: Scope) -> str:
    """Return the SQL number that an expression's value is, NULL where it is none."""
    return as_number(_term(parse(text), scope))


def value(expression: str | nodes.Node, scope: Scope) -> Term:
    """Return the SQL of the value of an expression or of a part of one."""
    node = parse(expression) if isinstance(expression, str) else expression
    return _term(node, scope)


def formula(text: str, scope: Scope) -> Term:
    """Return the SQL of a formula over the names of a scope; 400 for one that is wrong."""
    if len(text) > MOST_CHARACTERS:
        raise wrong(f"A formula may have at most {MOST_CHARACTERS} characters")
    return _term(parse(text, accessors=False), scope)


def segment_texts(term: Term) -> str:
    """Return the SQL list of segment names of a value."""
    if term.kind == "any":
        nothing = f"[case when {term.present} then 'null' else 'undefined' end]"
        items = term.texts or f"texts({term.sql})"
        return (
            f"case when kind({term.sql}) = 'null' then {nothing} "
            f"when kind({term.sql}) = 'list' and len({items}) = 0 then ['undefined'] "
            f"else {items} end"
        )
    if term.kind == "null":
        return "['null']"
    return f"[coalesce({as_text(term)}, 'undefined')]"


def _term(node: nodes.Node, scope: Scope) -> Term:
    match node:
        case nodes.Constant(value):
            return _constant(value)
        case nodes.Undefined():
            return UNDEFINED
        case nodes.Name(name, place):
            return _name(name, place, scope)
        case nodes.Accessor(source, name):
            return _accessor(source, name, scope)
        case nodes.Listing(items):
            return once([_term(item, scope) for item in items], scope, _listing)
        case nodes.Invocation(name) if scope.names is not None and name in NAMING:
            return named(node, scope, _term)
        case nodes.Invocation(_, arguments):
            return _invocation(node, [_term(a, scope) for a in arguments], scope)
        case nodes.Operation("and" | "or" as operator, operands, place):
            terms = [_term(operand, scope) for operand in operands]
            return once(terms, scope, partial(connected, operator, place))
        case nodes.Operation(operator, operands):
            return once([_term(o, scope) for o in operands], scope, OPERATORS[operator])


def _name(name: str, place: int, scope: Scope) -> Term:
    if scope.names is None and name == "NOW":
        return Term("number", f"{scope.now / 1000!r}::double")
    if scope.names is None or name not in scope.names:
        raise wrong(f"Unknown name {name!r} at position {place}")
    return scope.names[name]


def _listing(*terms: Term) -> Term:
    tags = f"[{', '.join(map(tag, terms))}]::varchar[]"
    return Term("list", f"[{', '.join(map(as_variant, terms))}]::variant[]", tags=tags)


def _constant(value: object) -> Term:
    if value is None:
        return Term("null", "null::variant")
    if isinstance(value, bool):
        return Term("boolean", str(value).lower())
    if isinstance(value, float):
        return Term("number", f"{value!r}::double", constant=value)
    return Term("string", literal(str(value)), constant=value)


def _accessor(source: str, name: str, scope: Scope) -> Term:
    if source == "behaviors":
        if name not in scope.behaviors:
            raise wrong(f"There is no behavior {name!r}")
        return scope.behaviors[name]
    if source == "group_properties":
        return _property(scope.of_group(name), scope)
    if source == "event" and scope.profiles:
        return UNDEFINED
    if source == "event":
        if name == "$time":
            return Term("datetime", "e.t")
        source = "events"
    people = source == "user" or scope.profiles
    return _property(scope.owner(name, "people" if people else "events"), scope)


def _property(owner: Property | None, scope: Scope) -> Term:
    if owner is None:
        return UNDEFINED
    scope.properties.add(owner)
    return Term("any", owner.sql, owner.present, texts=owner.item_texts)


def _invocation(call: nodes.Invocation, terms: list[Term], scope: Scope) -> Term:
    name, place = call.function, call.place
    function = (EXPRESSION if scope.names is None else FORMULA).get(name)
    if function is None:
        raise wrong(f"Unknown function {name!r} at position {place}")
    if not function.least <= len(terms) <= function.most:
        raise wrong(f"{name}() at position {place} takes {function.wants()}, not {len(terms)}")
    build = partial(function.build, scope)
    try:
        return build(*terms) if name in CHOOSING else once(terms, scope, build)
    except Misuse as error:
        raise wrong(f"{name}() at position {place}: {error}") from error
