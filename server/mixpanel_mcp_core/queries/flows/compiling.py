"""Flow queries: from typed arguments to the bookmark that Mixpanel runs."""

from datetime import date
from typing import Any

from mixpanel_mcp_core.queries.group_clauses import group_clauses
from mixpanel_mcp_core.queries.problems import refuse

from .bookmark_rules import flow_bookmark_problems
from .clauses import where_clauses
from .query import FlowPlan, FlowQuery
from .rules import flow_problems, form_problems
from .step_filters import step_filter_clause
from .steps import FlowStep

_MERGES = {"sankey": "graph", "paths": "list", "tree": "tree"}


def compile_flow(query: FlowQuery, *, today: date | None = None) -> dict[str, Any]:
    """The bookmark of a flow query, keys in wire order.

    A range without an end ends on `today`, by default the local date. Raises
    ParamValidationError for the first object that cannot be, BookmarkValidationError
    for all problems of arguments that do not go together.
    """
    plan = FlowPlan.of(query, today)
    plan.guard()
    refuse(form_problems(plan))
    refuse(flow_problems(plan))
    params = _params(plan)
    refuse(flow_bookmark_problems(params))
    return params


def _params(plan: FlowPlan) -> dict[str, Any]:
    return {
        "steps": [_step(step) for step in plan.steps()],
        "date_range": _date_range(plan),
        "chartType": "top-paths" if plan.mode == "paths" else "sankey",
        "flows_merge_type": _MERGES[plan.mode],
        "count_type": plan.count_type,
        "cardinality_threshold": plan.cardinality,
        "version": 2,
        "conversion_window": {"unit": plan.conversion_window_unit, "value": plan.conversion_window},
        "anchor_position": 1,
        "collapse_repeated": plan.collapse_repeated,
        "show_custom_events": True,
        "hidden_events": list(plan.hidden_events),
        "exclusions": list(plan.exclusions),
        **_optional(plan),
    }


def _optional(plan: FlowPlan) -> dict[str, Any]:
    group = {} if plan.data_group_id is None else {"data_group_id": plan.data_group_id}
    # The data group is not repeated inside the segments of a flow.
    segments = {} if plan.segments is None else {"segments": group_clauses(plan.segments, None)}
    return {**group, **where_clauses(plan.where), **segments}


def _step(step: FlowStep) -> dict[str, Any]:
    clause: dict[str, Any] = {
        "event": step.event,
        "step_label": step.label or step.event,
        "forward": step.forward,
        "reverse": step.reverse,
        "bool_op": "or" if step.filters_combinator == "any" else "and",
        "property_filter_params_list": list(map(step_filter_clause, step.filters or ())),
    }
    return clause if step.session_event is None else {**clause, "session_event": step.session_event}


def _date_range(plan: FlowPlan) -> dict[str, Any]:
    if plan.from_date is None:
        start = {"unit": "day", "value": plan.last}
        return {"type": "in the last", "from_date": start, "to_date": "$now"}
    return {"type": "between", "from_date": plan.from_date, "to_date": plan.end()}
