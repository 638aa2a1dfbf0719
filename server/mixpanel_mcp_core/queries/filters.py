"""Filters: conditions on a property, a list of items, a cohort or a frequency."""

from collections.abc import Mapping
from typing import Annotated, Any, Self, cast

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema, model_validator
from pydantic.json_schema import SkipJsonSchema

from .cohorts import Cohort
from .custom_properties import PropertySpec
from .filter_guards import guard_filter, guard_frequency_filter
from .operators import (
    OPERAND_KEYS,
    OPERATORS,
    FilterOperator,
    keys_of,
    operand_of,
    read_operator,
)
from .problems import Problem, numbered, refuse
from .term import Term, guard_each, one_or_more
from .vocabulary import (
    DateUnit,
    FiltersCombinator,
    FrequencyOperator,
    Quantifier,
    ResourceType,
    TimeUnit,
)
from .words import Number, Whole, closed, judged_later, refusal, to_number


class Filter(Term):
    """A condition on a property, or (in_cohort, not_in_cohort) on a cohort."""

    property: PropertySpec | None = Field(default=None, description='Property name, e.g. "country"')
    operator: Annotated[FilterOperator, BeforeValidator(read_operator)] = Field(
        description='How to compare, e.g. "equals"'
    )
    value: Annotated[Any, WithJsonSchema({"type": "string"})] = Field(
        default=None, description='Text, number or day, e.g. "US", "50", "2025-01-31"'
    )
    values: list[str] | None = Field(
        default=None, description='Values of equals, not_equals, e.g. ["US", "CA"]'
    )
    min_val: Number | None = Field(default=None, description="For between, e.g. 10")
    max_val: Number | None = Field(default=None, description="For between, e.g. 100")
    from_date: str | None = Field(default=None, description='For date_between, e.g. "2025-01-01"')
    to_date: str | None = Field(default=None, description='For date_between, e.g. "2025-01-31"')
    quantity: Whole | None = Field(default=None, description="For in_the_last, e.g. 7")
    date_unit: Annotated[DateUnit, closed(DateUnit)] | None = Field(
        default=None, description="Unit of quantity"
    )
    resource_type: Annotated[ResourceType, closed(ResourceType)] = Field(
        default="events", description='"people" for a profile property'
    )
    cohort: Cohort | None = Field(
        default=None, description="Saved cohort id for in_cohort, e.g. 123"
    )
    name: SkipJsonSchema[str | None] = None
    equals: SkipJsonSchema[dict[str, Any] | None] = None
    item_filters: SkipJsonSchema["list[Filter] | None"] = None
    quantifier: SkipJsonSchema[Annotated[Quantifier, judged_later]] = "any"

    @model_validator(mode="before")
    @classmethod
    def _unite_values(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        keys = dict(cast("Mapping[str, Any]", given))
        if keys.get("values") is not None and keys.get("value") is None:
            keys["value"] = keys.pop("values")
        return _with_own_keys(keys)

    @model_validator(mode="after")
    def _match_operator(self) -> Self:
        required, optional = keys_of(self.operator)
        keys = self.model_fields_set - {"operator"}
        for key in required:
            if key not in keys:
                raise refusal("missing_key", f"Operator {self.operator!r} needs {key!r}.")
        for key in sorted(keys - {*required, *optional}):
            takes = ", ".join((*required, *optional))
            raise refusal("key", f"Operator {self.operator!r} takes no {key!r}, only {takes}.")
        if self.operator == "list_contains" and not isinstance(self.property, str):
            raise refusal("value", "Operator 'list_contains' needs the plain name of a property.")
        self.operand()
        return self

    def operand(self) -> Any:
        """What the property is compared with, in the type that the operator compares."""
        match OPERATORS[self.operator].operand:
            case "choice":
                return [self.value] if isinstance(self.value, str) else self.value
            case "number":
                return self._number()
            case "text" | "day":
                return self._text()
            case "range":
                return [self.min_val, self.max_val]
            case "days":
                return [self.from_date, self.to_date]
            case "recent":
                return self.quantity
            case _:
                return None

    def _number(self) -> int | float:
        try:
            return to_number(self.value)
        except ValueError as error:
            raise refusal("value", f"Operator {self.operator!r}: {error}.") from None

    def _text(self) -> str:
        if isinstance(self.value, str):
            return self.value
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return str(self.value)
        raise refusal("value", f"Operator {self.operator!r} compares with one text value.")

    def guard(self) -> None:
        """Days, quantities, cohorts and the parts of list_contains."""
        guard_filter(self)


def _with_own_keys(keys: dict[str, Any]) -> dict[str, Any]:
    """`value` under the names that the operator gives to its operands, as reports write it."""
    names = OPERAND_KEYS.get(operand_of(keys.get("operator")), ())
    value = keys.get("value")
    values = cast("list[Any]", value) if isinstance(value, list) else [value]
    taken = not names or any(name in keys for name in names)
    if taken or value is None or len(values) != len(names):
        return keys
    del keys["value"]
    return {**keys, **dict(zip(names, values, strict=True))}


class FrequencyFilter(Term):
    """Keep users by how often they did an event."""

    frequency_of: str
    value: Number
    operator: Annotated[FrequencyOperator, judged_later] = "is at least"
    date_range_value: Whole | None = None
    date_range_unit: Annotated[TimeUnit, closed(TimeUnit)] | None = None
    event_filters: "Filters | None" = None
    label: str | None = None

    def guard(self) -> None:
        """The filters on the event, then event, operator, value and date range."""
        guard_each("event_filters", self.event_filters)
        guard_frequency_filter(self)


def _read_where(value: Any) -> Filter | FrequencyFilter:
    if isinstance(value, FrequencyFilter):
        return value
    if isinstance(value, Mapping) and "frequency_of" in value:
        return FrequencyFilter.model_validate(value)
    return Filter.model_validate(value)


FILTER_FORM = (
    'Expected filters such as {"property": "country", "operator": "equals", "value": "US"}.'
)
_read_filters = one_or_more((Mapping, Term), "filters", FILTER_FORM)


def _read_where_list(value: Any) -> list[Any] | None:
    if value is None:
        return None
    items = cast("list[Any]", value) if isinstance(value, list) else [value]
    for path, item in numbered("where", items):
        if not isinstance(item, Mapping | Term):
            message = f"{FILTER_FORM} Got {item!r}."
            refuse([Problem("V25_INVALID_FILTER_TYPE", path, message)])
    return items


Filters = Annotated[list[Filter], BeforeValidator(_read_filters)]
WhereItem = Annotated[
    Filter | FrequencyFilter, PlainValidator(_read_where, json_schema_input_type=Filter)
]
Where = Annotated[list[WhereItem], BeforeValidator(_read_where_list)]
Combinator = Annotated[FiltersCombinator, closed(FiltersCombinator)]
