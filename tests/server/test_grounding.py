"""Names that are not there: what is offered in their place, and what asking for it costs."""

import json
import re
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from job_client import at_work, refused, told
from mcp import Client
from recorded_client import connected, whole
from recorder import Recorded

pytestmark = pytest.mark.anyio

TODAY = datetime.now(UTC).date()
DAYS = {"from_date": (TODAY - timedelta(days=2)).isoformat(), "to_date": TODAY.isoformat()}
AN_HOUR_AGO = int(datetime.now(UTC).timestamp()) - 3600
BUYERS = {
    "all_of": [
        {"criterion": "did_event", "event": "Order Completed", "at_least": 1, "within_days": 30}
    ]
}
NO_SUCH_PLAN = {"property": "plann", "operator": "is_set"}
ORDER = {"distinct_id": "ann", "time": AN_HOUR_AGO, "plan": "pro", "country": "DE"}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the module's client."""
    return "asyncio"


@pytest.fixture(scope="module")
async def shop(anyio_backend: str) -> AsyncGenerator[Client]:
    """A client of a project with two events, a report, a cohort and a schema."""
    async with at_work("empty") as client:
        events = [
            {"event": name, "properties": ORDER} for name in ("Order Completed", "Product Viewed")
        ]
        trial = {"distinct_id": "ann", "time": AN_HOUR_AGO, "Experiment": "one_page"}
        events.append({"event": "$experiment_started", "properties": trial})
        await told(client, "import_events", events=events)
        board = await told(client, "create_dashboard", title="Board")
        report = {"name": "Orders", "bookmark_type": "insights", "dashboard_id": board["id"]}
        params = await told(client, "build_params", events=["Order Completed"])
        await told(client, "create_bookmark", **report, params=params)
        await told(client, "create_cohort", name="Buyers", definition=BUYERS)
        schema = {"entity_type": "event", "entity_name": "Refund", "schema_json": {}}
        await told(client, "create_schema", **schema)
        yield client


async def hints(client: Client, tool: str, **arguments: Any) -> Any:
    """What is said beside an answer."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return json.loads(getattr(result.content[0], "text", ""))["hints"]


@pytest.mark.parametrize(
    ("tool", "arguments", "hint"),
    [
        (
            "query",
            {"events": ["Ordr"]},
            "There is no event 'Ordr'. Did you mean 'Order Completed'?",
        ),
        (
            "query",
            {
                "events": ["Order Completed"],
                "where": [{"property": "plann", "operator": "equals", "value": "pro"}],
            },
            "'Order Completed' has no property 'plann'. Did you mean 'plan'?",
        ),
        (
            "query",
            {
                "events": ["Order Completed"],
                "where": [{"property": "country", "operator": "equals", "value": "Germany"}],
            },
            "'country' has no value 'Germany'. There are 'DE'.",
        ),
        (
            "query_funnel",
            {"steps": ["Product Viewd", "Order Completed"]},
            "There is no event 'Product Viewd'. Did you mean 'Product Viewed'?",
        ),
        (
            "query_funnel",
            {
                "steps": [
                    {
                        "event": "$experiment_started",
                        "filters": [
                            {"property": "Experiment", "operator": "equals", "value": "One page"}
                        ],
                    },
                    "Product Viewed",
                ],
                "group_by": "Experiment",
            },
            "'Experiment' has no value 'One page'. Did you mean 'one_page'?",
        ),
        (
            "query",
            {"events": ["Order Completed", "Product Viewed"], "where": [NO_SUCH_PLAN]},
            "None of these events has a property 'plann'. Did you mean 'plan'?",
        ),
        (
            "query_flow",
            {"event": "order completd"},
            "There is no event 'order completd'. Did you mean 'Order Completed'?",
        ),
        (
            "segmentation",
            {"event": "Order Completed", "on": "plam", **DAYS},
            "'Order Completed' has no property 'plam'. Did you mean 'plan'?",
        ),
        (
            "segmentation",
            {"event": "Order Completed", "where": 'properties["plan"] == "prro"', **DAYS},
            "'plan' has no value 'prro'. Did you mean 'pro'?",
        ),
        (
            "property_values",
            {"property_name": "plam", "event": "Order Completed"},
            "'Order Completed' has no property 'plam'. Did you mean 'plan'?",
        ),
        (
            "stream_events",
            {"events": ["order"], **DAYS},
            "There is no event 'order'. Did you mean 'Order Completed'?",
        ),
        (
            "get_event_definitions",
            {"names": ["Order"]},
            "There is no event 'Order'. Did you mean 'Order Completed'?",
        ),
        (
            "get_property_definitions",
            {"names": ["countri"]},
            "There is no property 'countri'. Did you mean 'country'?",
        ),
    ],
)
async def test_an_empty_answer_offers_what_there_is(
    shop: Client, tool: str, arguments: dict[str, Any], hint: str
) -> None:
    """Events, properties of the event, values of the property: the first that is not there."""
    assert await hints(shop, tool, **arguments) == [hint]


@pytest.mark.parametrize(
    ("tool", "arguments", "sentence"),
    [
        ("funnel", {"funnel_id": 99, **DAYS}, "Report 99 not found"),
        ("query_saved_report", {"bookmark_id": 99}, "Report 99 not found. There are 1 (Orders, "),
        (
            "query",
            {"events": ["Order Completed"], "where": [{"operator": "in_cohort", "cohort": 99}]},
            "Cohort 99 not found. There are 1 (Buyers).",
        ),
        ("get_event_history", {"event_name": "Ordr"}, "Did you mean 'Order Completed'?"),
        ("lexicon_schema", {"entity_type": "event", "name": "refund"}, "Did you mean 'Refund'?"),
    ],
)
async def test_a_refusal_offers_what_there_is(
    shop: Client, tool: str, arguments: dict[str, Any], sentence: str
) -> None:
    """Behind the words that Mixpanel chose; nothing where there is nothing."""
    error = await refused(shop, tool, **arguments)
    assert sentence in error["message"]


async def test_a_report_of_another_type_is_told(shop: Client) -> None:
    """The id is right, and the type is not."""
    error = await refused(shop, "query_saved_report", bookmark_id=1, bookmark_type="flows")
    assert "It is 'Orders', of type insights: give that as bookmark_type." in error["message"]


SERIES: Mapping[str, Any] = {
    "headers": ["$metric"],
    "computed_at": "2026-01-01T00:00:00",
    "date_range": {"from_date": "2026-01-01", "to_date": "2026-01-01"},
}


def mixpanel(count: int) -> Any:
    """A Mixpanel that counts so many of every event, and has one event."""

    async def answer(request: Recorded) -> Mapping[str, Any]:
        if request.path.endswith("/events/names"):
            return {"status": 200, "body": ["Order Completed"]}
        series = {"series": {"A": {"2026-01-01T00:00:00+00:00": count}}}
        return {"status": 200, "body": {**SERIES, **series}}

    return answer


async def asked(client: Client) -> str:
    """The answer to a question about an event that is not there."""
    return whole(await client.call_tool("query", {"events": ["Order"]}))


async def test_only_a_miss_costs_a_request_and_only_the_first_one() -> None:
    """What was found out once is remembered."""
    async with connected(cache=False) as (client, recorder):
        recorder.answer = mixpanel(5)
        assert "Did you mean" not in await asked(client)
        assert [each.path for each in recorder.requests] == ["/api/query/insights"]
        recorder.answer = mixpanel(0)
        assert "Did you mean" in await asked(client)
        assert "Did you mean" in await asked(client)
    assert [each.path.removeprefix("/api/query/") for each in recorder.requests[1:]] == [
        "insights",
        "events/names",
        "insights",
    ]


async def test_a_new_name_is_no_miss() -> None:
    """Events that are sent need not be there before."""
    refusal = {"code": 400, "error": "some data points failed", "status": "Bad Request"}
    async with connected({"status": 400, "body": refusal}) as (client, recorder):
        await refused(client, "import_events", events=[{"event": "New", "properties": ORDER}])
    assert [each.path for each in recorder.requests] == ["/import"]


async def test_a_hint_that_cannot_be_had_is_left_out() -> None:
    """The answer is as good as without it."""
    async with connected() as (client, recorder):
        recorder.answers += [{"status": 200, "body": {**SERIES, "series": {"A": {}}}}]
        result = await client.call_tool("query", {"events": ["Order"]})
    assert not result.is_error
    assert len(recorder.requests) == 2


async def test_an_answer_from_memory_says_how_old_it_is() -> None:
    """Until the memory is cleared."""
    names = {"status": 200, "body": ["Order Completed"]}
    async with connected(names, names) as (client, recorder):
        first = whole(await client.call_tool("events", {}))
        second = whole(await client.call_tool("events", {}))
        await client.call_tool("clear_discovery_cache", {})
        third = whole(await client.call_tool("events", {}))
    answers = (first, second, third)
    told_ages = [bool(re.search(r"cached: asked \d+ s ago", each)) for each in answers]
    assert (told_ages, len(recorder.requests)) == ([False, True, False], 2)
