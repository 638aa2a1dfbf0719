"""Who is asking and where: `/me`, the workspace list and the metadata index."""

from .calls import Call, Endpoint, Json, ok
from .project import ORGANIZATION_ID, USER_EMAIL, USER_ID, USER_NAME, Project


def me(call: Call) -> object:
    """Return the sandbox's user with the only organization, project and workspace."""
    project = call.project
    return ok(
        {
            "user_id": USER_ID,
            "user_email": USER_EMAIL,
            "user_name": USER_NAME,
            "organizations": {
                str(ORGANIZATION_ID): {
                    "id": ORGANIZATION_ID,
                    "name": "Sandbox",
                    "role": "owner",
                    "permissions": ["all"],
                }
            },
            "projects": {
                str(project.id): {
                    "name": project.name,
                    "organization_id": ORGANIZATION_ID,
                    "timezone": project.timezone,
                    "has_workspaces": True,
                    "domain": "mixpanel.com",
                    "type": "PROJECT",
                }
            },
            "workspaces": {str(project.workspace_id): _workspace(project)},
        }
    )


def workspaces(call: Call) -> object:
    """Return the list with the one workspace."""
    return ok([_workspace(call.project)])


def metadata_index(call: Call) -> object:
    """Return the workspaces by project number."""
    workspace = _workspace(call.project)
    return ok({str(call.project.id): {"workspaces": {str(workspace["id"]): workspace}}})


def _workspace(project: Project) -> Json:
    return {
        "id": project.workspace_id,
        "name": project.workspace_name,
        "project_id": project.id,
        "is_default": True,
        "is_global": True,
        "is_restricted": False,
        "is_visible": True,
        "description": "",
        "creator_name": USER_NAME,
    }


ENDPOINTS = (
    Endpoint("GET", "/api/app/me", me),
    Endpoint("GET", "/api/app/projects/{project_id}/workspaces/public", workspaces),
    Endpoint("GET", "/api/app/projects/metadata/index", metadata_index),
)
