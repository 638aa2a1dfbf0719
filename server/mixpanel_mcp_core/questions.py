"""Report params put to the query API, and its answer as it came or as a result."""

from collections.abc import Mapping
from typing import Any

from mixpanel_mcp_core.queries.flows import FlowResult, read_flow
from mixpanel_mcp_core.queries.vocabulary import FlowMode
from mixpanel_mcp_core.session import Session

_DEFAULT_LIMIT = 3000
_FLOW_QUERIES: Mapping[FlowMode, str] = {
    "sankey": "flows_sankey",
    "paths": "flows_top_paths",
    "tree": "flows",
}


async def ask(
    session: Session,
    params: dict[str, Any],
    limit: int | None = None,
    workspace_id: int | None = None,
) -> Any:
    """The answer to the params of insights, funnels or retention.

    `limit` bounds the segments; `workspace_id` is asked instead of the pinned workspace.
    """
    body = {
        "bookmark": params,
        "project_id": int(session.project_id),
        "queryLimits": {"limit": limit or _DEFAULT_LIMIT},
    }
    return await session.query.post("insights", body, workspace_id=workspace_id)


async def ask_flow(
    session: Session, params: dict[str, Any], mode: FlowMode, workspace_id: int | None = None
) -> FlowResult:
    """The result of the params of a flow, read in this mode."""
    body = {
        "bookmark": params,
        "project_id": int(session.project_id),
        "query_type": _FLOW_QUERIES[mode],
    }
    answer = await session.query.post("arb_funnels", body, workspace_id=workspace_id)
    return read_flow(answer, params, mode)
