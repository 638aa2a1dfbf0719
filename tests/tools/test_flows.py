"""Flows as a client asks for them: what is sent, and what an analyst reads."""

from typing import Any

import pytest
from mcp import Client
from mcp.types import CallToolResult
from recorder import CREDENTIALS, Recorded, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

SETTINGS = {**CREDENTIALS, "MP_WORKSPACE_ID": "9"}


async def asked(
    tool: str, arguments: dict[str, Any], answer: Any
) -> tuple[str, list[Recorded], CallToolResult]:
    """The text of an answer, the requests that left, and the whole result."""
    async with recording() as recorder:
        recorder.answers.append({"status": 200, "body": answer})
        environ = {**SETTINGS, "MP_API_BASE_URL": recorder.url}
        async with Client(build(Settings(toolsets=("all",), max_wait=0), environ)) as client:
            result = await client.call_tool(tool, arguments)
    return getattr(result.content[0], "text", ""), recorder.requests, result


def node(event: str, count: int, *edges: tuple[str, int], kind: str = "NORMAL") -> dict[str, Any]:
    """A node of a sankey; an edge is a pair of event and count."""
    leaving = [
        {"event": name, "type": "DROPOFF" if name == "DROPOFF" else "NORMAL", "totalCount": str(n)}
        for name, n in edges
    ]
    return {"event": event, "type": kind, "totalCount": str(count), "edges": leaving}


SANKEY = {
    "computed_at": "2026-01-31T10:00:00",
    "steps": [
        {"nodes": [node("Login", 1000, ("Buy", 300), ("Search, all", 600), ("DROPOFF", 100))]},
        {"nodes": [node("Search, all", 600), node("Buy", 300)]},
    ],
    "breakdowns": [],
    "overallConversionRate": 1.0,
    "metadata": {"sampling_factor": 0.1},
}
PATHS = {
    "flows": [
        {"flowSteps": [node("Login", 60), node("Search", 60), node("Buy", 45)]},
        {"flowSteps": [node("Login", 40), node("Buy", 15)]},
    ]
}
TREE = {
    "trees": [
        {
            "root": {
                "step": {"event": "Login", "type": "ANCHOR"},
                "totalCount": "100",
                "dropOffTotalCount": "40",
                "children": [{"step": {"event": "Buy", "type": "NORMAL"}, "totalCount": "60"}],
            }
        }
    ]
}


async def test_sankey_reads_as_transitions_and_drop_off() -> None:
    """Where users go from each event, with shares, and how many leave."""
    text, [request], _ = await asked("query_flow", {"event": "Login"}, SANKEY)
    assert request.json()["query_type"] == "flows_sankey"
    head, table, drop_off = text.split("\n\n")
    assert head.endswith(" · 3 rows · sampled (factor 0.1): numbers are estimates")
    assert table.splitlines() == [
        "step,from,to,count,share",
        '0,Login,"Search, all",600,0.6',
        "0,Login,Buy,300,0.3",
        "0,Login,(drop-off),100,0.1",
    ]
    assert drop_off == "step 0: 100 of 1,000 dropped off (10.0%)"


async def test_paths_read_as_one_row_each() -> None:
    """The events of a path, how many took it, their share."""
    query = {"event": "Login", "mode": "paths"}
    text, [request], _ = await asked("query_flow", query, PATHS)
    assert request.json()["query_type"] == "flows_top_paths"
    assert text.splitlines()[2:] == [
        "path,count,share",
        "Login > Search > Buy,45,0.75",
        "Login > Buy,15,0.25",
    ]


async def test_trees_read_as_a_drawing() -> None:
    """Indented events with their numbers."""
    query = {"event": "Login", "mode": "tree"}
    text, [request], _ = await asked("query_flow", query, TREE)
    assert request.json()["query_type"] == "flows"
    assert text.splitlines()[2:] == [
        "tree,count,share_of_parent,drop_off_count,drop_off_rate",
        "Login,100,,40,0.4",
        "└── Buy,60,0.6,0,0",
    ]


PARAMS = {"steps": [{"event": "Login"}], "flows_merge_type": "tree", "chartType": "sankey"}


async def test_params_run_as_they_are() -> None:
    """Nothing is checked, added or left out; the mode is the one they were built for."""
    params = {**PARAMS, "unknown": None, "version": 1}
    text, [request], _ = await asked("run_flow_params", {"params": params}, TREE)
    assert request.json() == {"bookmark": params, "project_id": 12345, "query_type": "flows"}
    assert request.query == {"workspace_id": "9", "query_origin": "mixpanel-mcp"}
    assert text.splitlines()[3:] == ["Login,100,,40,0.4", "└── Buy,60,0.6,0,0"]


async def test_params_run_in_the_mode_and_workspace_asked_for() -> None:
    """Both win over what params and session say, and the answer names the workspace."""
    arguments = {"params": PARAMS, "mode": "paths", "workspace_id": 7}
    text, [request], _ = await asked("run_flow_params", arguments, PATHS)
    assert request.json()["query_type"] == "flows_top_paths"
    assert request.query["workspace_id"] == "7"
    assert "· workspace 7 ·" in text.splitlines()[0]


async def test_built_params_are_those_that_a_query_sends() -> None:
    """Building sends nothing, and what it builds can be run."""
    arguments = {"event": ["Login", {"event": "Buy", "forward": 1}], "last": 7}
    text, nothing, _ = await asked("build_flow_params", arguments, SANKEY)
    _, [request], _ = await asked("query_flow", arguments, SANKEY)
    assert nothing == []
    assert request.json()["bookmark"]["steps"][1]["forward"] == 1
    assert (
        text.splitlines()[2]
        == request.body.decode().split('"bookmark":', 1)[1].rsplit(',"project_id"', 1)[0]
    )


async def test_refusal_names_rule_place_and_remedy_and_sends_nothing() -> None:
    """All problems come together, in words, before anything is sent."""
    query = {"event": "Login", "forward": 0, "mode": "top-paths"}
    text, requests, result = await asked("query_flow", query, SANKEY)
    assert result.is_error
    assert requests == []
    assert text.splitlines()[1:3] == [
        "- forward: A flow looks forward or back: forward or reverse must be at least 1."
        " [FL5_NO_DIRECTION]",
        "- mode: mode 'top-paths' is not valid. Did you mean 'paths'? [FL_INVALID_MODE]",
    ]


@pytest.mark.parametrize("forward", [True, 1.5, "far"])
async def test_directions_of_another_type_reach_their_rule(forward: Any) -> None:
    """A schema would say less than the rule does."""
    query = {"event": "Login", "forward": forward}
    _, _, result = await asked("query_flow", query, SANKEY)
    errors = (result.structured_content or {})["error"]["details"]["errors"]
    assert [(each["code"], each["path"]) for each in errors] == [
        ("FL_TYPE_FORWARD", "forward"),
        ("FL_TYPE_FORWARD", "steps[0].forward"),
    ]


async def test_error_in_a_good_status_is_an_error() -> None:
    """What Mixpanel says is passed on."""
    text, _, result = await asked("query_flow", {"event": "Login"}, {"error": "no such event"})
    assert result.is_error
    assert text.startswith("QUERY_FAILED: no such event")
