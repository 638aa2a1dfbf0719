"""Functions that expressions and formulas share: casts and rounding."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from .terms import UNDEFINED, Scope, Term, as_number, as_text, tag

NUMERAL = "[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[-+]?[0-9]+)?"


def _defined(_: Scope, term: Term) -> Term:
    if term.kind == "any":
        return Term("boolean", f"(kind({term.sql}) <> 'null')")
    return Term("boolean", f"({term.sql}) is not null")


def _boolean_cast(_: Scope, term: Term) -> Term:
    by_kind = {
        "any": f"truth_in({term.sql})",
        "boolean": f"coalesce({term.sql}, false)",
        "number": f"coalesce({term.sql} <> 0, false)",
        "string": f"coalesce(lower({term.sql}) not in ('', 'false'), false)",
        "datetime": f"({term.sql}) is not null",
        "list": "true",
    }
    return Term("boolean", by_kind.get(term.kind, "false"))


def _number_cast(_: Scope, term: Term) -> Term:
    text = (
        f"case when regexp_full_match(trim({{0}}), '{NUMERAL}', 'i') "
        "then try_cast(trim({0}) as double) end"
    )
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


def _text(_: Scope, term: Term) -> Term:
    if term.kind == "null":
        return term
    if term.kind == "any" and term.present != "false":
        return Term("any", f"({as_text(term)})::variant", term.present)
    return Term("string", f"({as_text(term)})")


def _list_cast(_: Scope, term: Term) -> Term:
    if term.kind == "list":
        return term
    if term.kind in ("null", "undefined"):
        return UNDEFINED
    if term.kind == "any":
        items = f"case when kind({term.sql}) <> 'null' then scalars({term.sql}) end"
        return Term("any", f"({items})::variant", "false")
    one = f"case when ({term.sql}) is not null then [{term.sql}] end"
    return Term("list", f"({one})", tags=f"[{tag(term)}]")


def datetime_cast(scope: Scope, term: Term) -> Term:
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


def _rounding(function: str) -> Callable[[Scope, Term], Term]:
    return lambda _, term: Term("number", f"{function}({as_number(term)})")


CASTS: dict[str, Callable[[Scope, Term], Term]] = {
    "defined": _defined,
    "boolean": _boolean_cast,
    "number": _number_cast,
    "string": _text,
    "list": _list_cast,
    "datetime": datetime_cast,
    "floor": _rounding("floor"),
    "ceil": _rounding("ceil"),
    "round": _rounding("round"),
}
