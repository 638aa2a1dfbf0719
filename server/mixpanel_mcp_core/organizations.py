"""The organization that a project belongs to, where a call is about the organization."""

from mixpanel_mcp_core.auth.known import me_of
from mixpanel_mcp_core.errors import WorkspaceScopeError
from mixpanel_mcp_core.session import Session


async def resolve_organization(session: Session, organization_id: int | None = None) -> int:
    """The organization given, or that of the session's project, or else the only one.

    Raises WorkspaceScopeError (ORGANIZATION_AMBIGUOUS) when neither tells.
    """
    if organization_id is not None:
        return organization_id
    me = await me_of(session)
    project = me.projects.get(session.project_id)
    if project is not None and project.organization_id is not None:
        return project.organization_id
    seen = sorted(int(number) for number in me.organizations if number.isdecimal())
    if len(seen) == 1:
        return seen[0]
    known = ", ".join(map(str, seen)) or "none"
    raise WorkspaceScopeError(
        f"organization_id: required, since it is not told which organization project "
        f"{session.project_id} belongs to. These credentials see: {known}.",
        code="ORGANIZATION_AMBIGUOUS",
        details={"project_id": session.project_id, "available_organizations": seen},
    )
