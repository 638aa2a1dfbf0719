"""The bodies of requests for profiles, and how many pages they take. Pure."""

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.queries.problems import refuse

from .query import DEFAULT_LIMIT, MOST_WORKERS, UserPlan, UserQuery
from .rules import limit_problems, workers_problems
from .texts import json_text

Params = Mapping[str, Any]


class Paging(NamedTuple):
    """How many profiles to read (None: all), and whether several pages are read at once."""

    limit: int | None = DEFAULT_LIMIT
    parallel: bool = False
    workers: int = MOST_WORKERS

    @property
    def at_once(self) -> bool:
        """Whether there can be pages to read at once: a single profile is on the first."""
        return self.parallel and self.limit != 1

    def pages(self, total: int, size: int) -> int:
        """The pages to read, of a population of `total` (0: not told) in pages of `size`."""
        wanted = total if self.limit is None else min(self.limit, total or self.limit)
        return math.ceil(wanted / size)


def paging_of(query: UserQuery) -> Paging:
    """The paging that a query asks for."""
    plan = UserPlan.of(query)
    return Paging(plan.limit, plan.parallel, plan.workers)


def check_paging(paging: Paging) -> None:
    """Raise BookmarkValidationError for a limit or a number of workers that cannot be."""
    refuse([*limit_problems(paging.limit), *workers_problems(paging.workers)])


def profiles_body(
    params: Params, project_id: str, page: int, session_id: str | None, limit: int | None
) -> dict[str, Any]:
    """The body of a request for one page; `session_id` is that of the first page's answer.

    Raises ParamValidationError for text in `params` that should be JSON and is not.
    """
    session = {"session_id": session_id} if session_id else {}
    most = {} if limit is None else {"limit": limit}
    return {
        "project_id": project_id,
        "page": page,
        **session,
        **_told(params, "where"),
        **_told(params, "filter_by_cohort"),
        **_listed(params, "output_properties"),
        **_told(params, "data_group_id"),
        **_moment_and_everyone(params),
        **_told(params, "sort_key", "sort_order", "search"),
        **most,
        **_told(params, "distinct_id"),
        **_listed(params, "distinct_ids"),
    }


def aggregate_body(params: Params, project_id: str) -> dict[str, Any]:
    """The body of a request for one figure; this endpoint calls the conditions `selector`.

    Raises ParamValidationError for text in `params` that should be JSON and is not.
    """
    selector = {"selector": params["where"]} if params.get("where") else {}
    segments = params.get("segment_by_cohorts")
    return {
        "project_id": project_id,
        "action": params["action"],
        **selector,
        **_told(params, "filter_by_cohort"),
        **({} if segments is None else {"segment_by_cohorts": _rewritten(segments)}),
        **_told(params, "data_group_id"),
        **_moment_and_everyone(params),
    }


def _told(params: Params, *keys: str) -> dict[str, Any]:
    return {key: params[key] for key in keys if params.get(key)}


def _listed(params: Params, key: str) -> dict[str, str]:
    text = _rewritten(params[key]) if params.get(key) else "[]"
    return {} if text in ("[]", "{}", '""', "null") else {key: text}


def _rewritten(value: Any) -> str:
    """JSON in one spelling, whether it came as text or as a value."""
    try:
        return json_text(json.loads(value) if isinstance(value, str) else value)
    except (TypeError, ValueError):
        message = f'Expected JSON such as ["a", "b"], as text or not, got {value!r}.'
        raise ParamValidationError(message) from None


def _moment_and_everyone(params: Params) -> dict[str, Any]:
    moment, cohort = params.get("as_of_timestamp"), params.get("filter_by_cohort")
    told = {} if moment is None else {"as_of_timestamp": moment}
    everyone = params.get("include_all_users") or False
    return {**told, "include_all_users": everyone} if cohort else told
