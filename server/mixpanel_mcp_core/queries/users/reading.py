"""How the arguments of a query on profiles are read, where they take more than one form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, PlainValidator, TypeAdapter

from mixpanel_mcp_core.fields import null_counts
from mixpanel_mcp_core.queries.filters import Filter, FrequencyFilter
from mixpanel_mcp_core.queries.term import one_or_more
from mixpanel_mcp_core.queries.words import Whole, refusal, to_whole

ALL = "all"
# Text with as many digits as this spells no day; a moment of this century in seconds does.
_FEWEST_DIGITS = 9


@dataclass(frozen=True)
class Misfit:
    """What stands where a filter should; a rule refuses it, after all that can be read was."""

    value: object

    def guard_at(self, path: str) -> None:
        """A filter on frequency is still a filter, if of another engine, and must be sound."""
        if isinstance(self.value, FrequencyFilter):
            self.value.guard_at(path)

    def __str__(self) -> str:
        if isinstance(self.value, FrequencyFilter):
            return "a filter on how often an event was done, which profiles do not know"
        return repr(self.value)


Condition = Filter | Misfit
Conditions = str | Sequence[Condition] | Misfit


def _read_condition(value: Any) -> Condition:
    if isinstance(value, Mapping) and "frequency_of" in value:
        return Misfit(FrequencyFilter.model_validate(value))
    return Filter.model_validate(value) if isinstance(value, Mapping | Filter) else Misfit(value)


_CONDITIONS = TypeAdapter(list[Annotated[Condition, PlainValidator(_read_condition)]])


def _read_where(value: Any) -> Conditions | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        # Text alone in a list is the same slip as one filter without its list.
        only = cast("list[Any]", value)[0] if len(value) == 1 else None
        return only if isinstance(only, str) else _CONDITIONS.validate_python(value)
    condition = _CONDITIONS.validate_python([value])[0]
    return condition if isinstance(condition, Misfit) else [condition]


def _read_moment(value: Any) -> str | int | None:
    if value is None or (isinstance(value, str) and not _is_seconds(value)):
        return value
    try:
        return to_whole(value)
    except ValueError:
        message = f'Expected a day such as "2025-01-31" or whole Unix seconds, got {value!r}.'
        raise refusal("as_of", message) from None


def _is_seconds(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) >= _FEWEST_DIGITS


def _read_limit(value: Any) -> int | Literal["all"]:
    if value is None or value == ALL:
        return ALL
    try:
        return to_whole(value)
    except ValueError:
        message = f'Expected a whole number such as 100, or "all", got {value!r}.'
        raise refusal("limit", message) from None


UserWhere = Annotated[
    Conditions | None, PlainValidator(_read_where, json_schema_input_type=list[Filter])
]
UserLimit = Annotated[
    int | Literal["all"] | None,
    PlainValidator(_read_limit, json_schema_input_type=int),
    null_counts,
]
Moment = Annotated[str | int | None, PlainValidator(_read_moment, json_schema_input_type=str)]
Names = Annotated[
    list[str], BeforeValidator(one_or_more(str, "names", 'Expected a list such as ["$email"].'))
]
Ids = Annotated[
    list[Whole],
    BeforeValidator(one_or_more(int, "ids", "Expected ids of cohorts such as [12, 34].")),
]
