"""Breakdowns: by property, by buckets, by items of a list, by cohort, by frequency."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NoReturn, Self, cast

from pydantic import BeforeValidator, Field, PlainValidator, model_validator
from pydantic.json_schema import SkipJsonSchema

from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.fields import PropertyType

from .cohorts import Cohort, guard_cohort
from .custom_properties import PropertySpec
from .names import is_blank
from .suggestions import offer
from .term import Term
from .vocabulary import ResourceType
from .words import Number, closed, judged_later, refusal

GroupKind = Literal["property", "item", "cohort", "frequency"]
_BUCKETS = ("bucket_size", "bucket_min", "bucket_max")
_KEYS: dict[GroupKind, tuple[str, ...]] = {
    "property": ("property", "property_type", "resource_type", *_BUCKETS),
    "item": ("property", "sub", "sub_type", *_BUCKETS),
    "cohort": ("cohort", "name", "include_negated"),
    "frequency": ("frequency_of", *_BUCKETS, "label"),
}
SUB_TYPES = ("string", "number", "boolean", "datetime")


class GroupBy(Term):
    """One breakdown: by property, by a part of list items (sub), by cohort or by frequency."""

    property: PropertySpec | None = Field(default=None, description='Property name, e.g. "country"')
    property_type: Annotated[PropertyType, closed(PropertyType)] = Field(
        default="string", description='Type of the property; buckets need "number"'
    )
    resource_type: Annotated[ResourceType, closed(ResourceType)] = Field(
        default="events", description='"people" for a profile property'
    )
    bucket_size: Number | None = Field(default=None, description="Width of a bucket, e.g. 50")
    bucket_min: Number | None = Field(default=None, description="Start of the first bucket, e.g. 0")
    bucket_max: Number | None = Field(default=None, description="End of the last bucket, e.g. 500")
    sub: str | None = Field(default=None, description='Part of each list item, e.g. "Brand"')
    sub_type: Annotated[PropertyType, judged_later] = Field(
        default="string", description="Type of sub"
    )
    cohort: Cohort | None = Field(
        default=None, description="Saved cohort id, e.g. 123: in it or not"
    )
    name: SkipJsonSchema[str | None] = None
    include_negated: SkipJsonSchema[bool] = True
    frequency_of: str | None = Field(
        default=None, description='Event to count per user, e.g. "Purchase"'
    )
    label: SkipJsonSchema[str | None] = None

    @model_validator(mode="after")
    def _match_kind(self) -> Self:
        allowed = _KEYS[self.kind()]
        if self.kind() in ("property", "item") and self.property is None:
            raise refusal(
                "missing_key", 'A breakdown needs property, e.g. {"property": "country"}.'
            )
        for key in sorted(self.model_fields_set.difference(allowed)):
            message = f"A breakdown by {self.kind()} takes no {key!r}, only {', '.join(allowed)}."
            raise refusal("key", message)
        if "resource_type" in self.model_fields_set and not isinstance(self.property, str):
            message = "resource_type is for a plain name; a custom property has its own."
            raise refusal("key", message)
        return self

    def kind(self) -> GroupKind:
        """Which breakdown it is, by the key that only this one has."""
        keys = self.model_fields_set
        if "cohort" in keys:
            return "cohort"
        if "frequency_of" in keys:
            return "frequency"
        return "item" if "sub" in keys else "property"

    def guard(self) -> None:
        """The rules of the kind of breakdown that it is."""
        match self.kind():
            case "property":
                self._guard_property()
            case "item":
                self._guard_item()
            case "cohort":
                guard_cohort(self.cohort, self.name, "CB1", "CB2")
            case "frequency":
                self._guard_frequency()

    def _guard_property(self) -> None:
        if isinstance(self.property, str) and is_blank(self.property):
            _refuse("GB1_EMPTY_PROPERTY", 'property must be a name, e.g. "country".')
        if self.bucket_size is not None and self.bucket_size <= 0:
            _refuse("V12_BUCKET_SIZE_POSITIVE", f"bucket_size must be > 0, got {self.bucket_size}.")
        low, high = self.bucket_min, self.bucket_max
        if low is not None and high is not None and low >= high:
            _refuse("V18_BUCKET_ORDER", f"bucket_min {low} must be below bucket_max {high}.")

    def _guard_item(self) -> None:
        if is_blank(self.sub or ""):
            _refuse("LG1_EMPTY_SUB", 'sub must name a part of the items, e.g. "Brand".')
        if self.sub_type not in SUB_TYPES:
            message = f"sub_type {self.sub_type!r} is not valid. {offer(self.sub_type, SUB_TYPES)}"
            _refuse("LG2_INVALID_SUB_TYPE", message)
        if self.model_fields_set.intersection(_BUCKETS):
            _refuse("GB4_LIST_ITEM_BUCKETING", "A breakdown by list items takes no buckets.")
        if not isinstance(self.property, str):
            _refuse("GB5_LIST_ITEM_PROPERTY_TYPE", "A breakdown by list items needs a plain name.")
        if is_blank(self.property):
            _refuse("GB1_EMPTY_PROPERTY", 'property must be a name, e.g. "cart".')

    def _guard_frequency(self) -> None:
        size, low, high = self.frequency_buckets()
        if is_blank(self.frequency_of or ""):
            _refuse("FB1_EMPTY_EVENT", 'frequency_of must name an event, e.g. "Purchase".')
        if size <= 0:
            _refuse("FB2_BUCKET_SIZE_NOT_POSITIVE", f"bucket_size must be > 0, got {size}.")
        if low < 0:
            _refuse("FB4_BUCKET_MIN_NEGATIVE", f"bucket_min must be 0 or more, got {low}.")
        if low >= high:
            _refuse("FB3_BUCKET_ORDER", f"bucket_min {low} must be below bucket_max {high}.")

    def frequency_buckets(self) -> tuple[int | float, int | float, int | float]:
        """Size, start and end of the buckets of a frequency, with their defaults."""
        given = (self.bucket_size, self.bucket_min, self.bucket_max)
        size, low, high = (
            default if value is None else value
            for value, default in zip(given, (1, 0, 10), strict=True)
        )
        return size, low, high


def _refuse(code: str, message: str) -> NoReturn:
    raise ParamValidationError(message, code=code)


def _read(value: Any) -> str | GroupBy:
    return value if isinstance(value, str) else GroupBy.model_validate(value)


def _read_list(value: Any) -> list[Any] | None:
    if value is None:
        return None
    items = cast("list[Any]", value) if isinstance(value, list) else [value]
    for item in items:
        if not isinstance(item, str | Mapping | Term):
            message = f'Expected breakdowns such as {{"property": "country"}}, got {item!r}.'
            _refuse("BB1_GROUP_BY_ELEMENT_TYPE", message)
    return items


GroupItem = Annotated[str | GroupBy, PlainValidator(_read, json_schema_input_type=GroupBy)]
Groups = Annotated[list[GroupItem], BeforeValidator(_read_list)]
