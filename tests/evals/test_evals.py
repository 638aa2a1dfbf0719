"""The evaluation is fair: good solutions find the true answers, in few tokens, and others fail."""

import re
import shlex
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from evals.grading import last_answer, right
from evals.probing import Solved, solved
from evals.questions import questions
from evals.run import answered
from evals.truth import Answer, truths
from figures import Figure, Record, weighed
from job_client import at_demo
from mcp import Client
from mcp.types import CallToolResult

from mixpanel_mcp.results import CHARACTERS_A_TOKEN
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_sandbox.cache import user_cache

pytestmark = pytest.mark.anyio

QUESTIONS = questions()

# What an answer may weigh; the whole list of tools has a ceiling of its own.
HEAVIEST = 500
HEAVIEST_TYPICAL = 800
OF_A_TOOL = "typical answer of a tool"

ORDERS = {"events": "Order Completed", "unit": "week"}
# What each tool of the default list is asked usually, where no question asks it.
TYPICAL: dict[str, dict[str, Any]] = {
    "projects": {},
    "explain_session": {},
    "events": {},
    "properties": {"event": "Order Completed"},
    "property_values": {"property_name": "country"},
    "top_events": {},
    "query_flow": {"event": "Payment Failed"},
    "query_saved_report": {"bookmark_id": 2004},
    "create_board": {
        "title": "Launch",
        "rows": [{"cards": [{"title": "Orders", "tool": "query", "arguments": ORDERS}]}],
    },
    "search_entities": {"words": "checkout"},
    "list_dashboards": {},
    "get_dashboard": {"dashboard_id": 1002},
    "list_annotations": {},
    "search_operations": {"words": "rename dashboard"},
    "describe_operation": {"operation": "create_annotation"},
    "run_read_operation": {"operation": "list_cohorts_full"},
    "run_write_operation": {
        "operation": "delete_annotation",
        "arguments": {"annotation_id": 1},
    },
}


def text_of(result: CallToolResult) -> str:
    """What a good answer says."""
    text = "".join(getattr(block, "text", "") for block in result.content)
    assert not result.is_error, text
    return text


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for all questions, which share a server."""
    return "asyncio"


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    """A client of a server as it starts by default, on a demo of its own."""
    async with at_demo(Settings(sandbox="demo")) as connected:
        yield connected


@pytest.fixture(scope="module")
async def found(client: Client) -> dict[str, tuple[Solved, Answer]]:
    """What the good solutions find, with the truth."""
    known = truths(next(user_cache().glob("demo-g*.duckdb")), QUESTIONS)
    answers = await solved(client, QUESTIONS)
    return {each.question.name: (each, known[each.question.name]) for each in answers}


def test_there_are_thirty_questions_about_all_stories() -> None:
    """And no two of them ask the same."""
    assert len({each.ask for each in QUESTIONS}) == len(QUESTIONS) == 30
    assert {each.story for each in QUESTIONS} == {None, *range(1, 11)}


@pytest.mark.parametrize("name", [each.name for each in QUESTIONS])
async def test_good_solution_finds_the_truth(
    found: dict[str, tuple[Solved, Answer]], name: str, record_property: Record
) -> None:
    """The same as plain SQL, in an answer that a model reads at a glance."""
    (_, answer, tokens), truth = found[name]
    assert right(answer, truth), (answer, truth)
    weighed(record_property, Figure("answer to a question", name, tokens, HEAVIEST))


@pytest.mark.parametrize("tool", TYPICAL)
async def test_typical_answer_is_light(client: Client, tool: str, record_property: Record) -> None:
    """What a tool of the default list answers in ordinary use."""
    tokens = len(text_of(await client.call_tool(tool, TYPICAL[tool]))) // CHARACTERS_A_TOKEN
    weighed(record_property, Figure(OF_A_TOOL, tool, tokens, HEAVIEST_TYPICAL))


async def test_answer_that_was_cut_goes_on_in_few_tokens(
    client: Client, record_property: Record
) -> None:
    """As heavy as `--max-tokens` allows; what SQL makes of all its rows is light again."""
    cut = text_of(await client.call_tool("query_user", {"mode": "profiles", "limit": 1000}))
    found = re.search(r"go on with handle (r\w+): query_result \(SQL\)", cut)
    assert found is not None, cut[:200]
    sql = "select country, count(*) as people from result group by all order by 2 desc"
    call = {"sql": sql, "handles": [found[1]]}
    counted = text_of(await client.call_tool("query_result", call))
    whole, sums = (len(text) // CHARACTERS_A_TOKEN for text in (cut, counted))
    # The line of where it came from, and how to go on, comes on top.
    most = Settings().max_tokens + 100
    weighed(record_property, Figure("answer that was cut", "profiles", whole, most))
    weighed(record_property, Figure(OF_A_TOOL, "query_result", sums, HEAVIEST_TYPICAL))


async def test_every_tool_of_the_default_list_is_weighed(client: Client) -> None:
    """By a question, by what it is asked usually, or by what it makes of a long answer."""
    listed = {tool.name for tool in (await client.list_tools()).tools}
    assert listed == {*TYPICAL, *(each.tool for each in QUESTIONS), "query_result"}


@pytest.mark.parametrize(
    ("told", "truth", "is_right"),
    [
        ("1,917", 1917, True),
        ("1917 ", 1917, True),
        ("1.900", 1917, False),
        ("24.5 %", 0.2447, True),
        ("0.245", 0.2447, True),
        ("24.5", 0.2447, False),
        ("0", 3, False),
        ("", 3, False),
        ("about 3", 3, False),
        ("4.2.0", "4.2.0", True),
        ("4.2.1", "4.2.0", False),
        ("jackets.", "Jackets", True),
        ("Jackets or Boots", "Jackets", False),
    ],
)
def test_answer_is_graded_by_what_it_says(told: str, truth: Answer, is_right: bool) -> None:
    """Numbers within half a percent, however they are written; names whole."""
    assert right(told, truth) is is_right


def test_last_answer_of_a_text_counts() -> None:
    """A model may change its mind, and may leave the question open."""
    assert last_answer("ANSWER: 3\nNo.\nANSWER: 4\n") == "4"
    assert last_answer("Three, I think.") == ""


def test_command_reads_the_question_and_how_to_start_the_server() -> None:
    """From its standard input, and the configuration from a file too; its last line is graded."""
    (robots,) = [each for each in QUESTIONS if each.name == "robots"]
    program = (
        "import json, sys; text = sys.stdin.read(); config = json.load(open(sys.argv[1])); "
        "assert json.loads(text[text.index('{'):]) == config; "
        "print('ANSWER:', config['mcpServers']['mixpanel']['args'][-1], 'Singapore' in text)"
    )
    command = f"{shlex.join([sys.executable, '-c', program])} {{config}}"
    assert answered(command, robots, seconds=20) == "demo True"


def test_command_that_takes_too_long_has_not_answered() -> None:
    """The next question is asked all the same."""
    assert answered("sleep 5", QUESTIONS[0], seconds=0.1) == ""
