"""Real work by real clients: over stdio and HTTP, in both eras of the protocol."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from processes import Mode, over_http, over_stdio

pytestmark = pytest.mark.anyio

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)
NOON = int(datetime(YESTERDAY.year, YESTERDAY.month, YESTERDAY.day, 12, tzinfo=UTC).timestamp())

CONNECTIONS: list[tuple[str, Mode]] = [
    ("stdio", "legacy"),
    ("stdio", "auto"),
    ("http", "legacy"),
    ("http", "auto"),
]


@pytest.fixture(params=CONNECTIONS, ids=lambda each: "-".join(each))
async def client(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Client]:
    """A connected client of a server on an empty sandbox, that may write to one folder."""
    transport, mode = request.param
    arguments = ["--sandbox", "empty", "--toolsets", "all", "--files", str(tmp_path)]
    arguments += ["--confirm", "never"]
    connect = over_stdio if transport == "stdio" else over_http
    async with connect(arguments, mode=mode) as connected:
        yield connected


async def told(client: Client, tool: str, **arguments: Any) -> list[str]:
    """The lines of a good answer's body, below its context."""
    result = await client.call_tool(tool, arguments)
    text = "".join(getattr(block, "text", "") for block in result.content)
    assert not result.is_error, text
    _, _, body = str(text).partition("\n\n")
    return body.splitlines()


def purchase(user: str, country: str, second: int) -> dict[str, Any]:
    """An event of yesterday."""
    properties = {"time": NOON + second, "distinct_id": user, "country": country, "amount": 10}
    return {"event": "Purchase", "properties": properties}


def visit(user: str, second: int) -> dict[str, Any]:
    """Another event of yesterday."""
    return {"event": "Visit", "properties": {"time": NOON + second, "distinct_id": user}}


def did_buy(times: int) -> dict[str, Any]:
    """A criterion for people who bought so often lately."""
    criterion = {"criterion": "did_event", "event": "Purchase", "within_days": 7}
    return {**criterion, "at_least": times}


async def test_events_go_in_and_their_numbers_come_out(client: Client, tmp_path: Path) -> None:
    """Import, discover, count, split, convert, export: the work of a first afternoon."""
    assert await told(client, "events") == []
    events = [purchase("ann", "US", 1), purchase("ben", "DE", 2), purchase("ann", "US", 3)]
    visit = {"event": "Visit", "properties": {"time": NOON - 9, "distinct_id": "ann"}}
    visit_2 = {"event": "Visit", "properties": {"time": NOON - 9, "distinct_id": "cleo"}}
    imported = await told(client, "import_events", events=[*events, visit, visit_2])
    assert json.loads(imported[0]) == {
        "num_records_imported": 5,
        "failed_records": [],
        "batches": 1,
    }

    assert await told(client, "events") == ["Purchase", "Visit"]
    assert "country" in await told(client, "properties", event="Purchase")
    values = await told(client, "property_values", property_name="country", event="Purchase")
    assert values == ["US", "DE"]

    days = {"from_date": str(YESTERDAY), "to_date": str(YESTERDAY)}
    assert await told(client, "query", events=["Purchase"], **days) == [
        "date,event,count",
        f"{YESTERDAY},Purchase,3",
    ]
    assert await told(
        client,
        "query",
        events=[{"event": "Purchase", "math": "unique"}],
        group_by="country",
        mode="total",
        **days,
    ) == ["event,segment,count", "Purchase,$overall,2", "Purchase,DE,1", "Purchase,US,1"]
    assert await told(client, "segmentation", event="Purchase", on="country", **days) == [
        "date,segment,count",
        f"{YESTERDAY},US,2",
        f"{YESTERDAY},DE,1",
    ]
    funnel = await told(client, "query_funnel", steps=["Visit", "Purchase"], **days)
    assert [line.split(",")[1:4] for line in funnel[1:]] == [
        ["Visit", "2", "1"],
        ["Purchase", "1", "0.5"],
    ]

    written = await told(client, "stream_events", output_file="all.jsonl", **days)
    assert json.loads(written[0])["events"] == 5
    lines = (tmp_path / "all.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["event_name"] for line in lines} == {"Purchase", "Visit"}


async def test_every_kind_of_question_is_answered(client: Client) -> None:
    """Formula, funnel, retention, flow and people, over six events that one can count by hand."""
    visits = [visit("ann", 0), visit("ben", 0), visit("ann", 7_200)]
    bought = [purchase("ann", "US", 60), purchase("ann", "US", 90), purchase("cleo", "DE", 60)]
    await told(client, "import_events", events=[*visits, *bought])
    days = {"from_date": str(YESTERDAY), "to_date": str(YESTERDAY)}

    each = [{"event": "Purchase", "math": "unique"}, {"event": "Visit", "math": "unique"}]
    share = {"events": each, "formula": "A / B", "formula_label": "buyers", "mode": "total", **days}
    assert await told(client, "query", **share) == ["event,count", "buyers,1"]

    steps = await told(client, "query_funnel", steps=["Visit", "Purchase"], **days)
    assert [line.split(",")[1:4] for line in steps[1:]] == [
        ["Visit", "2", "1"],
        ["Purchase", "1", "0.5"],
    ]

    back = {"born_event": "Visit", "return_event": "Purchase", "retention_unit": "day", **days}
    assert await told(client, "query_retention", **back) == [
        "cohort,users,day 0,day 1",
        f"{YESTERDAY},2,0.5,0",
    ]

    flow = {"event": "Visit", "forward": 2, "mode": "paths", **days}
    assert await told(client, "query_flow", **flow) == [
        "path,count,share",
        "Visit,1,0.5",
        "Visit > Purchase > Purchase,1,0.5",
    ]

    buyers = {"all_of": [did_buy(2)]}
    assert await told(client, "query_user", cohort=buyers, include_all_users=True) == [
        "metric,value",
        "count(),1",
    ]


async def test_what_was_compiled_runs_to_the_same_answer(client: Client) -> None:
    """Each query has a twin that compiles it and one that runs what was compiled."""
    await told(client, "import_events", events=[visit("ann", 0), purchase("ann", "US", 60)])
    days = {"from_date": str(YESTERDAY), "to_date": str(YESTERDAY)}
    questions: list[tuple[str, str, str, dict[str, Any]]] = [
        ("query", "build_params", "run_params", {"events": "Visit", **days}),
        (
            "query_funnel",
            "build_funnel_params",
            "run_funnel_params",
            {"steps": ["Visit", "Purchase"], **days},
        ),
        (
            "query_retention",
            "build_retention_params",
            "run_retention_params",
            {"born_event": "Visit", "return_event": "Purchase", **days},
        ),
        ("query_flow", "build_flow_params", "run_flow_params", {"event": "Visit", **days}),
        ("query_user", "build_user_params", "run_user_params", {"where": 'defined(user["x"])'}),
    ]
    for ask, build, run, arguments in questions:
        (compiled,) = await told(client, build, **arguments)
        assert await told(client, run, params=json.loads(compiled)) == await told(
            client, ask, **arguments
        )


async def test_board_and_annotation_live_and_die(client: Client) -> None:
    """What was created is found, changed and gone again."""
    board = json.loads((await told(client, "create_dashboard", title="Launch"))[0])
    await told(client, "update_dashboard", dashboard_id=board["id"], title="Launch day")
    found = json.loads((await told(client, "get_dashboard", dashboard_id=board["id"]))[0])
    assert found["title"] == "Launch day"
    await told(client, "delete_dashboard", dashboard_id=board["id"])
    gone = await client.call_tool("get_dashboard", {"dashboard_id": board["id"]})
    assert gone.is_error

    tag = json.loads((await told(client, "create_annotation_tag", name="release"))[0])
    date = f"{YESTERDAY} 09:00:00"
    note = json.loads(
        (await told(client, "create_annotation", date=date, description="v1", tags=[tag["id"]]))[0]
    )
    rows = await told(client, "list_annotations", tags=[tag["id"]])
    assert rows[1].startswith(f"{note['id']},")
    await told(client, "delete_annotation", annotation_id=note["id"])
    assert await told(client, "list_annotations") == []


async def test_server_introduces_itself(client: Client) -> None:
    """Name, version and instructions reach the client, and every prompt can be filled."""
    assert client.server_info is not None
    assert client.server_info.name == "mixpanel-mcp"
    assert client.server_info.version
    assert "sandbox" in (client.instructions or "")
    prompts = (await client.list_prompts()).prompts
    assert len(prompts) == 10
    filled = await client.get_prompt("funnel-drop-off", {"goal": "first order"})
    assert "first order" in getattr(filled.messages[0].content, "text", "")
