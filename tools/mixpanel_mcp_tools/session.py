"""Who is asking, which projects and workspaces can be asked about, and where calls go."""

from typing import Annotated, Any

from pydantic import Field

from mixpanel_mcp_core.auth import book
from mixpanel_mcp_core.auth.explaining import explained
from mixpanel_mcp_core.auth.home import Home
from mixpanel_mcp_core.auth.known import me_of
from mixpanel_mcp_core.auth.resolve import Asked, chosen_project, switched
from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_core.fields import AccountRef, ProjectRef, TargetRef, WorkspaceRef
from mixpanel_mcp_core.models.accounts import (
    ActiveShown,
    BridgeAccount,
    Explained,
    SessionNow,
    SessionResolved,
)
from mixpanel_mcp_core.models.session import Me, Project, PublicWorkspace, Workspace
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.workspaces import resolve_workspace

session = Toolset("session", "Who is asking, and which account, project and workspace calls use")

Refresh = Annotated[bool, Field(description="Ask Mixpanel again instead of the cache.")]


@session.reads
async def me(session: Session, force_refresh: Refresh = False) -> Me:
    """Show the user behind the credentials with organizations, projects and workspaces.

    Kept for a day. ConfigError when Mixpanel refuses the credentials. App API: GET /me.
    """
    return await me_of(session, refresh=force_refresh)


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


@session.reads
async def list_workspaces(session: Session) -> list[PublicWorkspace]:
    """List the workspaces (data views) of the current project with all their fields.

    App API: GET /projects/{project}/workspaces/public.
    """
    return await session.app.at_project.get("workspaces/public", list[PublicWorkspace])


@session.reads
async def resolve_workspace_id(session: Session) -> int:
    """Find the workspace that stands for the whole project, where a call needs one.

    The pinned one, or else the global one, "All Project Data", the default, a visible one.
    WorkspaceScopeError when there is none. App API: GET /projects/{project}/workspaces/public.
    """
    return await resolve_workspace(session)


@session.reads
async def session_show(home: Home) -> ActiveShown:
    """Show the active account and workspace as the config file stores them.

    explain_session tells what calls really use. Sends nothing.
    """
    active = home.config().active
    return ActiveShown(account=active.account, workspace=active.workspace)


@session.writes(idempotent=True)
async def session_use(
    home: Home,
    account: AccountRef | None = None,
    project: ProjectRef | None = None,
    workspace: WorkspaceRef | None = None,
    target: TargetRef | None = None,
) -> None:
    """Choose the account, project or workspace that calls use from now on, in the config file.

    What is not given stays. A project becomes the account's default one; a target says all three
    and excludes them. To go elsewhere for one call use that call's `target`. Sends nothing.
    """
    book.use(home, Asked(account, project, workspace, target))


@session.reads
async def session_resolve(
    home: Home,
    account: AccountRef | None = None,
    project: ProjectRef | None = None,
    workspace: WorkspaceRef | None = None,
    target: TargetRef | None = None,
) -> SessionResolved:
    """Work out which account, project and workspace a session would use, without opening it.

    Environment variables come before what is given, then target, bridge file and `[active]`.
    ConfigError when an account or project is missing. Sends nothing.
    """
    scope = home.resolve(Asked(account, project, workspace, target)).scope
    return SessionResolved(
        account=BridgeAccount(
            name=scope.account.name, type=scope.account.type, region=scope.account.region
        ),
        project=chosen_project(scope.project_id, scope.account.name),
        workspace=scope.workspace_id,
        headers=dict(scope.headers),
    )


@session.writes(idempotent=True)
async def session_switch(
    home: Home,
    account: AccountRef | None = None,
    project: ProjectRef | None = None,
    workspace: WorkspaceRef | None = None,
    target: TargetRef | None = None,
    persist: Annotated[
        bool, Field(description="Store it in the config file too, as session_use does.")
    ] = False,
) -> SessionNow:
    """Switch this server to another account, project or workspace until it ends.

    Another project drops the workspace; another account brings its own project; nothing given drops
    the workspace. The old place stays when the new one has no token. Login server: POST
    /oauth/token, only where a login must be renewed.
    """
    sources = home.sources()
    there = switched(home.here(sources), sources, Asked(account, project, workspace, target))
    scope = there.scope
    project_id = chosen_project(scope.project_id, scope.account.name)
    await home.bearers.authorization(scope.account)
    if persist:
        book.persist(home, there)
    home.current.resolution = there
    return SessionNow(account=scope.account.name, project=project_id, workspace=scope.workspace_id)


@session.writes(idempotent=True)
async def project_use(home: Home, project_id: ProjectRef) -> None:
    """Make a project the active account's default one: the same as session_use with a project.

    Sends nothing.
    """
    book.use(home, Asked(project=project_id))


@session.writes(idempotent=True)
async def workspace_use(home: Home, workspace_id: WorkspaceRef) -> None:
    """Make a workspace the active one: the same as session_use with a workspace.

    Sends nothing.
    """
    book.use(home, Asked(workspace=workspace_id))


@session.reads
async def explain_session(
    home: Home,
    place: Annotated[
        str, Field(description="Explain this instead: what you would write as `target`.")
    ]
    | None = None,
) -> list[Explained]:
    """Explain which account, project, workspace and region calls use, and where each comes from.

    Names the config file, the bridge file and the variables that count. Sends nothing.
    """
    return explained(home, place)


def _by_name(row: Project | Workspace) -> str:
    return (row.name or "").lower()


def _number(key: Any) -> int:
    try:
        return int(key)
    except ValueError:
        raise ConfigError(f"Mixpanel lists a workspace with the id {key!r}.") from None
