"""Filters of flows: on properties and cohorts, never on how often users did an event."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import BeforeValidator

from mixpanel_mcp_core.queries.filters import FILTER_FORM, Filter, FrequencyFilter
from mixpanel_mcp_core.queries.term import Term, one_or_more
from mixpanel_mcp_core.queries.words import refusal

_read_list = one_or_more((Mapping, Term), "filters", FILTER_FORM)


def _read(value: Any) -> list[Any] | None:
    items = _read_list(value)
    if any(map(_counts, items or ())):
        message = "A flow cannot be filtered by frequency; filter by a property, or by in_cohort."
        raise refusal("frequency", message)
    return items


def _counts(item: object) -> bool:
    if isinstance(item, Mapping):
        return "frequency_of" in cast("Mapping[str, Any]", item)
    return isinstance(item, FrequencyFilter)


FlowFilters = Annotated[list[Filter], BeforeValidator(_read)]
