"""Custom properties: formulas over other properties, written in a request or saved."""

from dataclasses import dataclass, field, replace
from textwrap import shorten
from typing import Literal

from .errors import Refusal, wrong
from .expressions import Scope, Term, formula
from .expressions.binding import once
from .expressions.casts import CASTS
from .expressions.terms import as_presence, as_variant
from .predicates import Clock
from .properties import Derived, Property

Cast = Literal["string", "number", "boolean", "datetime"]


@dataclass(frozen=True)
class Input:
    """A property that a formula calls `name`, read by a cast of the language where one is given."""

    name: str
    property: Property
    cast: Cast | None = None


@dataclass(frozen=True)
class Computed(Derived):
    """The value of a formula over other properties; `name` is what an answer calls it."""

    prefix = "c"
    formula: str = field(kw_only=True)
    operands: tuple[Input, ...] = field(kw_only=True)

    @property
    def sql(self) -> str:
        """The value as VARIANT, in a column that `scan` computes."""
        return f"e.{self.column}"

    @property
    def present(self) -> str:
        """True unless the value is undefined."""
        return f"e.{self.column}_present"

    @property
    def inputs(self) -> tuple[Property, ...]:
        """The properties of events and profiles that its formula is made of."""
        owners = (each.property for each in self.operands)
        return tuple(p for o in owners for p in (o.inputs if isinstance(o, Computed) else (o,)))

    def columns(self, clock: Clock) -> str:
        """Return the SQL of its columns; 400 for a formula that is wrong."""
        term = self.term(Scope(clock.timezone, clock.now))
        return f"{as_variant(term)} as {self.column}, {as_presence(term)} as {self.column}_present"

    def term(self, scope: Scope) -> Term:
        """Return the value over the columns of its inputs; 400 for a formula that is wrong."""
        values = [_read(each, scope) for each in self.operands]

        def build(*terms: Term) -> Term:
            names = {each.name: term for each, term in zip(self.operands, terms, strict=True)}
            return formula(self.formula, replace(scope, names=names))

        try:
            return once(values, scope, build)
        except Refusal as refusal:
            raise wrong(f"Custom property {shorten(self.name, 60)!r}: {refusal}") from refusal


def _read(operand: Input, scope: Scope) -> Term:
    owner = operand.property
    if isinstance(owner, Computed):
        term = owner.term(scope)
    else:
        term = Term("any", owner.sql, owner.present)
    return CASTS[operand.cast](scope, term) if operand.cast else term
