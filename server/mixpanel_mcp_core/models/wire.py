"""How every answer's model reads: unknown keys are kept, nothing is guessed from another type."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import AliasChoices, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Answered(BaseModel):
    """A shape that Mixpanel answers with; fields that it adds later stay readable.

    `listed` names the fields that tell one from another where many stand in a list; without it a
    list shows every field. `whole_from` is the operation that shows one with all of its fields.
    """

    model_config = ConfigDict(frozen=True, extra="allow")
    listed: ClassVar[tuple[str, ...]] = ()
    whole_from: ClassVar[str] = ""


class CamelAnswered(Answered):
    """The same where Mixpanel writes camelCase; our own spelling is read too."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


def in_camel_case(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a request under the names that Mixpanel gives them."""
    return {to_camel(name): value for name, value in fields.items()}


def either_case(name: str) -> AliasChoices:
    """An argument's own name, or the one that Mixpanel gives it."""
    return AliasChoices(name, to_camel(name))
