"""Construction guards of filters: the first broken rule is raised alone."""

from typing import TYPE_CHECKING, Any, NoReturn, get_args

from mixpanel_mcp_core.errors import ParamValidationError

from .cohorts import guard_cohort
from .dates import guard_date
from .names import is_blank
from .operators import OPERATORS
from .suggestions import offer
from .term import guard_each
from .vocabulary import FrequencyOperator

if TYPE_CHECKING:
    from .filters import Filter, FrequencyFilter


def guard_filter(condition: "Filter") -> None:
    """Raise ParamValidationError for days, quantities, cohorts and items that cannot be."""
    match OPERATORS[condition.operator].operand:
        case "day":
            guard_date(condition.value, "value", ("V8_DATE_FORMAT", "V8_DATE_INVALID"))
        case "days":
            _guard_days(condition.from_date or "", condition.to_date or "")
        case "recent":
            _guard_quantity(condition.quantity or 0)
        case "cohort":
            guard_cohort(condition.cohort, condition.name, "CF1", "CF2")
        case "items":
            _guard_items(condition)
        case _:
            pass


def guard_frequency_filter(condition: "FrequencyFilter") -> None:
    """Raise ParamValidationError for event, operator, value or date range."""
    if is_blank(condition.frequency_of):
        _refuse("FF1_EMPTY_EVENT", 'frequency_of must name an event, e.g. "Login".')
    operators: tuple[str, ...] = get_args(FrequencyOperator)
    if condition.operator not in operators:
        message = (
            f"operator {condition.operator!r} is not valid. {offer(condition.operator, operators)}"
        )
        _refuse("FF2_INVALID_OPERATOR", message)
    if condition.value < 0:
        _refuse("FF3_VALUE_NEGATIVE", f"value must be 0 or more, got {condition.value}.")
    _guard_date_range(condition.date_range_value, condition.date_range_unit)


def _guard_date_range(value: int | None, unit: str | None) -> None:
    if (value is None) != (unit is None):
        _refuse("FF4_DATE_RANGE_PAIR", "Give date_range_value and date_range_unit together.")
    if value is not None and value <= 0:
        message = f"date_range_value must be positive, got {value}."
        _refuse("FF5_DATE_RANGE_VALUE_NOT_POSITIVE", message)


def _guard_days(from_date: str, to_date: str) -> None:
    for field, day in (("from_date", from_date), ("to_date", to_date)):
        guard_date(day, field, ("V8_DATE_FORMAT", "V8_DATE_INVALID"))
    if from_date > to_date:
        _refuse("FD2_DATE_ORDER", f"from_date {from_date} must not be after to_date {to_date}.")


def _guard_quantity(quantity: int) -> None:
    if quantity <= 0:
        _refuse("FD1_QUANTITY_NOT_POSITIVE", f"quantity must be positive, got {quantity}.")


def _guard_items(condition: "Filter") -> None:
    guard_each("item_filters", condition.item_filters)
    if condition.equals and condition.item_filters:
        _refuse("LC3_MIXED_ARGS", "list_contains takes either equals or item_filters, not both.")
    if condition.quantifier not in ("any", "all"):
        message = f'quantifier must be "any" or "all", got {condition.quantifier!r}.'
        _refuse("LC4_INVALID_QUANTIFIER", message)
    for name, value in (condition.equals or {}).items():
        _guard_item_value(name, value)
    if not condition.equals and not condition.item_filters:
        _refuse(
            "LC7_NO_CONDITIONS",
            'list_contains needs equals, e.g. {"Brand": "nike"}, or item_filters.',
        )
    for item in condition.item_filters or ():
        if item.operator == "list_contains":
            _refuse("LC8_NESTED_LIST_CONTAINS", "list_contains cannot hold another list_contains.")


def _guard_item_value(name: str, value: Any) -> None:
    if is_blank(name):
        _refuse("LC5_EMPTY_KWARG_KEY", "equals must name the parts of an item.")
    if not isinstance(value, str | list):
        _refuse("LC6_KWARG_VALUE_TYPE", f"equals[{name!r}] must be a string or a list of strings.")


def _refuse(code: str, message: str) -> NoReturn:
    raise ParamValidationError(message, code=code)
