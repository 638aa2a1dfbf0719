"""Values of the expression language as SQL: what kind they are, and how they are compared.

Undefined is SQL NULL; a JSON null is told apart only where the language does (`==`). A `Term`
knows its kind as far as the text shows it, `any` for the value of a property.
"""

from dataclasses import dataclass, field
from typing import Literal

from mixpanel_mcp_sandbox.properties import Property

Kind = Literal["any", "number", "string", "boolean", "datetime", "list", "null", "undefined"]


@dataclass
class Scope:
    """What names mean: zone, now, and whether `properties` are the profile's.

    `properties` collects what the SQL looks at.
    """

    timezone: str
    now: int
    profiles: bool = False
    properties: set[Property] = field(default_factory=set[Property], init=False)


@dataclass(frozen=True)
class Term:
    """SQL of a value; `tags` (lists only) is SQL for the comparable forms of its items."""

    kind: Kind
    sql: str
    present: str = "true"
    tags: str = ""
    constant: object = None


UNDEFINED = Term("undefined", "null")


def as_number(term: Term) -> str:
    if term.kind == "number":
        return f"({term.sql})"
    return f"number_in({term.sql})" if term.kind == "any" else "null::double"


def as_string(term: Term) -> str:
    if term.kind == "string":
        return f"({term.sql})"
    return f"text_in({term.sql})" if term.kind == "any" else "null::varchar"


def as_datetime(term: Term) -> str:
    return f"({term.sql})" if term.kind == "datetime" else "null::bigint"


def as_boolean(term: Term) -> str:
    if term.kind == "boolean":
        return f"({term.sql})"
    if term.kind == "any":
        return f"(case when kind({term.sql}) = 'boolean' then {term.sql}::varchar = 'true' end)"
    return "null::boolean"


def as_variant(term: Term) -> str:
    return f"({term.sql})::variant"


def as_text(term: Term) -> str:
    by_kind = {
        "any": f"case when kind({term.sql}) <> 'null' then value_text({term.sql}) end",
        "number": f"number_text({term.sql})",
        "string": term.sql,
        "boolean": f"({term.sql})::varchar",
        "datetime": f"strftime(make_timestamp(({term.sql}) * 1000), '%Y-%m-%dT%H:%M:%S')",
        "list": f"to_json({term.sql})::varchar",
    }
    return by_kind.get(term.kind, "null::varchar")


def tag(term: Term) -> str:
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


def tags(term: Term) -> str:
    if term.kind == "list":
        return term.tags
    return f"list_transform(scalars({term.sql}), lambda x: kind(x) || ':' || lower(value_text(x)))"


def is_list(term: Term) -> str:
    if term.kind == "any":
        return f"(kind({term.sql}) = 'list')"
    return "true" if term.kind == "list" else "false"


def may_be_list(term: Term) -> bool:
    return term.kind in ("any", "list")
