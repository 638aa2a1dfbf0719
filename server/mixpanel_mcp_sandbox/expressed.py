"""Expressions where a query takes a property: to break down by, or to filter by."""

from dataclasses import dataclass, field

from .expressions import Scope, condition
from .predicates import Filter
from .properties import Derived, Property


@dataclass(frozen=True)
class Expressed(Derived):
    """The value of an expression over an event.

    Attributes:
        looks_at: the properties that a scan must have, unless it has them anyway.
    """

    value: str = field(kw_only=True)
    known: str = field(kw_only=True)
    looks_at: tuple[Property, ...] = field(default=(), kw_only=True)

    @property
    def sql(self) -> str:
        """The value as VARIANT."""
        return f"({self.value})::variant"

    @property
    def present(self) -> str:
        """True unless the value is undefined."""
        return self.known

    @property
    def inputs(self) -> tuple[Property, ...]:
        """The properties that the expression looks at."""
        return self.looks_at

    @property
    def needs(self) -> tuple[Property, ...]:
        """The same, since it is computed from them in its place."""
        return self.looks_at


def stated(text: str, scope: Scope) -> Filter:
    """Return the filter that is met exactly where an expression is true.

    The scope must be one for this expression alone.
    """
    test = condition(text, scope)
    looks_at = tuple(sorted(scope.properties, key=lambda each: each.column))
    return Filter(Expressed(text, value=test, known="true", looks_at=looks_at), "true")
