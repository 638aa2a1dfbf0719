"""What a service account may do, by its role in the organization and in the project."""

import re
from collections.abc import Mapping
from typing import Any

from .errors import Refusal, one_of
from .project import Project

ROLES = ("owner", "admin", "analyst", "consumer")
ADMINS = ROLES[:2]
EDITORS = ROLES[:3]
# Here it is the organization's role that counts, or none at all.
OF_ORGANIZATION = re.compile(r"/api/app/organizations/\d+/service-accounts(/.*)?")
OF_NOBODY = re.compile(r"/api/app/(me|projects/metadata/index)")
FOR_ADMINS = re.compile(
    r"/import|/lookup-tables/.+|/api/2\.0/nessie/.+"
    r"|/api/app/(projects|workspaces)/\d+/(schemas|data-definitions|service-accounts)(/.*)?"
)
APP = "/api/app/"


def role_of(value: object, name: str) -> str:
    """Return a role; 400 for anything else."""
    return one_of(ROLES, value, name)


def project_role(account: Mapping[str, Any], project: Project) -> str | None:
    """Return what an account is in the project: admins of the organization are so everywhere."""
    if account["role"] in ADMINS:
        return str(account["role"])
    roles = [each["role"] for each in account["projects"] if each["id"] == project.id]
    return roles[0] if roles else None


def check_role(account: Mapping[str, Any], path: str, *, writes: bool, project: Project) -> None:
    """Refuse with 403 what an account's role does not allow."""
    if OF_NOBODY.fullmatch(path):
        return
    if OF_ORGANIZATION.fullmatch(path):
        _check(account["role"], ADMINS, "this organization")
        return
    role = project_role(account, project)
    if role is None:
        raise Refusal(403, f"You do not have access to project {project.id}.")
    if writes and FOR_ADMINS.fullmatch(path):
        _check(role, ADMINS, f"project {project.id}")
    elif writes and path.startswith(APP):
        _check(role, EDITORS, f"project {project.id}")


def _check(role: str | None, allowed: tuple[str, ...], where: str) -> None:
    if role not in allowed:
        needed = " or ".join(allowed)
        raise Refusal(403, f"You are {role or 'no member'} of {where}; this needs {needed}.")
