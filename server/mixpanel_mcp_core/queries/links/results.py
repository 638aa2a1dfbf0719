"""What a link is made of: params as they are, or out of the result of a query."""

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from mixpanel_mcp_core.errors import ParamValidationError


class _ResultKind(NamedTuple):
    name: str
    report_type: str
    marks: frozenset[str]


# Results in JSON, by the fields that only they have.
_RESULTS = (
    _ResultKind("FunnelQueryResult", "funnels", frozenset(["steps_data", "series"])),
    _ResultKind("RetentionQueryResult", "retention", frozenset(["cohorts", "average"])),
    _ResultKind("FlowQueryResult", "flows", frozenset(["flows", "trees", "mode"])),
    _ResultKind("UserQueryResult", "users", frozenset(["profiles", "total", "mode"])),
    _ResultKind("QueryResult", "insights", frozenset(["headers", "series"])),
)


def linked_params(given: Mapping[str, Any], report_type: str | None) -> tuple[dict[str, Any], str]:
    """Params and the type of their report, insights unless it is told.

    `given` are params, or the result of a query tool in JSON, which knows both. Raises
    ParamValidationError (RL4) where a type is told that a result contradicts.
    """
    result = _unwrapped(given)
    kind = next((each for each in _RESULTS if _is_a(each, result)), None)
    if kind is None:
        return dict(given), report_type or "insights"
    if report_type not in (None, kind.report_type):
        raise ParamValidationError(
            f"report_type is {report_type!r}, but this is a result of {kind.report_type}. Leave "
            "report_type out.",
            code="RL4_REPORT_TYPE_CONFLICT",
            details={
                "given": report_type,
                "inferred": kind.report_type,
                "result_class": kind.name,
            },
        )
    return dict(result["params"]), kind.report_type


def _unwrapped(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The result in an answer that also says where it came from."""
    inside = given.get("result")
    return cast("Mapping[str, Any]", inside) if isinstance(inside, Mapping) else given


def _is_a(kind: _ResultKind, value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("params"), Mapping) and kind.marks <= value.keys()
