"""The workspace that stands for a project: which it is, and how it is found."""

from collections.abc import Mapping
from typing import Any

import pytest
from clients import session
from recorder import recording

from mixpanel_mcp_core.errors import MixpanelError, WorkspaceScopeError
from mixpanel_mcp_core.models.session import Me, MeWorkspace
from mixpanel_mcp_core.workspaces import chosen_view, resolve_workspace

pytestmark = pytest.mark.anyio

LIST = "/api/app/projects/12345/workspaces/public"
INDEX = "/api/app/projects/metadata/index"
NONE = {"status": 404, "body": {}}


def view(number: int, **fields: Any) -> dict[str, Any]:
    """A workspace as a project lists it."""
    return {"id": number, "name": "V", "project_id": 12345, "is_default": False, **fields}


def listing(*views: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of the list of workspaces."""
    return {"status": 200, "body": {"results": list(views)}}


async def found(*answers: Mapping[str, Any], me: Me | None = None) -> tuple[Any, list[str]]:
    """The workspace, asked for twice, or the error; and the paths that were requested."""
    async with recording() as recorder, session(recorder.url) as mixpanel:
        recorder.answers += answers
        if me:
            mixpanel.remembered["me"] = me
        try:
            result: Any = await resolve_workspace(mixpanel)
            assert await resolve_workspace(mixpanel) == result
        except MixpanelError as error:
            result = error
    return result, [request.path for request in recorder.requests]


@pytest.mark.parametrize(
    ("views", "chosen"),
    [
        ([view(1), view(2, is_default=True), view(3, is_global=True)], 3),
        ([view(1, is_default=True), view(2, name="All Project Data")], 2),
        ([view(1), view(2, is_default=True)], 2),
        ([view(1, is_visible=False), view(2)], 2),
        ([view(1, is_visible=False), view(2, is_visible=False)], 1),
    ],
)
def test_the_view_of_all_data_is_chosen(views: list[dict[str, Any]], chosen: int) -> None:
    """Global comes before its name, then the default, then what can be seen."""
    picked = chosen_view(map(MeWorkspace.model_validate, views))
    assert picked is not None
    assert picked.id == chosen


def test_of_no_views_none_is_chosen() -> None:
    """A project may show none."""
    assert chosen_view(list[MeWorkspace]()) is None


async def test_the_list_is_asked_once() -> None:
    """What was found is remembered for the session."""
    assert await found(listing(view(7))) == (7, [LIST])


async def test_what_is_known_of_the_user_needs_no_request() -> None:
    """Views of other projects do not count."""
    views = {"5": view(5, project_id=9), "6": view(6)}
    assert await found(me=Me.model_validate({"workspaces": views})) == (6, [])


@pytest.mark.parametrize("status", [403, 404])
async def test_the_index_of_projects_is_the_way_out(status: int) -> None:
    """Where the list may not be seen, the index is asked; its ids may be text."""
    views = {"8": {"id": "8", "name": "V", "is_global": True}}
    index = {"status": 200, "body": {"results": {"12345": {"workspaces": views}}}}
    assert await found({"status": status, "body": {}}, index) == (8, [LIST, INDEX])


async def test_a_project_without_views_says_so() -> None:
    """The error names the project."""
    error, asked = await found(NONE, NONE)
    assert isinstance(error, WorkspaceScopeError)
    assert (error.code, error.details) == ("NO_WORKSPACES", {"project_id": "12345"})
    assert asked == [LIST, INDEX]


async def test_other_refusals_are_raised() -> None:
    """Wrong credentials are no reason to look elsewhere."""
    error, asked = await found({"status": 401, "body": {}})
    assert (error.code, asked) == ("AUTH_FAILED", [LIST])
