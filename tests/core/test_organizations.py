"""The organization of a project: which it is, and how it is found."""

from typing import Any

import pytest
from clients import session
from recorder import recording

from mixpanel_mcp_core.errors import WorkspaceScopeError
from mixpanel_mcp_core.models.session import Me
from mixpanel_mcp_core.organizations import resolve_organization

pytestmark = pytest.mark.anyio


async def found(organization_id: int | None = None, **me: Any) -> int:
    """The organization, by what `/me` says."""
    async with recording() as recorder, session(recorder.url) as mixpanel:
        mixpanel.remembered["me"] = Me.model_validate(me)
        return await resolve_organization(mixpanel, organization_id)


async def test_the_projects_own_organization_is_meant() -> None:
    """It stands beside the project in `/me`; one that is given needs no question."""
    known: dict[str, Any] = {
        "projects": {"12345": {"organization_id": 7}},
        "organizations": {"7": {}, "8": {}},
    }
    assert await found(**known) == 7
    assert await found(9, **known) == 9


async def test_the_only_organization_is_meant_where_the_project_names_none() -> None:
    """There is no other to choose from."""
    assert await found(organizations={"8": {}}) == 8


async def test_of_several_organizations_none_is_guessed() -> None:
    """The error names those that the credentials see."""
    with pytest.raises(WorkspaceScopeError, match="organization_id: required") as raised:
        await found(organizations={"9": {}, "8": {}})
    assert (raised.value.code, raised.value.details) == (
        "ORGANIZATION_AMBIGUOUS",
        {"project_id": "12345", "available_organizations": [8, 9]},
    )


async def test_what_me_says_is_asked_once() -> None:
    """The answer of `/me` is kept for the session."""
    body = {"projects": {"12345": {"organization_id": 7}}}
    async with recording() as recorder, session(recorder.url) as mixpanel:
        recorder.answers.append({"status": 200, "body": {"results": body}})
        assert [await resolve_organization(mixpanel) for _ in range(2)] == [7, 7]
    assert [request.path for request in recorder.requests] == ["/api/app/me"]
