"""Business context through the App API: two levels, and both of them at once."""

from typing import Any

import pytest
from sandbox_client import Client

PROJECT = "/api/app/projects/1/business-context"
ORGANIZATION = "/api/app/organizations/1/business-context"


def written(client: Client, path: str, content: object) -> Any:
    """The answer to a new text."""
    return client.request("PUT", path, json={"content": content})


def read(client: Client, path: str) -> Any:
    """What an answer holds."""
    return client.get(path).json()["results"]


def test_nothing_is_known_at_first(client: Client) -> None:
    """Both texts are empty."""
    assert read(client, PROJECT) == {"content": ""}
    assert read(client, f"{PROJECT}/chain") == {"org_context": "", "project_context": ""}


def test_each_level_has_a_text_of_its_own(client: Client) -> None:
    """A second text replaces the first; the chain has both levels."""
    assert written(client, PROJECT, "old").json() == {"status": "ok", "results": {"content": "old"}}
    written(client, PROJECT, "# Shop")
    written(client, ORGANIZATION, "We sell tents.")
    assert read(client, PROJECT) == {"content": "# Shop"}
    assert read(client, ORGANIZATION) == {"content": "We sell tents."}
    assert read(client, f"{PROJECT}/chain") == {
        "org_context": "We sell tents.",
        "project_context": "# Shop",
    }


@pytest.mark.parametrize("content", ["x" * 50_001, None, 7])
def test_a_text_that_is_too_long_or_none_is_refused(client: Client, content: object) -> None:
    """The old one stays."""
    assert written(client, PROJECT, "x" * 50_000).status_code == 200
    assert written(client, PROJECT, content).status_code == 400
    assert len(read(client, PROJECT)["content"]) == 50_000


def test_another_organization_is_forbidden(client: Client) -> None:
    """The sandbox has one."""
    answer = client.get("/api/app/organizations/2/business-context")
    assert answer.status_code == 403
    assert "the sandbox has organization 1" in answer.json()["error"]
