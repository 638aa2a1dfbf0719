"""Who is asking: the user behind the credentials, organizations, projects, workspaces."""

from typing import Any

from mixpanel_mcp_core.models.wire import Answered


class Organization(Answered):
    """An organization the user belongs to."""

    id: int | None = None
    name: str | None = None
    role: str | None = None
    permissions: list[Any] | None = None


class MeProject(Answered):
    """A project the user can see."""

    name: str | None = None
    organization_id: int | None = None
    timezone: str | None = None
    has_workspaces: bool | None = None
    domain: str | None = None
    type: str | int | None = None


class MeWorkspace(Answered):
    """A workspace (data view) of a project."""

    id: int | None = None
    name: str | None = None
    project_id: int | None = None
    is_default: bool | None = None
    is_global: bool | None = None
    is_restricted: bool | None = None
    is_visible: bool | None = None
    description: str | None = None
    creator_name: str | None = None


class Me(Answered):
    """The answer of `/me`: the user, and everything the user can see, by id."""

    user_id: int | None = None
    user_email: str | None = None
    user_name: str | None = None
    organizations: dict[str, Organization] = {}
    projects: dict[str, MeProject] = {}
    workspaces: dict[str, MeWorkspace] = {}
    cached_at: float | None = None
    cached_region: str | None = None


class Project(Answered):
    """A project, as it is listed."""

    id: str
    name: str | None
    organization_id: int | None
    timezone: str | None


class Workspace(Answered):
    """A workspace (data view), as it is listed."""

    id: int
    name: str | None
    is_default: bool | None
    project_id: int | None = None


class PublicWorkspace(Answered):
    """A workspace (data view) as a project lists it to whoever can see the project."""

    id: int
    name: str
    project_id: int
    is_default: bool
    description: str | None = None
    is_global: bool | None = None
    is_restricted: bool | None = None
    is_visible: bool | None = None
    created_iso: str | None = None
    creator_name: str | None = None
