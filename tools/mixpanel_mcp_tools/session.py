"""Who is asking, and which projects and workspaces can be asked about."""

from typing import Annotated, Any

from pydantic import Field

from mixpanel_mcp_core.errors import AuthenticationError, ConfigError, QueryError
from mixpanel_mcp_core.models.session import Me, Project, Workspace
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.outcome import read
from mixpanel_mcp_core.session import Session

session = Toolset("session", "Who is asking: user, projects, workspaces")

Refresh = Annotated[bool, Field(description="Ask Mixpanel again instead of the cache.")]


@session.reads
async def me(session: Session, force_refresh: Refresh = False) -> Me:
    """Show the user behind the credentials with organizations, projects and workspaces.

    ConfigError when Mixpanel refuses the credentials. App API: GET /me.
    """
    if force_refresh:
        session.remembered.pop("me", None)
    return await session.remember("me", lambda: _ask(session))


@session.reads
async def projects(session: Session, refresh: Refresh = False) -> list[Project]:
    """List the projects that the credentials can see, by name.

    Returns id, name, organization and time zone. App API: GET /me.
    """
    seen = (await me(session, refresh)).projects
    rows = [
        Project(
            id=id,
            name=project.name,
            organization_id=project.organization_id,
            timezone=project.timezone,
        )
        for id, project in seen.items()
    ]
    return sorted(rows, key=_by_name)


@session.reads
async def workspaces(
    session: Session,
    project_id: Annotated[str, Field(pattern=r"^\d+$", description="Project id, digits only.")]
    | None = None,
    refresh: Refresh = False,
) -> list[Workspace]:
    """List the workspaces (data views) of a project, by name.

    The current project when none is given. App API: GET /me.
    """
    seen = (await me(session, refresh)).workspaces
    wanted = project_id or session.project_id
    rows = [
        Workspace(id=_number(key), name=view.name, is_default=view.is_default)
        for key, view in seen.items()
        if str(view.project_id) == wanted
    ]
    return sorted(rows, key=_by_name)


async def _ask(session: Session) -> Me:
    try:
        answer = await session.app.me()
    except (AuthenticationError, QueryError) as error:
        if error.status_code not in (401, 403):
            raise
        raise ConfigError(
            "Mixpanel does not tell who these credentials belong to"
            + (": they are refused." if error.status_code == 401 else _FORBIDDEN),
            details={
                "status_code": error.status_code,
                "account_name": session.scope.account.name,
            },
        ) from error
    return read(answer if isinstance(answer, dict) else {"results": answer}, Me)


_FORBIDDEN = ". A service account needs the scope user_details for that."


def _by_name(row: Project | Workspace) -> str:
    return (row.name or "").lower()


def _number(key: Any) -> int:
    try:
        return int(key)
    except ValueError:
        raise ConfigError(f"Mixpanel lists a workspace with the id {key!r}.") from None
