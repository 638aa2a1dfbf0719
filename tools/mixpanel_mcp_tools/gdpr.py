"""Requests about people's data: retrieve it, delete it, see how far that is."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import Field

from mixpanel_mcp_core.account_kinds import with_bearer
from mixpanel_mcp_core.caller import given
from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.fields import ProjectToken
from mixpanel_mcp_core.files import allowed
from mixpanel_mcp_core.forms import save_signed
from mixpanel_mcp_core.models.gdpr import (
    ComplianceType,
    DisclosureType,
    JsonObject,
    TrackingId,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.outcome import read
from mixpanel_mcp_core.paths import segment
from mixpanel_mcp_core.problems import unfit
from mixpanel_mcp_core.session import Session

gdpr = Toolset("gdpr", "Requests under GDPR and CCPA: retrieve or delete people's data")

_RETRIEVALS = "data-retrievals/v3.0"
_DELETIONS = "data-deletions/v3.0"
_MOST_RETRIEVED = 2000
_MOST_DELETED = 1999

DistinctId = Annotated[str, Field(min_length=1)]


@gdpr.writes
async def gdpr_create_retrieval(
    session: Session,
    token: ProjectToken,
    distinct_ids: Annotated[
        list[DistinctId],
        Field(min_length=1, max_length=_MOST_RETRIEVED, description="Whose data, 1 to 2000."),
    ],
    compliance_type: ComplianceType = "GDPR",
    disclosure_type: DisclosureType | None = None,
) -> JsonObject:
    """Ask for a person's data as a file: events, profile (GDPR, CCPA, subject access request).

    Takes days: ask gdpr_get_retrieval with the task_id that comes back. Calling twice makes two
    jobs. Needs a bearer token of a project owner or admin. One request a second; RATE_LIMITED can
    last hours when too much is outstanding. Errors: CONFIG_ERROR for a service account. App API:
    POST data-retrievals/v3.0/.
    """
    if disclosure_type is not None and compliance_type != "CCPA":
        raise unfit("disclosure_type", "goes with compliance_type CCPA alone")
    body = given(
        distinct_ids=distinct_ids, compliance_type=compliance_type, disclosure_type=disclosure_type
    )
    return await _created(session, _RETRIEVALS, token, body)


@gdpr.reads
async def gdpr_get_retrieval(
    session: Session,
    token: ProjectToken,
    tracking_id: TrackingId,
    output_file: Annotated[
        str, Field(min_length=1, description="Save the file here, in the allowed folder.")
    ]
    | None = None,
) -> JsonObject:
    """Tell how far a retrieval of people's data is, and where its file can be fetched.

    Returns status (PENDING, STAGING, STARTED, SUCCESS, FAILURE, REVOKED, NOT_FOUND, UNKNOWN),
    distinct_ids, and as results the URL of the file once there is one: whoever has it can read the
    data. With output_file it is saved too, and file and bytes are told. Needs a bearer token.
    Errors: CONFIG_ERROR for a service account, NOT_PERMITTED without --files, DOWNLOAD_ERROR,
    RATE_LIMITED. App API: GET data-retrievals/v3.0/{tracking_id}/.
    """
    target = allowed(session.files, output_file) if output_file else None
    told = await _asked(session, "GET", _RETRIEVALS, token, tracking_id)
    if "result" in told and "results" not in told:
        told["results"] = told.pop("result")
    url = told.get("results")
    if target is None or not isinstance(url, str):
        return told
    return {**told, "file": str(target), "bytes": await save_signed(session.app, url, target)}


@gdpr.destroys
async def gdpr_create_deletion(
    session: Session,
    token: ProjectToken,
    distinct_ids: Annotated[
        list[DistinctId],
        Field(min_length=1, max_length=_MOST_DELETED, description="Whose data, 1 to 1999."),
    ],
    compliance_type: ComplianceType = "GDPR",
) -> JsonObject:
    """Ask to delete a person's data for good: events, profile (GDPR, CCPA, right to be forgotten).

    Takes up to 30 days; until it is STARTED, gdpr_cancel_deletion withdraws it. Ask
    gdpr_get_deletion with the task_id that comes back. Needs a bearer token of a project owner or
    admin. One request a second; RATE_LIMITED can last hours. Errors: CONFIG_ERROR for a service
    account. App API: POST data-deletions/v3.0/.
    """
    body = {"distinct_ids": distinct_ids, "compliance_type": compliance_type}
    return await _created(session, _DELETIONS, token, body)


@gdpr.reads
async def gdpr_get_deletion(
    session: Session, token: ProjectToken, tracking_id: TrackingId
) -> JsonObject:
    """Tell how far a deletion of people's data is.

    Returns status (PENDING, STAGING, STARTED, SUCCESS, FAILURE, REVOKED, NOT_FOUND, UNKNOWN), who
    asked for it and when, and distinct_ids. Needs a bearer token. Errors: CONFIG_ERROR for a
    service account, RATE_LIMITED. App API: GET data-deletions/v3.0/{tracking_id}/.
    """
    return await _asked(session, "GET", _DELETIONS, token, tracking_id)


@gdpr.destroys(idempotent=True)
async def gdpr_cancel_deletion(
    session: Session, token: ProjectToken, tracking_id: TrackingId
) -> JsonObject:
    """Withdraw a deletion of people's data before it is STARTED.

    Their data stays, and the request would have to be made again. Later it is refused with 405.
    Needs a bearer token. Returns status. Errors: QUERY_FAILED; CONFIG_ERROR for a service account,
    RATE_LIMITED. App API: DELETE data-deletions/v3.0/{tracking_id}/.
    """
    return await _asked(session, "DELETE", _DELETIONS, token, tracking_id)


async def _created(session: Session, path: str, token: str, body: Mapping[str, Any]) -> JsonObject:
    """The task_id of a new request, in either of the shapes that Mixpanel answers in."""
    # What was answered before may be deleted soon.
    session.forget()
    answer = await with_bearer(session).raw("POST", f"{path}/", {"token": token}, body)
    jobs = cast("list[Any]", answer) if isinstance(answer, list) else None
    told = {"task_id": _tracking_id(jobs), "jobs": jobs} if jobs is not None else answer
    if not isinstance(told, dict) or not told.get("task_id"):  # pyright: ignore
        raise MixpanelError("Mixpanel's answer holds no task_id.", code="INVALID_RESPONSE")
    return told


def _tracking_id(jobs: list[Any]) -> Any:
    return jobs[0].get("tracking_id") if jobs and isinstance(jobs[0], dict) else None


async def _asked(
    session: Session, method: str, path: str, token: str, tracking_id: str
) -> JsonObject:
    app = with_bearer(session)
    where = f"{path}/{segment(tracking_id)}/"
    return read(await app.raw(method, where, {"token": token}), JsonObject)
