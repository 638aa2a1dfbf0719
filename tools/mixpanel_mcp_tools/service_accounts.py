"""Service accounts: who asks Mixpanel by itself, where it may, and since when not any more."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from pydantic import Field

from mixpanel_mcp_core.api import AppApi
from mixpanel_mcp_core.caller import given
from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.files import allowed, written_whole
from mixpanel_mcp_core.models.service_accounts import (
    FirstProject,
    Moment,
    OrganizationId,
    ProjectMembers,
    ProjectRole,
    Role,
    ServiceAccount,
    ServiceAccountId,
    ServiceAccountIds,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.problems import unfit
from mixpanel_mcp_core.session import Session

service_accounts = Toolset(
    "service_accounts", "Service accounts of the organization: make, admit, remove"
)

_PATH = "service-accounts"

JsonObject = dict[str, Any]


@service_accounts.reads
async def list_service_accounts(
    session: Session, organization_id: OrganizationId
) -> list[ServiceAccount]:
    """List the service accounts of an organization: who made them, last use, expiry.

    Only its admins and owners may ask. Times are ISO 8601, null when unset. App API: GET
    organizations/{organization_id}/service-accounts.
    """
    return await _of(session, organization_id).get(_PATH, list[ServiceAccount])


@service_accounts.writes
async def create_service_account(
    session: Session,
    organization_id: OrganizationId,
    username: Annotated[str, Field(min_length=1, description="User name, e.g. 'nightly-export'.")],
    role: Annotated[Role, Field(description="Role in the organization.")] | None = None,
    expires: Annotated[
        Moment, Field(description="When it ends, e.g. 2027-01-15T00:00:00Z; never without.")
    ]
    | None = None,
    projects: Annotated[
        list[FirstProject],
        Field(description='Projects it belongs to, e.g. [{"id": 42, "role": "analyst"}].'),
    ]
    | None = None,
    output_file: Annotated[
        str,
        Field(
            min_length=1,
            description="Write the secret to this new file in the allowed folder, for its owner's "
            "eyes alone, and not into the answer.",
        ),
    ]
    | None = None,
) -> ServiceAccount:
    """Create a service account; its secret is told this one time, as `token`.

    With output_file the secret goes there instead, where `mixpanel-mcp accounts add NAME
    --secret-file` reads it. The answer may be a credential, so only a server that was started to
    list this tool runs it. Only admins and owners of the organization. Errors: INVALID_INPUT,
    NOT_PERMITTED without --files, QUERY_FAILED. App API: POST
    organizations/{organization_id}/service-accounts.
    """
    body = given(username=username, role=role, expires=expires, projects=projects)
    target = _new_file(session, output_file) if output_file else None
    # Opened first: once the account is there, its secret must have a place.
    with written_whole(target, private=True) if target else nullcontext() as file:
        account = await _of(session, organization_id).post(_PATH, ServiceAccount, body)
        return account if file is None else _kept(account, file, str(target))


@service_accounts.reads
async def get_service_account(
    session: Session, organization_id: OrganizationId, service_account_id: ServiceAccountId
) -> ServiceAccount:
    """Fetch one service account of an organization.

    Only its admins and owners may ask. 404 when there is none. App API: GET
    organizations/{organization_id}/service-accounts/{service_account_id}.
    """
    path = f"{_PATH}/{service_account_id}"
    return await _of(session, organization_id).get(path, ServiceAccount)


@service_accounts.destroys(idempotent=True)
async def delete_service_account(
    session: Session, organization_id: OrganizationId, service_account_id: ServiceAccountId
) -> JsonObject:
    """Delete a service account for good: it leaves all projects at once, its secret ends.

    To take it out of some projects use remove_service_accounts_from_projects. Only admins and
    owners of the organization. Returns status. App API: DELETE
    organizations/{organization_id}/service-accounts/{service_account_id}.
    """
    path = f"{_PATH}/{service_account_id}"
    return await _of(session, organization_id).delete_returning(path, JsonObject)


@service_accounts.reads
async def list_project_service_accounts(session: Session) -> list[ServiceAccount]:
    """List the service accounts of the project, with their role in it.

    Adds role, target_type (individual, team, organization) and hasSensitiveAccess to what
    list_service_accounts tells. App API: GET projects/{project_id}/service-accounts.
    """
    return await session.app.at_project.get(_PATH, list[ServiceAccount])


@service_accounts.writes(idempotent=True)
async def add_service_accounts_to_projects(
    session: Session,
    organization_id: OrganizationId,
    service_account_ids: ServiceAccountIds,
    projects: Annotated[
        list[ProjectRole],
        Field(min_length=1, description='Where, and as what: [{"id": 42, "role": "analyst"}].'),
    ],
) -> JsonObject:
    """Admit service accounts to projects: all of them to each project, with its role.

    Only admins and owners of the organization. Returns status. App API: POST
    organizations/{organization_id}/service-accounts/add-to-project.
    """
    body = {"projects": projects, "service_account_ids": service_account_ids}
    path = f"{_PATH}/add-to-project"
    return await _of(session, organization_id).post(path, JsonObject, body)


@service_accounts.destroys(idempotent=True)
async def remove_service_accounts_from_projects(
    session: Session,
    organization_id: OrganizationId,
    projects: Annotated[
        list[ProjectMembers],
        Field(
            min_length=1,
            description='Who leaves which: [{"id": 42, "service_account_ids": [7]}].',
        ),
    ],
) -> JsonObject:
    """Take service accounts out of projects; what they ask there is refused from then on.

    Their secrets stay good elsewhere. Only admins and owners of the organization. Returns status.
    App API: POST organizations/{organization_id}/service-accounts/remove-from-project.
    """
    path = f"{_PATH}/remove-from-project"
    return await _of(session, organization_id).post(path, JsonObject, {"projects": projects})


def _of(session: Session, organization_id: int) -> AppApi:
    return session.app.at_organization(organization_id)


def _new_file(session: Session, name: str) -> Path:
    path = allowed(session.files, name, field="output_file")
    if path.exists():
        raise unfit("output_file", f"{path.name} is there already; give a new name")
    return path


def _kept(account: ServiceAccount, file: BinaryIO, where: str) -> ServiceAccount:
    """The account with its secret in the file instead."""
    told = account.model_dump()
    secret = told.pop("token", None)
    if not isinstance(secret, str):
        raise MixpanelError("Mixpanel's answer holds no token.", code="INVALID_RESPONSE")
    file.write(secret.encode())
    return ServiceAccount.model_validate({**told, "token_file": where})
