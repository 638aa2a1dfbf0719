"""Trees of the expression language to SQL, keeping its own logic of undefined values.

Undefined is SQL NULL; a JSON null is told apart only where the language does (`==`). A `Term`
knows its kind as far as the text shows it, `any` for the value of a property.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from mixpanel_mcp_sandbox.database import literal
from mixpanel_mcp_sandbox.errors import not_emulated, wrong
from mixpanel_mcp_sandbox.properties import Join, Property
from . import syntax

Kind = Literal["any", "number", "string", "boolean", "datetime", "list", "null", "undefined"]
CASTS = {"number": "double", "string": "varchar", "boolean": "boolean", "datetime": "bigint"}


@dataclass
class Scope:
    """What names mean: zone, now, and whether `properties` are the profile's.

    `joins` collects what the SQL refers to beside the events.
    """

    timezone: str
    now: int
    profiles: bool = False
    joins: set[Join | None] = field(default_factory=set[Join | None], init=False)


@dataclass(frozen=True)
class Term:
    """SQL of a value; `tags` (lists only) is SQL for the comparable forms of its items."""

    kind: Kind
    sql: str
    present: str = "true"
    tags: str = ""
    constant: object = None


UNDEFINED = Term("undefined", "null")


def condition(text: str, scope: Scope) -> str:
    """Return the SQL predicate that is true exactly where the expression is true."""
    term = _term(syntax.parse(text), scope)
    return f"coalesce({_boolean(term)}, false)"


def segments(text: str, scope: Scope) -> str:
    """Return the SQL list of the texts an expression's value stands for in a breakdown."""
    return segment_texts(_term(syntax.parse(text), scope))


def value(text: str, scope: Scope) -> Term:
    """Return the SQL of an expression's value."""
    return _term(syntax.parse(text), scope)


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
    return f"[coalesce({_string_cast(term)}, 'undefined')]"


def _term(node: syntax.Node, scope: Scope) -> Term:
    match node:
        case syntax.Constant(value):
            return _constant(value)
        case syntax.Undefined():
            return UNDEFINED
        case syntax.Name("NOW"):
            return Term("number", f"{scope.now / 1000!r}::double")
        case syntax.Name(name):
            raise wrong(f"Unknown name {name!r}")
        case syntax.Accessor(source, name):
            return _accessor(source, name, scope)
        case syntax.Listing(items):
            terms = [_term(item, scope) for item in items]
            tags = f"[{', '.join(_tag(term) for term in terms)}]::varchar[]"
            return Term("list", f"[{', '.join(map(_variant, terms))}]::variant[]", tags=tags)
        case syntax.Invocation(name, arguments):
            return _invocation(name, [_term(a, scope) for a in arguments], scope)
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
    scope.joins.add(owner.join)
    return Term("any", owner.sql, owner.present)


def _number(term: Term) -> str:
    if term.kind == "number":
        return f"({term.sql})"
    return f"number_in({term.sql})" if term.kind == "any" else "null::double"


def _string(term: Term) -> str:
    if term.kind == "string":
        return f"({term.sql})"
    return f"text_in({term.sql})" if term.kind == "any" else "null::varchar"


def _datetime(term: Term) -> str:
    return f"({term.sql})" if term.kind == "datetime" else "null::bigint"


def _boolean(term: Term) -> str:
    if term.kind == "boolean":
        return f"({term.sql})"
    if term.kind == "any":
        return f"(case when kind({term.sql}) = 'boolean' then {term.sql}::varchar = 'true' end)"
    return "null::boolean"


def _operand(term: Term) -> str:
    """Return a truth value for `and` and `or`; any other type is an error of the request."""
    if term.kind in ("boolean", "undefined"):
        return f"coalesce({_boolean(term)}, false)"
    if term.kind == "any":
        return (
            f"(case kind({term.sql}) when 'boolean' then {term.sql}::varchar = 'true' "
            f"when 'null' then case when {term.present} then error({literal(NO_TRUTH)}) "
            f"else false end else error({literal(NO_TRUTH)}) end)"
        )
    raise wrong(NO_TRUTH)


NO_TRUTH = "and/or need booleans on both sides"


def _variant(term: Term) -> str:
    return f"({term.sql})::variant"


def _tag(term: Term) -> str:
    """Return SQL for a text that is equal exactly for equal values of the same type."""
    if term.kind == "any":
        nothing = f"case when {term.present} then 'null' else 'undefined' end"
        return (
            f"(case when kind({term.sql}) = 'null' then {nothing} "
            f"else kind({term.sql}) || ':' || lower(value_text({term.sql})) end)"
        )
    if term.kind in ("null", "undefined"):
        return f"'{term.kind}'"
    if term.kind == "list":
        return "'list'"
    text = f"number_text({term.sql})" if term.kind == "number" else f"lower(({term.sql})::varchar)"
    return f"coalesce('{term.kind}:' || {text}, 'undefined')"


def _tags(term: Term) -> str:
    if term.kind == "list":
        return term.tags
    return f"list_transform(scalars({term.sql}), lambda x: kind(x) || ':' || lower(value_text(x)))"


def _is_list(term: Term) -> str:
    if term.kind == "any":
        return f"(kind({term.sql}) = 'list')"
    return "true" if term.kind == "list" else "false"


def _equal(left: Term, right: Term) -> Term:
    scalar = f"{_tag(left)} = {_tag(right)}"
    kinds = {left.kind, right.kind}
    if not kinds & {"any", "list"}:
        return Term("boolean", scalar)
    branches: list[str] = []
    if _may_be_list(left) and _may_be_list(right):
        both = f"{_is_list(left)} and {_is_list(right)}"
        branches.append(f"when {both} then {_tags(left)} = {_tags(right)}")
    for some, other in ((left, right), (right, left)):
        if _may_be_list(some):
            found = f"list_contains({_tags(some)}, {_tag(other)})"
            branches.append(f"when {_is_list(some)} then {found}")
    return Term("boolean", f"(case {' '.join(branches)} else {scalar} end)")


def _may_be_list(term: Term) -> bool:
    return term.kind in ("any", "list")


def _different(left: Term, right: Term) -> Term:
    return Term("boolean", f"not {_equal(left, right).sql}")


def _ordering(operator: str) -> Callable[[Term, Term], Term]:
    def compare(left: Term, right: Term) -> Term:
        if "datetime" in (left.kind, right.kind):
            return Term("boolean", f"({_datetime(left)} {operator} {_datetime(right)})")
        return Term("boolean", f"({_number(left)} {operator} {_number(right)})")

    return compare


def _in(left: Term, right: Term) -> Term:
    branches: list[str] = []
    if right.kind in ("any", "string") and left.kind in ("any", "string"):
        inside = f"contains(lower({_string(right)}), lower({_string(left)}))"
        both = f"{_string(right)} is not null and {_string(left)} is not null"
        branches.append(f"when {both} then {inside}")
    if _may_be_list(right):
        if _may_be_list(left):
            both = f"{_is_list(right)} and {_is_list(left)}"
            branches.append(f"when {both} then list_has_any({_tags(right)}, {_tags(left)})")
        found = f"list_contains({_tags(right)}, {_tag(left)})"
        branches.append(f"when {_is_list(right)} and {_tag(left)} <> 'undefined' then {found}")
    return Term("boolean", f"(case {' '.join(branches)} end)") if branches else UNDEFINED


def _contains(left: Term, right: Term) -> Term:
    return _in(right, left)


def _plus(left: Term, right: Term) -> Term:
    total = f"({_number(left)} + {_number(right)})"
    joined = f"({_string(left)} || {_string(right)})"
    if "number" in (left.kind, right.kind):
        return Term("number", total)
    if "string" in (left.kind, right.kind):
        return Term("string", joined)
    return Term("any", f"coalesce({total}::variant, {joined}::variant)", "false")


def _arithmetic(operator: str) -> Callable[[Term, Term], Term]:
    def compute(left: Term, right: Term) -> Term:
        divisor = f"nullif({_number(right)}, 0)" if operator in "/%" else _number(right)
        return Term("number", f"({_number(left)} {operator} {divisor})")

    return compute


def _and(left: Term, right: Term) -> Term:
    return Term("boolean", f"({_operand(left)} and {_operand(right)})")


def _or(left: Term, right: Term) -> Term:
    return Term("boolean", f"({_operand(left)} or {_operand(right)})")


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
    return Term("number", f"(-{_number(term)})")


def _index(whole: Term, index: Term) -> Term:
    if whole.kind not in ("any", "list"):
        return UNDEFINED
    if isinstance(index.constant, str):
        key = literal(index.constant)
        item = f"case when kind({whole.sql}) = 'object' then {whole.sql}[{key}] end"
        present = f"kind({whole.sql}) = 'object' and variant_exists({whole.sql}, {key})"
        return Term("any", f"({item})", f"({present})")
    if isinstance(index.constant, float) and index.constant.is_integer():
        item = f"list_extract(scalars({_variant(whole)}), {int(index.constant)})"
        item = f"(case when {_is_list(whole)} then {item} end)"
        return Term("any", item, f"({item} is not null)")
    raise not_emulated("indexes that are no constants")


OPERATORS: dict[str, Callable[..., Term]] = {
    "==": _equal,
    "!=": _different,
    **{sign: _ordering(sign) for sign in ("<", "<=", ">", ">=")},
    "in": _in,
    "contains": _contains,
    "+": _plus,
    **{sign: _arithmetic(sign) for sign in "-*/%"},
    "and": _and,
    "or": _or,
    "not": _not,
    "negative": _negative,
    "index": _index,
}


def _invocation(name: str, terms: list[Term], scope: Scope) -> Term:
    if name not in FUNCTIONS:
        raise wrong(f"Unknown function {name!r}")
    if len(terms) != 1:
        raise wrong(f"{name}() takes one argument, not {len(terms)}")
    return FUNCTIONS[name](terms[0], scope)


def _defined(term: Term, _: Scope) -> Term:
    if term.kind == "any":
        return Term("boolean", f"(kind({term.sql}) <> 'null')")
    return Term("boolean", f"({term.sql}) is not null")


def _boolean_cast(term: Term, _: Scope) -> Term:
    by_kind = {
        "any": f"truth_in({term.sql})",
        "boolean": f"coalesce({term.sql}, false)",
        "number": f"coalesce({term.sql} <> 0, false)",
        "string": f"coalesce(lower({term.sql}) not in ('', 'false'), false)",
        "datetime": f"({term.sql}) is not null",
        "list": "true",
    }
    return Term("boolean", by_kind.get(term.kind, "false"))


def _number_cast(term: Term, _: Scope) -> Term:
    text = "case when regexp_full_match(trim({0}), '[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[-+]?[0-9]+)?', 'i') then try_cast(trim({0}) as double) end"
    by_kind = {
        "any": f"(case kind({term.sql}) when 'number' then number_in({term.sql}) "
        f"when 'boolean' then ({term.sql}::varchar = 'true')::int "
        f"when 'string' then {text.format(f'{term.sql}::varchar')} end)",
        "number": term.sql,
        "boolean": f"({term.sql})::int::double",
        "string": f"({text.format(f'({term.sql})')})",
        "datetime": f"(({term.sql}) // 1000)::double",
    }
    return Term("number", by_kind.get(term.kind, "null::double"))


def _string_cast(term: Term) -> str:
    by_kind = {
        "any": f"case when kind({term.sql}) <> 'null' then value_text({term.sql}) end",
        "number": f"number_text({term.sql})",
        "string": term.sql,
        "boolean": f"({term.sql})::varchar",
        "datetime": f"strftime(make_timestamp(({term.sql}) * 1000), '%Y-%m-%dT%H:%M:%S')",
        "list": f"to_json({term.sql})::varchar",
    }
    return by_kind.get(term.kind, "null::varchar")


def _text(term: Term, _: Scope) -> Term:
    return (
        Term("null", "null::variant")
        if term.kind == "null"
        else Term("string", f"({_string_cast(term)})")
    )


def _list_cast(term: Term, _: Scope) -> Term:
    if term.kind == "list":
        return term
    if term.kind == "any":
        items = f"case when kind({term.sql}) <> 'null' then scalars({term.sql}) end"
        return Term("any", f"({items})::variant", term.present)
    return Term("list", f"[{term.sql}]", tags=f"[{_tag(term)}]")


def _datetime_cast(term: Term, scope: Scope) -> Term:
    if isinstance(term.constant, str):
        return Term("datetime", _literal_moment(term.constant, scope.timezone))
    by_kind = {
        "any": f"moment_in({term.sql})",
        "number": f"number_moment({term.sql})",
        "string": f"text_moment({term.sql})",
        "datetime": term.sql,
    }
    return Term("datetime", f"({by_kind.get(term.kind, 'null::bigint')} // 1000 * 1000)")


def _literal_moment(text: str, timezone: str) -> str:
    """Read a written date in the project's zone, where a property's text would be UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return "null::bigint"
    local = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))
    return f"{int(local.timestamp()) * 1000}::bigint"


def _rounding(function: str) -> Callable[[Term, Scope], Term]:
    return lambda term, _: Term("number", f"{function}({_number(term)})")


FUNCTIONS: dict[str, Callable[[Term, Scope], Term]] = {
    "defined": _defined,
    "boolean": _boolean_cast,
    "number": _number_cast,
    "string": _text,
    "list": _list_cast,
    "datetime": _datetime_cast,
    "floor": _rounding("floor"),
    "ceil": _rounding("ceil"),
    "round": _rounding("round"),
}
