"""An analyst who knows JQL asks five questions with it, and learns to ask them without.

Every call that a description names in place of JQL is made here, and must tell the same.
"""

from collections.abc import AsyncIterator
from math import sqrt
from statistics import pstdev
from typing import Any

import pytest
from job_client import at_work, refused, told
from mcp import Client
from recorded_client import connected
from yesterday import DAY, DAYS, NOON

pytestmark = pytest.mark.anyio

TODAY = str(DAY)
# Who did what, and with which properties.
DONE: list[tuple[str, str, dict[str, Any]]] = [
    ("ann", "Buy", {"amount": 10, "country": "US", "tags": ["new"]}),
    ("ann", "Buy", {"amount": 35, "country": "US", "coupon": None}),
    ("ann", "Buy", {"amount": 15.5, "country": "DE", "coupon": "X"}),
    ("ben", "Buy", {"amount": "12", "country": "DE"}),
    ("ben", "Visit", {"amount": 99}),
    ("cat", "Buy", {"amount": 20}),
    ("dan", "Buy", {"amount": 7, "country": "US"}),
    ("dan", "Buy", {"amount": 7, "country": "US"}),
]
BUY = {"event": "Buy", **DAYS}
OF_PROPERTY = ("property_distribution", "numeric_summary")
TOTAL = {**DAYS, "mode": "total"}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """The server of the module runs on one loop."""
    return "asyncio"


@pytest.fixture(scope="module")
async def shop(anyio_backend: str) -> AsyncIterator[Client]:
    """A day in a shop with four customers."""
    async with at_work("empty") as client:
        events = [
            {"event": event, "properties": {"distinct_id": who, "time": NOON + after, **more}}
            for after, (who, event, more) in enumerate(DONE)
        ]
        await told(client, "import_events", events=events)
        yield client


async def asked(client: Client, *events: dict[str, Any], **more: Any) -> list[Any]:
    """The one total of each entry of events, as `query` tells it; by segment where it is split."""
    answer = await told(client, "query", events=list(events), **TOTAL, **more)
    return [node.get("all", node) for node in answer["series"].values()]


async def test_a_script_runs_with_its_params(shop: Client) -> None:
    """Groups come as they are."""
    script = "function main() { return Events(params).groupBy(['name'], mixpanel.reducer.count()) }"
    params = {"from_date": TODAY, "to_date": TODAY}
    assert await told(shop, "jql", script=script, params=params) == {
        "raw": [{"key": ["Buy"], "value": 7}, {"key": ["Visit"], "value": 1}],
        "row_count": 2,
    }


async def test_a_broken_script_is_told_with_its_line(shop: Client) -> None:
    """So that it can be mended."""
    error = await refused(shop, "jql", script="function main() {\n  return People().limt(1);\n}")
    assert error["type"] == "JQLSyntaxError"
    assert error["message"] == (
        "JQL TypeError: not a function\nreturn People().limt(1);\n                  ^"
    )


async def test_a_script_that_failed_for_no_reason_failed_all_the_same() -> None:
    """Mixpanel says so by the status, with an object that may be empty."""
    async with connected({"status": 412, "body": {}}) as (client, _):
        result = await client.call_tool("jql", {"script": "function main() {}"})
    assert result.structured_content is not None
    error = result.structured_content["error"]
    assert (error["type"], error["code"]) == ("JQLSyntaxError", "JQL_SYNTAX_ERROR")


async def test_values_of_a_property_are_those_of_a_breakdown(shop: Client) -> None:
    """`query` with group_by tells also how many events lack the property."""
    found = await told(shop, "property_distribution", property="country", **BUY)
    assert found == {
        **BUY,
        "property_name": "country",
        "total_count": 6,
        "values": [
            {"value": "US", "count": 4, "percentage": pytest.approx(200 / 3)},
            {"value": "DE", "count": 2, "percentage": pytest.approx(100 / 3)},
        ],
    }
    [split] = await asked(shop, {"event": "Buy"}, group_by=["country"])
    counted = {each["value"]: each["count"] for each in found["values"]}
    assert {name: node["all"] for name, node in split.items()} == {
        **counted,
        "undefined": 1,
        "$overall": 7,
    }
    some = await told(shop, "property_distribution", property="country", limit=1, **BUY)
    assert (some["total_count"], len(some["values"])) == (6, 1)
    lists = await told(shop, "property_distribution", property="tags", **BUY)
    assert [each["value"] for each in lists["values"]] == ['["new"]']


async def test_figures_of_a_number_are_those_of_math(shop: Client) -> None:
    """The standard deviation is the root of var; a price written as text is no number."""
    found = await told(
        shop, "numeric_summary", property="amount", percentiles=[50, 75, 90, 95], **BUY
    )
    maths = ["total", "average", "min", "max", "median", "p75", "p90"]
    entries: list[dict[str, Any]] = [{"math": math} for math in maths]
    entries += [{"math": "percentile", "percentile_value": 95}, {"math": "numeric_summary"}]
    *figures, summary = await asked(
        shop, *({"event": "Buy", "property": "amount", **e} for e in entries)
    )
    names = ["sum", "avg", "min", "max"]
    assert found == {
        **BUY,
        "property_name": "amount",
        "count": summary["count"],
        "stddev": pytest.approx(sqrt(summary["var"])),
        **dict(zip(names, map(pytest.approx, figures), strict=False)),
        "percentiles": dict(
            zip(("50", "75", "90", "95"), map(pytest.approx, figures[4:]), strict=True)
        ),
    }
    assert found["count"] == 6
    assert found["stddev"] == pytest.approx(pstdev([10, 35, 15.5, 20, 7, 7]))


async def test_daily_counts_are_event_counts(shop: Client) -> None:
    """Of all events, or of some."""
    every = await told(shop, "daily_counts", **DAYS)
    rows = [
        {"date": TODAY, "event": "Buy", "count": 7},
        {"date": TODAY, "event": "Visit", "count": 1},
    ]
    assert every == {**DAYS, "events": None, "counts": rows}
    some = await told(shop, "daily_counts", events=["Buy"], **DAYS)
    counts = await told(shop, "event_counts", events=["Buy"], **DAYS)
    assert some == {**DAYS, "events": ["Buy"], "counts": rows[:1]}
    assert counts["series"] == {"Buy": {TODAY: 7}}


async def test_engagement_is_a_breakdown_by_frequency(shop: Client) -> None:
    """Buckets of one width are those of frequency_of; users below the first are left out."""
    found = await told(shop, "engagement_distribution", events=["Buy"], buckets=[1, 2, 3], **DAYS)
    assert found == {
        **DAYS,
        "events": ["Buy"],
        "total_users": 4,
        "buckets": [
            {"bucket_min": 1, "bucket_label": "1", "user_count": 2, "percentage": 50.0},
            {"bucket_min": 2, "bucket_label": "2", "user_count": 1, "percentage": 25.0},
            {"bucket_min": 3, "bucket_label": "3+", "user_count": 1, "percentage": 25.0},
        ],
    }
    group = {"frequency_of": "Buy", "bucket_size": 1, "bucket_min": 1, "bucket_max": 4}
    [split] = await asked(shop, {"event": "Buy", "math": "unique"}, group_by=[group])
    shown = {f"{each['bucket_min']} - {each['bucket_min'] + 1}": each for each in found["buckets"]}
    assert {name: node["all"] for name, node in split.items()} == {
        **{name: each["user_count"] for name, each in shown.items()},
        "$overall": 4,
    }
    every = await told(shop, "engagement_distribution", buckets=[2], **DAYS)
    assert (every["total_users"], every["events"]) == (3, None)
    error = await refused(shop, "engagement_distribution", buckets=[5, 1, 5], **DAYS)
    assert error["message"] == "buckets: must ascend, each once: [1, 5], not [5, 1, 5]."


async def test_coverage_is_a_count_with_is_set(shop: Client) -> None:
    """Null counts as no value, here and there; the older name of the argument is taken, too."""
    names = ["country", "coupon", "other"]
    found = await told(shop, "property_coverage", properties=names, **BUY)
    entries = [{"event": "Buy"}] + [
        {"event": "Buy", "filters": [{"property": name, "operator": "is_set"}]} for name in names
    ]
    total, *defined = await asked(shop, *entries)
    assert found == {
        **BUY,
        "total_events": total,
        "coverage": [
            {
                "property": name,
                "defined_count": count,
                "null_count": total - count,
                "coverage_percentage": pytest.approx(count / total * 100),
            }
            for name, count in zip(names, defined, strict=True)
        ],
    }
    assert (total, defined) == (7, [6, 1, 0])


@pytest.mark.parametrize("rows", [[1], [["x"]], [{"count": "many"}], ["text"], [None]])
@pytest.mark.parametrize(
    "tool", ["property_distribution", "numeric_summary", "daily_counts", "engagement_distribution"]
)
async def test_rows_of_another_shape_are_told_as_such(tool: str, rows: list[Any]) -> None:
    """Whatever stands between us and Mixpanel may answer anything; it is no fault of ours."""
    days = {"from_date": TODAY, "to_date": TODAY}
    of_event = {"event": "Buy", "property": "amount"} if tool in OF_PROPERTY else {}
    async with connected({"status": 200, "body": rows}) as (client, _):
        error = await refused(client, tool, **days, **of_event)
    assert error["code"] == "INVALID_RESPONSE"
