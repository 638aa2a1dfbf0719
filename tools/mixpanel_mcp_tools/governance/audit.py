"""The data audit: where events differ from the schemas that they should have."""

from mixpanel_mcp_core.models.governance.audit import AuditResponse, audit_of
from mixpanel_mcp_core.outcome import read
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.governance.toolset import governance


@governance.reads
async def run_audit(session: Session) -> AuditResponse:
    """Compare recent events with the schema registry: find what is unexpected, missing, mistyped.

    Returns each violation with event, property and count, and computed_at; 400 where there is no
    schema yet. App API: GET data-definitions/audit/.
    """
    answer = await session.app.raw("GET", "data-definitions/audit/", {})
    return read(audit_of(answer), AuditResponse)


@governance.reads
async def run_audit_events_only(session: Session) -> AuditResponse:
    """Find events that no schema knows, without looking at their properties; faster.

    Returns as run_audit does. App API: GET data-definitions/audit-events-only/.
    """
    answer = await session.app.raw("GET", "data-definitions/audit-events-only/", {})
    return read(audit_of(answer), AuditResponse)
