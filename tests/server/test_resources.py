"""Resources and completion: what stands at an address, and what is offered to those who type."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from job_client import at_demo
from mcp import Client, MCPError
from mcp.types import PromptReference, ResourceTemplateReference
from processes import Mode, away, over_stdio

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for all questions, which share a server."""
    return "asyncio"


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    """A client of a server on a demo of its own."""
    async with at_demo(Settings(sandbox="demo")) as connected:
        yield connected


async def read(client: Client, uri: str) -> str:
    """The text at an address."""
    (content,) = (await client.read_resource(uri)).contents
    return getattr(content, "text", "")


async def offered(client: Client, ref: Any, name: str, typed: str, **filled: str) -> list[str]:
    """What is offered to somebody who has typed so much."""
    answer = await client.complete(ref, {"name": name, "value": typed}, context_arguments=filled)
    return answer.completion.values


def address(uri: str) -> ResourceTemplateReference:
    return ResourceTemplateReference(type="ref/resource", uri=uri)


def prompt(name: str) -> PromptReference:
    return PromptReference(type="ref/prompt", name=name)


async def test_addresses_are_listed(client: Client) -> None:
    """The whole schema as a resource, whatever has a name as a template."""
    resources = (await client.list_resources()).resources
    templates = (await client.list_resource_templates()).resource_templates
    assert {resource.uri: resource.title for resource in resources} == {
        "ui://mixpanel/chart": "Chart",
        "mixpanel://schema": "Schema",
    }
    titles = {template.uri_template: template.title for template in templates}
    assert titles.items() >= {
        ("mixpanel://lexicon/{section}", "Lexicon"),
        ("mixpanel://events/{event}", "Event"),
        ("mixpanel://properties/{property}", "Property"),
        ("mixpanel://reports/{report}", "Report"),
        ("mixpanel://dashboards/{dashboard}", "Dashboard"),
    }
    assert all(each.description for each in (*resources, *templates))


@pytest.mark.parametrize(
    ("uri", "line"),
    [
        ("mixpanel://lexicon/events", ",Search,A search was submitted,"),
        ("mixpanel://lexicon/properties", ",results,Event,"),
        ("mixpanel://events/Order%20Completed", "\nrevenue\n"),
        ("mixpanel://events/Order%20Completed", "Paid order (server)"),
        ("mixpanel://properties/country", "\nUS\n"),
        ("mixpanel://reports/Way%20to%20the%20order", '"name":"Way to the order"'),
        ("mixpanel://reports/2011", '"name":"Way to the order"'),
        ("mixpanel://dashboards/checkout%20HEALTH", '"title":"Checkout health"'),
    ],
)
async def test_address_is_answered_as_tools_answer(client: Client, uri: str, line: str) -> None:
    """With the line of where it came from, and what there is."""
    text = await read(client, uri)
    assert " · account sandbox · project 1 · region us · sandbox: true" in text.splitlines()[0]
    assert line in text


@pytest.mark.parametrize(
    ("uri", "problem"),
    [
        ("mixpanel://events/Order%20Complete", "EVENT_NOT_FOUND: "),
        (
            "mixpanel://reports/Way%20to%20order",
            "report: there is none called 'Way to order'. Nearest: Way to the order",
        ),
        ("mixpanel://dashboards/77", "QUERY_FAILED: "),
        ("mixpanel://lexicon/tags", "section: one of events, properties, not 'tags'"),
        ("mixpanel://nothing", "Unknown resource: mixpanel://nothing"),
    ],
)
async def test_address_that_leads_nowhere_is_refused(
    client: Client, uri: str, problem: str
) -> None:
    """As the protocol wants it, with the nearest names."""
    with pytest.raises(MCPError) as raised:
        await read(client, uri)
    assert (raised.value.error.code, raised.value.error.message[: len(problem)]) == (
        -32602,
        problem,
    )


@pytest.mark.parametrize(
    ("ref", "name", "typed", "expected"),
    [
        (prompt("funnel-drop-off"), "goal", "order", ["Order Completed", "Order Refunded"]),
        (prompt("experiment-review"), "experiment", "ONE", ["one_page_checkout"]),
        (prompt("flag-rollout-review"), "flag", "wish", ["wishlists"]),
        (prompt("funnel-drop-off"), "days", "", []),
        (prompt("nothing"), "goal", "order", []),
        (address("mixpanel://events/{event}"), "event", "fail", ["Payment Failed"]),
        (address("mixpanel://properties/{property}"), "property", "coun", ["country"]),
        (address("mixpanel://reports/{report}"), "report", "way", ["Way to the order"]),
        (address("mixpanel://dashboards/{dashboard}"), "dashboard", "data", ["Data quality"]),
        (address("mixpanel://lexicon/{section}"), "section", "", ["events", "properties"]),
        (address("mixpanel://nothing/{cohort}"), "cohort", "dorm", ["Dormant 14 days"]),
    ],
)
async def test_names_of_the_project_are_offered(
    client: Client, ref: Any, name: str, typed: str, expected: list[str]
) -> None:
    """Those that begin so first, then those that contain it, whatever the case."""
    found = await offered(client, ref, name, typed)
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)


async def test_properties_offered_are_those_of_the_event(client: Client) -> None:
    """Once the event was filled in."""
    ref = prompt("tracking-plan-check")
    assert await offered(client, ref, "property", "re", event="Search") == ["results"]
    assert "revenue" in await offered(client, ref, "property", "re")


async def test_nothing_is_offered_where_nothing_may_be_asked() -> None:
    """A server without the tool that tells the names answers with none, and no error."""
    settings = Settings(sandbox="empty", exclude_tools=("events",))
    async with Client(build(settings, away())) as client:
        assert await offered(client, prompt("explore-project"), "event", "a") == []


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_both_eras_read_and_complete(mode: Mode) -> None:
    """A server process tells what its project has, in the handshake's era and in the one after."""
    event = {"event": "Ping", "properties": {"time": 1780000000, "distinct_id": "u", "size": 3}}
    imported = {"operation": "import_events", "arguments": {"events": [event]}}
    async with over_stdio(["--sandbox", "empty"], mode=mode) as client:
        await client.call_tool("run_write_operation", imported)
        assert "\nPing," in await read(client, "mixpanel://schema")
        assert "\nsize\n" in await read(client, "mixpanel://events/Ping")
        with pytest.raises(MCPError, match="EVENT_NOT_FOUND") as raised:
            await read(client, "mixpanel://events/Pong")
        assert raised.value.error.code == -32602
        templates = (await client.list_resource_templates()).resource_templates
        assert address("mixpanel://events/{event}").uri in [each.uri_template for each in templates]
        for ref in (prompt("explore-project"), address("mixpanel://events/{event}")):
            assert await offered(client, ref, "event", "pi") == ["Ping"]
        assert "explore-project" in [each.name for each in (await client.list_prompts()).prompts]
        text = (await client.get_prompt("explore-project", {"focus": "checkout"})).messages[0]
        assert "Focus: checkout" in getattr(text.content, "text", "")
