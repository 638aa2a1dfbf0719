"""The prompts, filled in by a real client: their calls run on the demo and find its stories.

What a prompt tells a model to call stands in it as `tool {arguments}`; where nothing is left to
choose, that is a whole call.
"""

import csv
import io
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from job_client import at_demo
from mcp import Client, MCPError
from processes import away

import mixpanel_mcp_prompts
from mixpanel_mcp.app import build
from mixpanel_mcp.prompting import tools_in
from mixpanel_mcp.published import names, published
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_sandbox import demo

pytestmark = pytest.mark.anyio

PROMPTS = mixpanel_mcp_prompts.load()
by_prompt = pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt.name)

CALL = re.compile(r"`([a-z_]+) (\{.*\})`")
CHOOSE = re.compile(r"<[a-z ]+>")
WORD = re.compile(r"`([a-z_]+)`")

Rows = Sequence[Mapping[str, str]]
Answers = Callable[[str], list[Rows]]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for all questions, which share a server."""
    return "asyncio"


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    """A client of a server on a demo of its own."""
    async with at_demo(Settings(sandbox="demo", max_tokens=100_000)) as connected:
        yield connected


def calls_in(text: str) -> list[tuple[str, dict[str, Any]]]:
    """The whole calls of a prompt's text."""
    found = [(tool, given) for tool, given in CALL.findall(text) if not CHOOSE.search(given)]
    return [(tool, json.loads(given)) for tool, given in found]


async def text_of(client: Client, prompt: str, **values: str) -> str:
    """A prompt as the client fills it in."""
    (message,) = (await client.get_prompt(prompt, values)).messages
    return getattr(message.content, "text", "")


async def followed(client: Client, prompt: str, **values: str) -> Answers:
    """Run every whole call of a prompt, and tell the tables of each tool in order."""
    found: dict[str, list[Rows]] = {}
    for tool, given in calls_in(await text_of(client, prompt, **values)):
        kind = "read" if published(tool).read_only else "write"
        result = await client.call_tool(
            f"run_{kind}_operation", {"operation": tool, "arguments": given}
        )
        text = getattr(result.content[0], "text", "")
        assert not result.is_error, text
        found.setdefault(tool, []).append(list(csv.DictReader(io.StringIO(text.split("\n\n")[1]))))
    return lambda tool: found[tool]


def day(number: int) -> str:
    """A day of the demo's eighteen weeks, as a date."""
    return demo.at(datetime.now(UTC), number).date().isoformat()


def by_date(rows: Rows, **wanted: str) -> dict[str, float]:
    """The count of each date in the rows that have these values."""
    return {row["date"]: float(row["count"]) for row in rows if wanted.items() <= row.items()}


@by_prompt
def test_prompt_names_what_there_is(prompt: mixpanel_mcp_prompts.Prompt) -> None:
    """Every word in code is a tool, or an argument of a tool that the prompt names."""
    tools = tools_in(prompt.text)
    arguments = {
        name for tool in tools for name in published(tool).tool["inputSchema"]["properties"]
    }
    assert {tool for tool, _ in CALL.findall(prompt.text)} <= set(names())
    assert set(WORD.findall(prompt.text)) <= {*names(), *arguments}


@by_prompt
async def test_prompt_is_listed_with_its_arguments(
    client: Client, prompt: mixpanel_mcp_prompts.Prompt
) -> None:
    """Each with its meaning; none has to be given, and every place in the text is filled."""
    listed = {each.name: each for each in (await client.list_prompts()).prompts}[prompt.name]
    assert listed.description == prompt.description
    assert {each.name: (each.description, each.required) for each in listed.arguments or []} == {
        name: (argument.meaning, False) for name, argument in prompt.arguments.items()
    }
    assert "{{" not in await text_of(client, prompt.name)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (
            {"stage": "cart"},
            "funnel-drop-off has no argument 'stage'; allowed: goal, first, property, days",
        ),
        ({"days": "a week"}, "days must be a whole number above 0, e.g. 28, not 'a week'"),
    ],
)
async def test_wrong_argument_is_refused(
    client: Client, values: dict[str, str], problem: str
) -> None:
    """The error names it, and says what is allowed."""
    with pytest.raises(MCPError) as raised:
        await client.get_prompt("funnel-drop-off", values)
    assert (raised.value.error.code, raised.value.error.message) == (-32602, problem)


async def test_day_that_there_is_not_is_refused(client: Client) -> None:
    """As the calendar has it, and as Mixpanel writes it."""
    with pytest.raises(MCPError) as raised:
        await client.get_prompt("explain-metric-change", {"day": "2025-02-30"})
    assert raised.value.error.message == "day must be a day, e.g. 2025-01-31, not '2025-02-30'"


async def test_name_with_quotes_stays_one_name(client: Client) -> None:
    """In a call it is written as JSON."""
    text = await text_of(client, "explore-project", event='Press "OK"')
    assert ("properties", {"event": 'Press "OK"'}) in calls_in(text)


async def test_prompt_says_how_to_run_what_is_not_listed() -> None:
    """Through the catalogue, or not at all where this server may not."""
    settings = Settings(sandbox="empty", read_only=True, exclude_tools=("get_experiment",))
    async with Client(build(settings, away())) as client:
        text = await text_of(client, "experiment-review")
    assert text.endswith(
        "Not listed, run by name with `run_read_operation`: list_experiments.\n\n"
        "This server may not run, so leave out: "
        "get_experiment, create_experiment, conclude_experiment, decide_experiment."
    )


async def test_exploring_shows_the_week_of_the_sale(client: Client) -> None:
    """Story 8: sign-ups of one week are more than twice those of its neighbours."""
    answers = await followed(
        client, "explore-project", event="Account Created", property="source", days="84"
    )
    weeks = by_date(answers("query")[0])
    assert max(weeks, key=lambda each: weeks[each]) == day(63)
    assert weeks[day(63)] > 2 * max(weeks[day(56)], weeks[day(70)])
    sources = by_date(answers("query")[1], segment="spring_sale")
    assert [date for date, count in sources.items() if count] == [day(63)]


async def test_change_of_searches_is_explained_by_a_robot(client: Client) -> None:
    """Story 3: totals jump on one day, people do not, and one country is all of it."""
    answers = await followed(
        client, "explain-metric-change", event="Search", property="country", day=day(111)
    )
    whole, _, split = answers("query")
    totals = by_date(whole, event="A. Search")
    people = by_date(whole, event="B. Search")
    assert max(totals, key=lambda each: totals[each]) == day(111)
    assert totals[day(111)] / people[day(111)] > 3 * totals[day(110)] / people[day(110)]
    assert by_date(split, segment="SG")[day(111)] == 2600


async def test_quiet_day_is_explained_by_lost_data(client: Client) -> None:
    """Story 4: three hours without anything of iOS, which an annotation names."""
    answers = await followed(
        client, "explain-metric-change", event="Session Opened", property="platform", day=day(101)
    )
    hours = by_date(answers("query")[1], segment="iOS")
    assert [date[11:13] for date, count in hours.items() if not count] == ["13", "14", "15"]
    assert any("iOS events lost" in note["description"] for note in answers("list_annotations")[0])


async def test_drop_off_is_found_in_one_version(client: Client) -> None:
    """Story 1: with Android 4.2.0 payments fail, and with no other version."""
    answers = await followed(
        client,
        "funnel-drop-off",
        first="Payment Added",
        goal="Order Completed",
        property="app_version",
        days="45",
    )
    rows = answers("query_funnel")[1]
    paid = {row["segment"]: float(row["step_conv_ratio"]) for row in rows if row["step"] == "2"}
    assert min(paid, key=lambda each: paid[each]) == "4.2.0"
    assert paid.pop("4.2.0") < min(paid.values()) - 0.15


async def test_review_of_retention_finds_the_customers_of_the_sale(client: Client) -> None:
    """Story 8 again: whom the sale brought does not stay."""
    answers = await followed(
        client,
        "retention-review",
        event="Account Created",
        return_event="Session Opened",
        property="source",
    )
    rows = answers("query_retention")[1]
    week_1 = {row["segment"]: float(row["week 1"]) for row in rows if row["cohort"] == "average"}
    assert min(week_1, key=lambda each: week_1[each]) == "spring_sale"


async def test_review_of_the_flag_finds_its_lift(client: Client) -> None:
    """Story 2: those with wishlists come back more often."""
    answers = await followed(
        client,
        "flag-rollout-review",
        flag="wishlists",
        event="Account Created",
        return_event="Session Opened",
        property="wishlists",
    )
    assert "wishlists" in {flag["key"] for flag in answers("list_feature_flags")[0]}
    rows = answers("query_retention")[0]
    week_2 = {row["segment"]: float(row["week 2"]) for row in rows if row["cohort"] == "average"}
    assert week_2["true"] - week_2["false"] > 0.04


async def test_readout_of_the_experiment_finds_its_winner(client: Client) -> None:
    """Story 7: more of those with one page buy, by far more than chance."""
    answers = await followed(
        client, "experiment-review", experiment="one_page_checkout", event="Order Completed"
    )
    rows = answers("query_funnel")[0]
    people = {(row["segment"], row["step"]): float(row["count"]) for row in rows}
    n1, x1, n2, x2 = (people[each, step] for each in ("control", "one page") for step in "12")
    pooled = (x1 + x2) / (n1 + n2)
    z = (x2 / n2 - x1 / n1) / (pooled * (1 - pooled) * (1 / n1 + 1 / n2)) ** 0.5
    assert z > 1.96


async def test_dashboard_shows_what_an_average_hides(client: Client) -> None:
    """Story 10: plus members order far more often; the board that shows it is made in one call."""
    answers = await followed(
        client,
        "dashboard-from-question",
        question="Do plus members buy more?",
        event="Order Completed",
        property="plan",
    )
    per_person = {row["segment"]: float(row["count"]) for row in answers("query")[0]}
    assert per_person["plus"] > 1.25 * per_person["free"]
    found = await client.call_tool("search_entities", {"words": "Do plus members buy more?"})
    assert "dashboard" in getattr(found.content[0], "text", "")


async def test_audit_of_the_lexicon_finds_the_stray_event(client: Client) -> None:
    """Story 6: an event that nobody described is another one's name, spelt otherwise."""
    answers = await followed(client, "lexicon-audit", event="order_completed")
    events = answers("schema_graph")[0]
    assert [row["event"] for row in events if not row["description"]] == ["order_completed"]
    weeks = by_date(answers("query")[0])
    assert min(date for date, count in weeks.items() if count) >= day(105)


@pytest.mark.parametrize(
    ("event", "property", "missing", "text"),
    [
        ("Add to Cart", "price", range(1), range(250, 500)),
        ("Order Completed", "order_id", range(40, 120), None),
    ],
    ids=["price as text, story 5", "no order id, story 6"],
)
async def test_check_of_the_plan_finds_what_is_wrong(
    client: Client, event: str, property: str, missing: range, text: range | None
) -> None:
    """How many have no value, and how many one that is no number."""
    answers = await followed(
        client, "tracking-plan-check", event=event, property=property, days="90"
    )
    rows = answers("query")[0]
    there, without, numbers = (
        sum(by_date(rows, event=f"{letter}. {event}").values()) for letter in "ABC"
    )
    assert without in missing
    assert text is None or there - without - numbers in text


async def test_review_of_the_week_finds_the_new_market(client: Client) -> None:
    """Story 9: no sign-up from Brazil before its day, dozens a week since."""
    answers = await followed(
        client, "weekly-business-review", event="Account Created", property="country"
    )
    weeks = by_date(answers("query")[1], segment="BR")
    assert min(date for date, count in weeks.items() if count) == day(77)
    assert any("Brazil" in note["description"] for note in answers("list_annotations")[0])
