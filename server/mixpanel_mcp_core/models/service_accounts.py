"""Service accounts of an organization, and what they may do in its projects."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, NotRequired

from pydantic import AfterValidator, ConfigDict, Field, with_config
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from mixpanel_mcp_core.models.wire import Answered

Role = Literal["owner", "admin", "analyst", "consumer"]

OrganizationId = Annotated[int, Field(ge=1, description="Organization id, from projects.")]
ServiceAccountId = Annotated[
    int, Field(ge=1, description="Service account id, from list_service_accounts.")
]
ServiceAccountIds = Annotated[
    list[Annotated[int, Field(ge=1)]],
    Field(min_length=1, description="Service account ids, from list_service_accounts."),
]
_ProjectId = Annotated[int, Field(ge=1, description="Project id.")]


def _moment(text: str) -> str:
    """A moment as it was written; a day alone, or a time without a zone, is none."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        told = None
    if told is None or told.tzinfo is None:
        raise PydanticCustomError(
            "moment", "must be a date and time with its zone, e.g. 2027-01-15T00:00:00Z"
        )
    return text


Moment = Annotated[str, AfterValidator(_moment)]


@with_config(ConfigDict(extra="forbid"))
class FirstProject(TypedDict):
    """A project that a new service account belongs to, and what it may do there."""

    id: _ProjectId
    role: NotRequired[Role]


@with_config(ConfigDict(extra="forbid"))
class ProjectRole(TypedDict):
    """A project, and what service accounts may do there."""

    id: _ProjectId
    role: Role


@with_config(ConfigDict(extra="forbid"))
class ProjectMembers(TypedDict):
    """A project, and service accounts that are to leave it."""

    id: _ProjectId
    service_account_ids: ServiceAccountIds


class ServiceAccount(Answered):
    """A service account; Mixpanel never tells its secret again."""

    whole_from: ClassVar[str] = "get_service_account"

    id: int
    username: str
