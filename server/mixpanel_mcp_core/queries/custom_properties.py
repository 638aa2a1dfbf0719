"""Properties by name, by the id of a saved custom property, or by a formula."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, PlainValidator

from mixpanel_mcp_core.fields import PropertyType

from .names import is_blank
from .problems import Problem
from .term import Term
from .vocabulary import InputResourceType, InputType, ResourceType
from .words import Whole, closed, refusal

DATASET = "$mixpanel"
_LONGEST_FORMULA = 20_000


class CustomPropertyRef(Term):
    """A saved custom property."""

    custom_property_id: Whole


class PropertyInput(Term):
    """One property that a formula computes with."""

    name: str
    type: Annotated[InputType, closed(InputType)] = "string"
    resource_type: Annotated[InputResourceType, closed(InputResourceType)] = "event"


class InlineCustomProperty(Term):
    """A property computed by a formula; the letters of the formula name its inputs."""

    formula: str
    inputs: dict[str, PropertyInput]
    property_type: Annotated[PropertyType, closed(PropertyType)] | None = None
    resource_type: Annotated[ResourceType, closed(ResourceType)] = "events"


def _read(value: Any) -> "str | CustomProperty":
    if isinstance(value, str | CustomPropertyRef | InlineCustomProperty):
        return value
    if not isinstance(value, Mapping):
        raise refusal("property", f'Expected a property name such as "country", got {value!r}.')
    kind = CustomPropertyRef if "custom_property_id" in value else InlineCustomProperty
    return kind.model_validate(value)


CustomProperty = CustomPropertyRef | InlineCustomProperty
PropertySpec = Annotated[
    str | CustomPropertyRef | InlineCustomProperty,
    PlainValidator(_read, json_schema_input_type=str),
]
PropertyName = Annotated[str, Field(description='A property name, e.g. "country"')]


def inline_clause(spec: InlineCustomProperty, **types: str) -> dict[str, Any]:
    """`customProperty` on the wire; `types` are its last keys, in the order that the place asks."""
    inputs = {
        letter: {"value": source.name, "type": source.type, "resourceType": source.resource_type}
        for letter, source in spec.inputs.items()
    }
    composed = {"displayFormula": spec.formula, "composedProperties": inputs}
    return {**composed, "name": "", "description": "", **types}


def custom_property_problems(spec: object, path: str) -> Iterator[Problem]:
    """What is wrong with a custom property at this path; nothing for a plain name."""
    if isinstance(spec, CustomPropertyRef) and spec.custom_property_id <= 0:
        yield Problem("CP1_INVALID_ID", path, "custom_property_id must be a positive number.")
    if isinstance(spec, InlineCustomProperty):
        yield from _formula_problems(spec, path)


def _formula_problems(spec: InlineCustomProperty, path: str) -> Iterator[Problem]:
    if is_blank(spec.formula):
        yield Problem("CP2_EMPTY_FORMULA", path, 'formula must be an expression, e.g. "A * B".')
    if not spec.inputs:
        yield Problem(
            "CP3_EMPTY_INPUTS", path, 'inputs must name a property, e.g. {"A": {"name": "price"}}.'
        )
    for key in spec.inputs:
        if not re.fullmatch("[A-Z]", key):
            yield Problem(
                "CP4_INVALID_INPUT_KEY", path, f"Input {key!r} must be one letter from A to Z."
            )
    if len(spec.formula) > _LONGEST_FORMULA:
        yield Problem(
            "CP5_FORMULA_TOO_LONG",
            path,
            f"formula must have at most {_LONGEST_FORMULA} characters.",
        )
    for key, source in spec.inputs.items():
        if is_blank(source.name):
            yield Problem("CP6_EMPTY_INPUT_NAME", path, f"Input {key!r} must name a property.")
