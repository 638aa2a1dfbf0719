"""Somebody writes down what the project is about, and somebody else reads all that holds."""

import pytest
from job_client import refused, told
from mcp import Client

pytestmark = pytest.mark.anyio

SHOP = "# Shop\n\nAn *order* is paid; revenue is in USD. Weeks begin on Monday."
GROUP = "We sell what people need outdoors."


async def test_what_the_project_is_about_is_written_and_read(client: Client) -> None:
    """The project's text, its organization's, both at once; then the project's goes."""
    nothing = await told(client, "get_business_context")
    assert (nothing["content"], nothing["is_empty"], nothing["character_count"]) == ("", True, 0)

    project = await told(client, "set_business_context", content=SHOP)
    assert project == {
        "level": "project",
        "content": SHOP,
        "organization_id": None,
        "project_id": "1",
        "is_empty": False,
        "character_count": len(SHOP),
    }
    # The organization is known from the account; nobody has to look up its number.
    group = await told(client, "set_business_context", content=GROUP, level="organization")
    assert (group["organization_id"], group["project_id"]) == (1, None)

    chain = await told(client, "get_business_context_chain")
    assert chain["project"] == project
    assert chain["organization"] == group | {"organization_id": None}

    cleared = await told(client, "clear_business_context")
    assert cleared == nothing
    assert (await told(client, "get_business_context", level="organization")) == group


async def test_a_text_that_is_too_long_is_not_sent(client: Client) -> None:
    """The error says by how much; the old text stays."""
    await told(client, "set_business_context", content=SHOP)
    error = await refused(client, "set_business_context", content="x" * 50_010)
    assert (error["type"], error["code"]) == (
        "BusinessContextValidationError",
        "BUSINESS_CONTEXT_TOO_LONG",
    )
    assert error["details"] == {"length": 50_010, "max": 50_000}
    assert "Shorten it by 10." in error["message"]
    assert (await told(client, "get_business_context"))["content"] == SHOP


async def test_a_level_that_is_none_is_refused_with_the_nearest(client: Client) -> None:
    """Nothing is sent."""
    error = await refused(client, "get_business_context", level="organisation")
    assert error["code"] == "WS2_INVALID_LEVEL"
    assert "Did you mean 'organization'?" in error["message"]
