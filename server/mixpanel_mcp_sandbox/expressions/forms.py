"""Functions that give names to values: `let`, `any`, `all`, `filter`, `map`."""

from collections.abc import Callable

from mixpanel_mcp_sandbox.errors import wrong

from .binding import once
from .lists import SELECTING, items, mapped
from .nodes import Invocation, Name, Node
from .terms import Scope, Term, as_boolean

Compile = Callable[[Node, Scope], Term]
NAMING = ("let", *SELECTING, "map")


def named(call: Invocation, scope: Scope, compile_in: Compile) -> Term:
    """Return the term of a call whose arguments hold names.

    Args:
        call: of a function in `NAMING`.
        scope: what names mean around it.
        compile_in: gives the term of a part of it within a scope.
    """
    if call.function == "let":
        return _let(call, call.arguments, scope, compile_in)
    if len(call.arguments) != 3:
        raise wrong(
            f"{call.function}() at position {call.place} takes a name, a list and an expression"
        )
    name, whole, body = call.arguments
    item = next(scope.variables)
    inside = scope.naming(_name(call, name), Term("any", item))
    return once(
        [compile_in(whole, scope)],
        scope,
        lambda values: _over(call.function, items(values), item, compile_in(body, inside), scope),
    )


def _over(function: str, values: str, item: str, body: Term, scope: Scope) -> Term:
    if function == "map":
        return mapped(values, item, body)
    test = once([body], scope, lambda term: Term("boolean", f"coalesce({as_boolean(term)}, false)"))
    return SELECTING[function](values, item, test.sql)


def _let(call: Invocation, arguments: tuple[Node, ...], scope: Scope, compile_in: Compile) -> Term:
    if len(arguments) == 1 and len(call.arguments) > 1:
        return compile_in(arguments[0], scope)
    if len(arguments) < 3:
        raise wrong(f"let() at position {call.place} takes names with values and an expression")
    name, value, *rest = arguments
    known = _name(call, name)
    return once(
        [compile_in(value, scope)],
        scope,
        lambda term: _let(call, tuple(rest), scope.naming(known, term), compile_in),
    )


def _name(call: Invocation, node: Node) -> str:
    if isinstance(node, Name):
        return node.name
    raise wrong(f"{call.function}() at position {call.place} needs a name for its values")
