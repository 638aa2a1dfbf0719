"""Formulas: expressions over the metrics of the query, or over operands of their own."""

from collections.abc import Mapping
from typing import Annotated, Any, NoReturn, Self

from pydantic import PlainValidator

from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.queries.formulas import (
    FormulaSyntaxError,
    check_formula,
    letter_index,
    names_in,
    numbers_in,
)
from mixpanel_mcp_core.queries.names import is_blank
from mixpanel_mcp_core.queries.term import Term, guard_each

from .kinds import AnyMetric, read_metric
from .metrics import Metric
from .references import MetricRef


def _read_operand(value: Any) -> "AnyMetric | Formula":
    if isinstance(value, str):
        return Metric(event=value)
    if isinstance(value, Mapping) and "formula" in value:
        return Formula.model_validate(value)
    return read_metric(value)


class Formula(Term):
    """An expression; its letters name the metrics of the query, or `metrics` where it has them."""

    formula: str
    label: str | None = None
    metrics: list[Annotated[AnyMetric | Self, PlainValidator(_read_operand)]] | None = None

    def operands(self) -> list[AnyMetric]:
        """The metrics of its own; none where the letters name those of the query."""
        return [each for each in self.metrics or () if not isinstance(each, Formula)]

    def guard(self) -> None:
        """The operands, then the expression."""
        guard_each("metrics", self.metrics)
        guard_expression(self.formula)
        if self.metrics is not None:
            for operand in self.metrics:
                _guard_operand(operand)
            _guard_letters(self.formula, len(self.metrics))


def guard_expression(expression: str) -> None:
    """Raise ParamValidationError for a formula without text."""
    if is_blank(expression):
        message = 'formula must be an expression such as "(B / A) * 100".'
        raise ParamValidationError(message, code="FM1_EMPTY_EXPRESSION")


def _guard_operand(operand: AnyMetric | Formula) -> None:
    if isinstance(operand, Formula) or (
        isinstance(operand, MetricRef) and operand.type == "formula"
    ):
        message = "A formula cannot be an operand of another formula."
        raise ParamValidationError(message, code="FM3_NESTED_FORMULA")
    if not isinstance(operand, MetricRef):
        return
    if operand.type == "warehouse":
        message = "A warehouse metric cannot be an operand of a formula."
        raise ParamValidationError(message, code="FM7_WAREHOUSE_OPERAND")
    if replaced := operand.replaced():
        message = f"An operand of a formula is a saved metric as it is, without {replaced[0]}."
        raise ParamValidationError(message, code="MR2_OPERAND_OVERRIDE")


def _guard_letters(expression: str, count: int) -> None:
    try:
        check_formula(expression)
    except FormulaSyntaxError as error:
        message = f"Formula {expression!r} has {error}."
        _refuse("FM4_SYNTAX", message, expression=expression, position=error.position)
    for literal in numbers_in(expression):
        if "E" in literal:
            message = f"Write {literal.lower()} for {literal}: a capital E names a metric."
            _refuse("FM5_UPPER_E", message, expression=expression, literal=literal)
    names = list(dict.fromkeys(names_in(expression)))
    unknown = [name for name in names if not _names_operand(name, count)]
    if unknown:
        message = f"Formula {expression!r} names {', '.join(unknown)}; it has {count} metrics."
        details = {"unknown": unknown, "operand_count": count}
        _refuse("FM2_UNKNOWN_LETTER", message, expression=expression, **details)
    if not names:
        message = f"Formula {expression!r} must name its metrics by letters, e.g. A / B."
        _refuse("V16_FORMULA_SYNTAX", message, expression=expression)


def _names_operand(name: str, count: int) -> bool:
    index = letter_index(name)
    return index is not None and index < count


def _refuse(code: str, message: str, **details: Any) -> NoReturn:
    raise ParamValidationError(message, code=code, details=details)
