"""A launch is prepared: who matters, what is measured, a board that shows it; then it is read."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from job_client import at_work, refused, told
from mcp import Client
from yesterday import DAY, DAYS, NOON

pytestmark = pytest.mark.anyio

SEEN = ("ann Visit", "ben Visit", "cem Visit", "ann Buy", "ann Buy", "ben Buy", "ann Visit")
REPEAT = {"criterion": "did_event", "event": "Buy", "at_least": 2, "within_days": 7}


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client of a server on a sandbox that has seen three people shop."""
    async with at_work("empty") as connected:
        events = [
            {"event": event, "properties": {"distinct_id": who, "time": NOON + second}}
            for second, (who, event) in enumerate(each.split() for each in SEEN)
        ]
        await told(connected, "import_events", events=events)
        yield connected


async def refusal(client: Client, tool: str, **arguments: Any) -> str:
    """The message of an error."""
    return (await refused(client, tool, **arguments))["message"]


async def total(client: Client, **query: Any) -> dict[str, float]:
    """Each line of a query as one number."""
    result = await told(client, "query", mode="total", **query, **DAYS)
    return {name: node["all"] for name, node in result["series"].items()}


async def numbers(client: Client, bookmark: dict[str, Any]) -> Any:
    """The series of a saved report, run by its id."""
    kind = bookmark["bookmark_type"]
    dates = DAYS if kind == "funnels" else {}
    answer = await told(
        client, "query_saved_report", bookmark_id=bookmark["id"], bookmark_type=kind, **dates
    )
    return answer["series"]


async def test_a_board_for_a_launch_is_built_and_read_back(client: Client) -> None:
    """Whoever opens it finds the reports that were saved, with the numbers of the day."""
    # Who matters: people who bought twice.
    definition = {"all_of": [REPEAT]}
    cohort = await told(client, "create_cohort", name="Repeat buyers", definition=definition)
    assert cohort["count"] == 1

    # What everybody agreed to measure.
    buys = await told(
        client, "create_metric", name="Buys", definition={"event": "Buy"}, verified=True
    )
    rate = await told(
        client,
        "create_metric",
        name="Buys per visit",
        definition={"formula": "A / B", "metrics": [{"metric_id": buys["id"]}, "Visit"]},
    )
    assert [each["verified"] for each in (buys, rate)] == [True, False]
    way = await told(
        client, "create_behavior", name="Way to buy", behavior={"steps": ["Visit", "Buy"]}
    )

    # The board, and three reports on it.
    board = await told(client, "create_dashboard", title="Launch")
    insights = await told(
        client,
        "build_params",
        events=[
            {"metric_id": buys["id"]},
            {"metric_id": rate["id"], "type": "formula"},
        ],
        where={"operator": "in_cohort", "cohort": cohort["id"]},
        mode="total",
        **DAYS,
    )
    funnel = await told(client, "build_funnel_params", steps=["Visit", "Buy"], **DAYS)
    retention = await told(
        client,
        "build_retention_params",
        born_event="Visit",
        return_event="Buy",
        retention_unit="day",
        **DAYS,
    )
    params = {"insights": insights, "funnels": funnel, "retention": retention}
    reports = [
        await told(
            client,
            "create_bookmark",
            name=kind.title(),
            bookmark_type=kind,
            params=each,
            dashboard_id=board["id"],
        )
        for kind, each in params.items()
    ]

    # Read back: the board shows them in order, and each answers.
    shown = (await told(client, "get_dashboard", dashboard_id=board["id"]))["contents"]["report"]
    assert [(each["id"], each["name"]) for each in shown.values()] == [
        (each["id"], each["name"]) for each in reports
    ]
    listed = await told(client, "list_bookmarks_v2")
    assert [each["params"] for each in listed] == [insights, funnel, retention]
    assert await numbers(client, reports[0]) == {"Buys": {"all": 2}, "Buys per visit": {"all": 1}}
    [day] = (await numbers(client, reports[1])).values()
    assert [(step["event"], step["count"]) for step in day["steps"]] == [("Visit", 3), ("Buy", 2)]
    assert (await numbers(client, reports[2]))[f"{DAY}T00:00:00+00:00"]["first"] == 3

    # What belongs together knows of each other.
    used = await told(client, "get_cohort", cohort_id=cohort["id"])
    assert used["referenced_by"] == [reports[0]["id"]]
    for tool in ("bookmark_linked_dashboard_ids", "get_bookmark_dashboard_ids"):
        assert await told(client, tool, bookmark_id=reports[0]["id"]) == [board["id"]]
    step = {"funnel": {"behavior_id": way["id"], "type": "funnel"}}
    asked = await told(client, "build_params", events=[step], **DAYS)
    assert asked["sections"]["show"][0]["behavior"] == {"type": "funnel", "id": way["id"]}


async def test_a_report_is_worked_on_and_its_history_tells(client: Client) -> None:
    """Renamed, asked differently, moved to another board, put aside, and deleted at last."""
    boards = [await told(client, "create_dashboard", title=title) for title in ("Draft", "Launch")]
    first, second = (board["id"] for board in boards)
    visits, buys = [
        await told(client, "build_params", events=[event], mode="total", **DAYS)
        for event in ("Visit", "Buy")
    ]
    report = await told(
        client,
        "create_bookmark",
        name="Visits",
        bookmark_type="insights",
        params=visits,
        dashboard_id=first,
    )
    number = report["id"]
    await told(client, "update_bookmark", bookmark_id=number, name="Buys", params=buys)
    assert await numbers(client, report) == {"Buy": {"all": 3}}
    await told(client, "update_bookmark", bookmark_id=number, dashboard_id=second)
    assert await told(client, "bookmark_linked_dashboard_ids", bookmark_id=number) == [second]
    entries = [{"id": number, "description": "What was bought"}]
    await told(client, "bulk_update_bookmarks", entries=entries)
    report = await told(client, "get_bookmark", bookmark_id=number)
    told_of = {key: report[key] for key in ("name", "description", "dashboard_id")}
    assert told_of == {"name": "Buys", "description": "What was bought", "dashboard_id": second}

    page = await told(client, "get_bookmark_history", bookmark_id=number, page_size=3)
    changed = [sorted(entry["changes"]) for entry in page["results"]]
    assert changed == [["description"], ["dashboard_id"], ["name", "params"]]
    cursor = page["pagination"]["next_cursor"]
    page = await told(client, "get_bookmark_history", bookmark_id=number, cursor=cursor)
    assert [entry["action"] for entry in page["results"]] == ["created"]

    await told(client, "update_bookmark", bookmark_id=number, deleted=True)
    assert await told(client, "list_bookmarks_v2", bookmark_type="insights") == []
    await told(client, "delete_bookmark", bookmark_id=number)
    assert await refusal(client, "get_bookmark", bookmark_id=number) == f"Report {number} not found"
    shown = await told(client, "get_dashboard", dashboard_id=second)
    assert shown["contents"]["report"] == {}
    copies = await told(client, "list_bookmarks_v2")
    await told(client, "bulk_delete_bookmarks", ids=[each["id"] for each in copies])


async def test_cohorts_are_composed_narrowed_and_cleaned_up(client: Client) -> None:
    """A cohort of others follows them; once one is gone, the rest cannot be counted."""
    repeat = await told(
        client, "create_cohort", name="Repeat", definition={"all_of": [REPEAT]}, description="twice"
    )
    once = {"all_of": [{**REPEAT, "at_least": 1}]}
    buyers = await told(client, "create_cohort", name="Buyers", definition=once)
    only = {"all_of": [in_cohort(buyers), {**in_cohort(repeat), "criterion": "not_in_cohort"}]}
    single = await told(client, "create_cohort", name="Single", definition=only)
    listed = await told(client, "list_cohorts_full")
    assert [(each["name"], each["count"]) for each in listed] == [
        ("Repeat", 1),
        ("Buyers", 2),
        ("Single", 1),
    ]
    among = {"operator": "in_cohort", "cohort": single["id"]}
    assert await total(client, events=["Buy"], where=among) == {"Buy": 1}
    people = await told(
        client, "query_user", cohort=single["id"], mode="profiles", include_all_users=True
    )
    assert [each["distinct_id"] for each in people["profiles"]] == ["ben"]

    # The bar is raised, and whoever depends on it follows.
    thrice = {"all_of": [{**REPEAT, "at_least": 3}]}
    changed = await told(client, "update_cohort", cohort_id=repeat["id"], definition=thrice)
    assert (changed["count"], changed["description"]) == (0, "twice")
    assert (await told(client, "get_cohort", cohort_id=single["id"]))["count"] == 2
    entries = [{"id": repeat["id"], "name": "Thrice"}, {"id": buyers["id"], "definition": thrice}]
    await told(client, "bulk_update_cohorts", entries=entries)
    listed = await told(client, "list_cohorts_full", ids=[repeat["id"], buyers["id"]])
    assert [(each["name"], each["count"]) for each in listed] == [("Thrice", 0), ("Buyers", 0)]

    await told(client, "delete_cohort", cohort_id=buyers["id"])
    assert (await told(client, "get_cohort", cohort_id=single["id"]))["count"] is None
    message = await refusal(client, "query", events=["Buy"], where=among, **DAYS)
    assert message == f"Cohort {buyers['id']} not found"
    await told(client, "bulk_delete_cohorts", ids=[repeat["id"], single["id"]])
    assert await told(client, "list_cohorts_full") == []


def in_cohort(cohort: dict[str, Any]) -> dict[str, Any]:
    """The criterion of being in a saved cohort."""
    return {"criterion": "in_cohort", "cohort_id": cohort["id"]}


async def test_a_metric_is_redefined_for_all_who_use_it(client: Client) -> None:
    """Questions keep its id and get its new meaning; another kind needs a new metric."""
    made = await told(
        client,
        "create_metric",
        name="Purchases",
        definition={"event": "Buy"},
        display={"suffix": " x", "precision": 0},
    )
    number = {"metric_id": made["id"]}
    assert await total(client, events=[number]) == {"Purchases": 3}
    goal = {"label": "Spring", "checkpoints": [{"time": str(DAY), "value": 100}]}
    people = {"event": "Buy", "math": "unique"}
    changed = await told(
        client, "update_metric", **number, definition=people, display={"suffix": None}, goals=[goal]
    )
    assert changed["definition"]["display"] == {"precision": 0}
    assert changed["definition"]["goals"][0]["checkpoints"] == [[str(DAY), 100]]
    assert await total(client, events=[number]) == {"Purchases": 2}
    assert await total(client, events=[{**number, "math": "total"}]) == {"Purchases": 3}
    ratio = {"formula": "A", "metrics": ["Buy"]}
    message = await refusal(client, "update_metric", **number, definition=ratio)
    assert message.startswith(f"{made['id']} is of type 'metric' and cannot become 'formula'")

    entries = [{"id": made["id"], "name": "Customers", "owned_by": 1, "verified": True}]
    [renamed] = await told(client, "bulk_update_metrics", entries=entries)
    assert (renamed["owned_by"]["name"], renamed["verified"]) == ("Sandbox User", True)
    assert await told(client, "list_metrics", verified=True, name_contains="custom") == [renamed]
    assert await told(client, "get_metric", **number) == renamed
    await told(client, "delete_metric", **number)
    message = await refusal(client, "query", events=[number], **DAYS)
    assert message == f"Metric {made['id']} not found"
    message = await refusal(client, "delete_metric", **number)
    assert message == f"metric_id: there is no saved metric {made['id']}; see list_metrics."
    again = await told(client, "create_metric", name="Again", definition={"event": "Buy"})
    await told(client, "delete_metrics", metric_ids=[again["id"]])
    assert await told(client, "list_metrics") == []


async def test_a_behavior_is_shared_by_questions(client: Client) -> None:
    """A set of events is counted by its id; a change of it changes every answer."""
    both = {"events": ["Visit", "Buy"]}
    acts = await told(client, "create_behavior", name="Acts", behavior=both)
    question = {"event": {"behavior_id": acts["id"], "type": "simple"}, "math": "total"}
    assert await total(client, events=[question]) == {"Acts": 7}
    one = {"behavior_id": acts["id"]}
    changed = await told(
        client, "update_behavior", **one, name="Buys", behavior={"events": ["Buy"]}, verified=True
    )
    assert (changed["name"], changed["type"], changed["verified"]) == ("Buys", "simple", True)
    assert await total(client, events=[question]) == {"Buys": 3}
    message = await refusal(client, "update_behavior", **one, behavior={"steps": ["Visit", "Buy"]})
    assert message.startswith(f"{acts['id']} is of type 'simple' and cannot become 'funnel'")

    way = await told(client, "create_behavior", name="Way", behavior={"steps": ["Visit", "Buy"]})
    assert await told(client, "list_behaviors", behavior_type="funnel") == [way]
    assert await told(client, "get_behavior", behavior_id=way["id"]) == way
    await told(client, "delete_behavior", **one)
    message = await refusal(client, "query", events=[question], **DAYS)
    assert message == f"Behavior {acts['id']} not found"
    await told(client, "delete_behaviors", behavior_ids=[way["id"]])
    assert await told(client, "list_behaviors", name_contains="w") == []
