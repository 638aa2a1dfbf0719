"""The workspace (data view) that stands for a whole project, where a call needs one."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

from mixpanel_mcp_core.auth.known import known_me
from mixpanel_mcp_core.errors import QueryError, WorkspaceScopeError
from mixpanel_mcp_core.models.session import MeWorkspace, PublicWorkspace
from mixpanel_mcp_core.outcome import read
from mixpanel_mcp_core.session import Session

_KEY = "workspace"
_WHOLE_PROJECT = "All Project Data"

ViewT = TypeVar("ViewT", bound=MeWorkspace | PublicWorkspace)


async def resolve_workspace(session: Session) -> int:
    """The pinned workspace, or the one that shows the whole project; it is asked for once.

    Raises WorkspaceScopeError when the project shows none.
    """
    return session.scope.workspace_id or await session.remember(
        _KEY, lambda: _found(session), in_passing=True
    )


def chosen_view(views: Iterable[ViewT]) -> ViewT | None:
    """The global view, or else that of all data, the default, a visible one, any; None of none."""
    candidates = list(views)
    tests = (
        lambda view: view.is_global is True,
        lambda view: view.name == _WHOLE_PROJECT,
        lambda view: view.is_default is True,
        lambda view: view.is_visible is not False,
    )
    for fits in tests:
        if found := next(filter(fits, candidates), None):
            return found
    return candidates[0] if candidates else None


async def _found(session: Session) -> int:
    for seek in (_remembered, _listed, _indexed):
        if (view := chosen_view(await seek(session))) is not None and view.id is not None:
            return view.id
    raise WorkspaceScopeError(
        f"Project {session.project_id} shows no workspace to these credentials.",
        details={"project_id": session.project_id},
    )


async def _remembered(session: Session) -> list[MeWorkspace]:
    """The project's views in an answer of `/me` that is there already."""
    seen = known_me(session)
    views = seen.workspaces if seen else {}
    return [
        view.model_copy(update={"id": int(key)})
        for key, view in views.items()
        if str(view.project_id) == session.project_id and key.isdecimal()
    ]


async def _listed(session: Session) -> list[PublicWorkspace]:
    try:
        return await session.app.at_project.get("workspaces/public", list[PublicWorkspace])
    except QueryError as error:
        return _none_seen(error)


async def _indexed(session: Session) -> list[MeWorkspace]:
    try:
        projects = await session.app.metadata_index()
    except QueryError as error:
        return _none_seen(error)
    views = _inside(_inside(projects, session.project_id), "workspaces")
    return read(list(views.values()), list[MeWorkspace])


def _inside(value: Any, key: str) -> Mapping[str, Any]:
    """The object under a key, an empty one where there is none."""
    found = cast("Mapping[str, Any]", value).get(key) if isinstance(value, Mapping) else None
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}


def _none_seen(error: QueryError) -> list[Any]:
    """Nothing, where these credentials may not see views; any other refusal is raised."""
    if error.status_code not in (403, 404):
        raise error
    return []
