"""Answers of Mixpanel to flow queries, and the tables they become."""

from typing import Any

import pytest

from mixpanel_mcp_core.errors import QueryError, ResponseValidationError
from mixpanel_mcp_core.queries import FlowMode, FlowResult, flow_mode, read_flow
from mixpanel_mcp_core.tables import Table

PARAMS = {"steps": [{"event": "Login"}], "version": 2}


def _edge(event: str, count: Any, kind: str = "NORMAL", **rest: Any) -> dict[str, Any]:
    return {"event": event, "type": kind, "totalCount": count, **rest}


def _node(event: str, count: Any, kind: str = "NORMAL", *edges: Any) -> dict[str, Any]:
    return {"event": event, "type": kind, "totalCount": count, "edges": list(edges)}


# 100 log in: 60 search, 25 buy, 15 leave; of those who search, 20 buy and 40 leave.
STEPS = [
    {
        "nodes": [
            _node(
                "Login",
                "100",
                "ANCHOR",
                _edge("Buy", "25", step=1),
                _edge("Search", "60"),
                _edge("DROPOFF", "15", "DROPOFF"),
            )
        ]
    },
    {
        "nodes": [
            _node("Search", "60", "NORMAL", _edge("Buy", 20), _edge("DROPOFF", 40, "DROPOFF")),
            _node("Buy", "25", "NORMAL", _edge("DROPOFF", None, "DROPOFF")),
            _node("DROPOFF", "15", "DROPOFF", _edge("DROPOFF", "15", "DROPOFF")),
        ]
    },
    {"nodes": [_node("Buy", "20"), _node("DROPOFF", "55", "DROPOFF")]},
]
PATHS = [
    {
        "flowSteps": [
            {"event": "Login", "type": "ANCHOR", "totalCount": "60"},
            {"event": "Search", "type": "NORMAL", "totalCount": "60"},
        ]
    },
    {
        "flowSteps": [
            {"event": "Login", "type": "ANCHOR", "totalCount": "40"},
            {"event": "Buy", "type": "NORMAL", "totalCount": "20"},
            {"event": "DROPOFF", "type": "DROPOFF", "totalCount": "20"},
        ]
    },
]


def _sankey(steps: Any) -> FlowResult:
    return read_flow({"steps": steps}, PARAMS, "sankey")


def test_an_answer_is_kept_as_it_came() -> None:
    """Steps, paths, breakdowns, rate and metadata are verbatim, beside mode and params."""
    answer = {
        "computed_at": "2025-01-31T10:00:00",
        "steps": STEPS,
        "flows": PATHS,
        "breakdowns": [{"value": "US"}],
        "overallConversionRate": 0.25,
        "metadata": {"sampling_factor": 1.0},
        "trees": [{"root": {"step": {"event": "Login"}}}],
    }
    assert read_flow(answer, PARAMS, "paths") == FlowResult(
        computed_at="2025-01-31T10:00:00",
        steps=STEPS,
        flows=PATHS,
        breakdowns=[{"value": "US"}],
        overall_conversion_rate=0.25,
        params=PARAMS,
        meta={"sampling_factor": 1.0},
        mode="paths",
        trees=[],
    )


def test_the_dict_form_has_the_keys_of_the_reference_and_its_defaults() -> None:
    """An answer of one key, the others null or missing, is a whole result."""
    answer = {"computed_at": None, "flows": None, "metadata": {}, "overallConversionRate": None}
    assert list(read_flow(answer, PARAMS, "sankey").model_dump().items()) == [
        ("computed_at", ""),
        ("steps", []),
        ("flows", []),
        ("breakdowns", []),
        ("overall_conversion_rate", 0.0),
        ("params", PARAMS),
        ("meta", {}),
        ("mode", "sankey"),
        ("trees", []),
    ]


@pytest.mark.parametrize("mode", ["sankey", "paths", "tree"])
def test_an_error_in_a_good_status_is_refused(mode: FlowMode) -> None:
    """A body with `error` is a failed query; the error holds what was sent."""
    with pytest.raises(QueryError) as raised:
        read_flow({"error": "no such event", "steps": []}, PARAMS, mode)
    assert raised.value.to_dict() == {
        "type": "QueryError",
        "code": "QUERY_FAILED",
        "message": "no such event",
        "details": {
            "status_code": 200,
            "response_body": {"error": "no such event", "steps": []},
            "request_body": PARAMS,
        },
    }


@pytest.mark.parametrize("mode", ["sankey", "paths"])
def test_an_answer_without_any_part_of_a_flow_is_refused_with_its_keys(mode: FlowMode) -> None:
    """The message tells what there was instead."""
    with pytest.raises(QueryError, match="no steps, flows or trees; its keys: a, breakdowns"):
        read_flow({"breakdowns": [], "a": 1}, PARAMS, mode)


@pytest.mark.parametrize("part", ["steps", "flows", "trees", "computed_at", "metadata"])
def test_any_part_of_a_flow_makes_an_answer(part: str) -> None:
    """One of the five keys is enough, even empty."""
    assert read_flow({part: None}, PARAMS, "paths") == FlowResult(params=PARAMS, mode="paths")


def test_an_empty_object_is_a_tree_without_nodes() -> None:
    """Where nobody did the event, tree mode answers with nothing."""
    assert read_flow({}, PARAMS, "tree") == FlowResult(params=PARAMS, mode="tree")


@pytest.mark.parametrize("answer", [None, [], "text", {"steps": "x"}, {"steps": [5]}])
def test_an_answer_of_another_shape_is_refused(answer: object) -> None:
    """What is no flow at all is not taken for an empty one."""
    with pytest.raises(ResponseValidationError):
        read_flow(answer, PARAMS, "sankey")


def test_nodes_are_the_rows_of_a_sankey() -> None:
    """Counts are numbers; what a node lacks has its default, a null change stays null."""
    node = {"event": "A", "type": "ANCHOR", "totalCount": "100", "conversionRateChange": None}
    told = {"anchorType": "RELATIVE_FORWARD", "isCustomEvent": True, "conversionRateChange": 0.5}
    result = _sankey([{"nodes": [node]}, {}, {"nodes": [{**_node("B", 7), **told}, "x"]}])
    assert result.table() == result.node_table()
    assert result.table() == Table(
        [
            "step",
            "event",
            "type",
            "count",
            "anchor_type",
            "is_custom_event",
            "conversion_rate_change",
        ],
        [
            [0, "A", "ANCHOR", 100, "NORMAL", False, None],
            [2, "B", "NORMAL", 7, "RELATIVE_FORWARD", True, 0.5],
        ],
    )


def test_edges_lead_to_their_step_or_else_the_next() -> None:
    """A row for each edge, in the order of the nodes."""
    assert _sankey(STEPS).edge_table() == Table(
        ["source_step", "source_event", "target_step", "target_event", "count", "target_type"],
        [
            [0, "Login", 1, "Buy", 25, "NORMAL"],
            [0, "Login", 1, "Search", 60, "NORMAL"],
            [0, "Login", 1, "DROPOFF", 15, "DROPOFF"],
            [1, "Search", 2, "Buy", 20, "NORMAL"],
            [1, "Search", 2, "DROPOFF", 40, "DROPOFF"],
            [1, "Buy", 2, "DROPOFF", 0, "DROPOFF"],
            [1, "DROPOFF", 2, "DROPOFF", 15, "DROPOFF"],
        ],
    )


def test_top_transitions_are_the_largest_edges() -> None:
    """Nodes are called event@step; equal counts keep their order."""
    result = _sankey(STEPS)
    assert result.top_transitions(3) == [
        ("Login@0", "Search@1", 60),
        ("Search@1", "DROPOFF@2", 40),
        ("Login@0", "Buy@1", 25),
    ]
    assert len(result.top_transitions()) == 7
    assert len(_sankey(STEPS * 3).top_transitions()) == 10


def test_drop_off_is_told_for_each_step() -> None:
    """Who had dropped off before does not drop off again, yet counts in the total."""
    assert _sankey(STEPS).drop_off_summary() == {
        "step_0": {"total": 100, "dropoff": 15, "rate": 0.15},
        "step_1": {"total": 100, "dropoff": 40, "rate": 0.4},
        "step_2": {"total": 75, "dropoff": 0, "rate": 0.0},
    }
    assert _sankey([{}]).drop_off_summary() == {"step_0": {"total": 0, "dropoff": 0, "rate": 0.0}}


@pytest.mark.parametrize(
    ("value", "count", "warned"),
    [
        (7, 7, False),
        ("7", 7, False),
        ("-3", -3, False),
        (None, 0, False),
        ("many", 0, True),
        ("7.5", 0, True),
        ("", 0, True),
        (7.5, 0, True),
        ([7], 0, True),
    ],
)
def test_counts_are_whole_numbers_or_their_text(
    value: Any, count: int, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Null counts 0; what is no whole number counts 0 and leaves a warning."""
    (row,) = _sankey([{"nodes": [{"event": "A", "totalCount": value}]}]).table().rows
    assert (row[3], [each.levelname for each in caplog.records]) == (count, ["WARNING"] * warned)


def test_a_person_reads_where_users_go_from_each_event() -> None:
    """Within a step the largest first, each with its share of those at the event."""
    result = _sankey(STEPS)
    assert result.grid() == Table(
        ["step", "from", "to", "count", "share"],
        [
            [0, "Login", "Search", 60, 0.6],
            [0, "Login", "Buy", 25, 0.25],
            [0, "Login", "(drop-off)", 15, 0.15],
            [1, "Search", "(drop-off)", 40, 40 / 60],
            [1, "Search", "Buy", 20, 20 / 60],
            [1, "Buy", "(drop-off)", 0, 0.0],
        ],
    )
    assert result.appendix() == [
        "step 0: 15 of 100 dropped off (15.0%)",
        "step 1: 40 of 85 dropped off (47.1%)",
    ]


def test_a_sankey_without_edges_shows_its_nodes() -> None:
    """Where nothing follows, the events themselves are what there is to see."""
    result = _sankey([{"nodes": [_node("A", 0)]}])
    assert result.grid() == result.table()
    assert result.appendix() == []


def test_breakdowns_stand_after_the_table() -> None:
    """What has no table of its own is still shown."""
    result = read_flow({"steps": [], "breakdowns": [{"value": "US"}]}, PARAMS, "sankey")
    assert result.appendix() == ['breakdown: {"value": "US"}']


def test_steps_are_the_rows_of_paths() -> None:
    """A row for each event of each path, with how many came there."""
    result = read_flow({"flows": [*PATHS, {}]}, PARAMS, "paths")
    assert result.table() == Table(
        ["path_index", "step", "event", "type", "count"],
        [
            [0, 0, "Login", "ANCHOR", 60],
            [0, 1, "Search", "NORMAL", 60],
            [1, 0, "Login", "ANCHOR", 40],
            [1, 1, "Buy", "NORMAL", 20],
            [1, 2, "DROPOFF", "DROPOFF", 20],
        ],
    )
    assert result.appendix() == []


def test_a_person_reads_whole_paths() -> None:
    """One row a path: its events, how many took it to its end, the share of all shown."""
    own = {"flowSteps": PATHS[0]["flowSteps"], "totalCount": "20"}
    result = read_flow({"flows": [*PATHS, own]}, PARAMS, "paths")
    assert result.grid() == Table(
        ["path", "count", "share"],
        [
            ["Login > Search", 60, 0.6],
            ["Login > Buy > (drop-off)", 20, 0.2],
            ["Login > Search", 20, 0.2],
        ],
    )


def test_paths_without_counts_have_no_share() -> None:
    """Nothing is divided by nothing."""
    assert read_flow({"flows": [{}]}, PARAMS, "paths").grid().rows == [["", 0, None]]


@pytest.mark.parametrize(
    ("params", "mode"),
    [
        ({"flows_merge_type": "tree", "chartType": "sankey"}, "tree"),
        ({"flows_merge_type": "list", "chartType": "sankey"}, "paths"),
        ({"flows_merge_type": "graph", "chartType": "top-paths"}, "sankey"),
        ({"flows_merge_type": "other", "chartType": "top-paths"}, "paths"),
        ({"flows_merge_type": ["tree"], "chartType": "paths"}, "paths"),
        ({"chartType": "tree"}, "tree"),
        ({"chartType": "bar"}, "sankey"),
        ({}, "sankey"),
    ],
)
def test_params_tell_their_mode_by_merge_type_or_else_chart(
    params: dict[str, Any], mode: str
) -> None:
    """The merge type is told apart first, since trees have the chart of a sankey."""
    assert flow_mode(params) == mode


@pytest.mark.parametrize(
    ("params", "remarks"),
    [
        ({"steps": [{}, {}]}, ["overall conversion 25.0%", "cached"]),
        ({"steps": [{}]}, ["cached"]),
        ({}, ["cached"]),
    ],
)
def test_conversion_is_told_where_there_are_several_anchors(
    params: dict[str, Any], remarks: list[str]
) -> None:
    """With one anchor everybody converts, which says nothing."""
    answer = {"steps": [], "overallConversionRate": 0.25, "metadata": {"is_cached": True}}
    assert read_flow(answer, params, "sankey").remarks() == remarks
