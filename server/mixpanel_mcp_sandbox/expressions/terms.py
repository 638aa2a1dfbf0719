"""Values of the expression language as SQL: what kind they are, and how they are compared.

Undefined is SQL NULL; a JSON null is told apart only where the language does (`==`). A `Term`
knows its kind as far as the text shows it, `any` for the value of a property.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Literal

from mixpanel_mcp_sandbox.properties import Property, Source

Kind = Literal["any", "number", "string", "boolean", "datetime", "list", "null", "undefined"]


@dataclass(frozen=True)
class Term:
    """SQL of a value.

    Attributes:
        present: of kind `any` only: true where a value that is SQL NULL is a JSON null.
        tags: of lists only: SQL for the comparable forms of the items, where it is known.
        constant: the value as it is written.
        whole: of kind `any` only: SQL of a struct that `sql` and `present` are taken out of.
        texts: of properties only: what the items of a list are called in a breakdown.
    """

    kind: Kind
    sql: str
    present: str = "true"
    tags: str = ""
    constant: object = None
    whole: str = ""
    texts: str = ""


def _variables() -> Iterator[str]:
    return (f"v{number}" for number in count())


@dataclass(frozen=True)
class Scope:
    """What names mean: zone, now, and whether `properties` are the profile's.

    Attributes:
        properties: collects what the SQL looks at.
        names: of a formula only: its inputs and what `let` and the like have named.
        variables: gives names for SQL that stands in no other part of the expression.
        owner: gives the property of a name.
        of_group: gives that of the event's group; None where there are no groups.
        behaviors: of a profile query only: its counts of events, by their names.
    """

    timezone: str
    now: int
    profiles: bool = False
    properties: set[Property] = field(default_factory=set[Property])
    names: Mapping[str, Term] | None = None
    variables: Iterator[str] = field(default_factory=_variables)
    owner: Callable[[str, Source], Property] = Property
    of_group: Callable[[str], Property | None] = lambda _: None
    behaviors: Mapping[str, Term] = field(default_factory=dict[str, Term])

    def naming(self, name: str, term: Term) -> "Scope":
        """Return the scope in which a name stands for a term besides."""
        return replace(self, names={**(self.names or {}), name: term})


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
    """Return the SQL of a value as properties hold it, a moment as text."""
    return f"({as_text(term) if term.kind == 'datetime' else term.sql})::variant"


def as_presence(term: Term) -> str:
    """Return SQL that is true where a value is SQL NULL and null, not undefined."""
    return term.present if term.kind in ("any", "null") else "false"


def as_text(term: Term) -> str:
    by_kind = {
        "any": f"case when kind({term.sql}) <> 'null' then value_text({term.sql}) end",
        "number": f"number_text({term.sql})",
        "string": term.sql,
        "boolean": f"({term.sql})::varchar",
        "datetime": f"strftime(make_timestamp(({term.sql}) * 1000), '%Y-%m-%dT%H:%M:%S')",
        "list": f"list_text(({term.sql})::variant[])",
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
    if term.tags:
        return term.tags
    items = term.sql if term.kind == "list" else f"scalars({term.sql})"
    return f"list_transform({items}, lambda x: kind(x) || ':' || lower(value_text(x)))"


def is_list(term: Term) -> str:
    if term.kind == "any":
        return f"(kind({term.sql}) = 'list')"
    return "true" if term.kind == "list" else "false"


def may_be_list(term: Term) -> bool:
    return term.kind in ("any", "list")
