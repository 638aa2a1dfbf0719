"""The rules on compiled params: words that the arguments left open."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from mixpanel_mcp_core.queries.problems import Problem
from mixpanel_mcp_core.queries.suggestions import offer
from mixpanel_mcp_core.queries.vocabulary import SortOrder, UserAggregate

_PROPERTY = r'properties\[".+"\]'
_ACTION = re.compile(
    rf"count\(\)|(extremes|numeric_summary)\({_PROPERTY}\)|percentile\({_PROPERTY}, [0-9.]+\)"
)


def param_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    """Everything that is wrong with compiled params."""
    orders: tuple[str, ...] = get_args(SortOrder)
    if (order := params.get("sort_order")) not in (None, *orders):
        message = f"sort_order {order!r} is not valid. {offer(order, orders)}"
        yield Problem("UP1", "sort_order", message)
    if "filter_by_cohort" in params and not _names_cohort(params["filter_by_cohort"]):
        message = 'filter_by_cohort must hold the "id" of a saved cohort, or "raw_cohort".'
        yield Problem("UP2", "filter_by_cohort", message)
    if "output_properties" in params and not json.loads(params["output_properties"]):
        message = 'output_properties must name a property, e.g. ["$email"].'
        yield Problem("UP3", "output_properties", message)
    if "action" in params and not _ACTION.fullmatch(params["action"]):
        yield _action_problem(params["action"])


def _names_cohort(text: str) -> bool:
    value = json.loads(text)
    return isinstance(value, dict) and not {"id", "raw_cohort"}.isdisjoint(value)


def _action_problem(action: str) -> Problem:
    aggregate = action.partition("(")[0]
    known: tuple[str, ...] = get_args(UserAggregate)
    if aggregate not in known:
        message = f"aggregate {aggregate!r} is not valid. {offer(aggregate, known)}"
    else:
        message = (
            f"{action} is not an action: aggregate_property needs a name in one line, percentile a "
            "number in digits, e.g. 99.9."
        )
    return Problem("UP4", "action", message)
