"""What a link is made of: params alone, or those inside a result."""

from typing import Any

import pytest
from pydantic import BaseModel

from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.queries import (
    FlowResult,
    FunnelResult,
    InsightsResult,
    RetentionResult,
    UserResult,
)
from mixpanel_mcp_core.queries.links import linked_params

PARAMS = {"sections": {}}
USERS = UserResult(computed_at="", total=0, params=PARAMS, meta={}, mode="profiles")
RESULTS: list[tuple[BaseModel, str, str]] = [
    (InsightsResult(params=PARAMS), "insights", "QueryResult"),
    (FunnelResult(params=PARAMS), "funnels", "FunnelQueryResult"),
    (RetentionResult(params=PARAMS), "retention", "RetentionQueryResult"),
    (FlowResult(params=PARAMS), "flows", "FlowQueryResult"),
    (USERS, "users", "UserQueryResult"),
]


@pytest.mark.parametrize(("result", "kind", "_name"), RESULTS)
def test_a_result_knows_its_params_and_its_type(result: BaseModel, kind: str, _name: str) -> None:
    """As it is, or in an answer that also says where it came from; its own type may be told."""
    told = result.model_dump(mode="json")
    answer = {"source": {"project": "1"}, "result": told}
    assert linked_params(told, None) == linked_params(answer, None) == (PARAMS, kind)
    assert linked_params(told, kind) == (PARAMS, kind)


@pytest.mark.parametrize(("result", "kind", "name"), RESULTS)
def test_a_type_that_a_result_contradicts_is_refused(
    result: BaseModel, kind: str, name: str
) -> None:
    """The error names both."""
    given = "retention" if kind != "retention" else "flows"
    with pytest.raises(ParamValidationError) as refused:
        linked_params(result.model_dump(mode="json"), given)
    assert refused.value.code == "RL4_REPORT_TYPE_CONFLICT"
    details = {"given": given, "inferred": kind, "result_class": name}
    assert refused.value.details == details


@pytest.mark.parametrize(("told", "kind"), [(None, "insights"), ("flows", "flows")])
@pytest.mark.parametrize("params", [PARAMS, {"steps": [], "params": {}, "mode": "tree"}, {}])
def test_plain_params_are_of_the_type_that_is_told(
    params: dict[str, Any], told: str | None, kind: str
) -> None:
    """Insights where none is."""
    assert linked_params(params, told) == (params, kind)
