"""The trees of a flow: read, measured, walked and drawn."""

from typing import Any

import pytest

from mixpanel_mcp_core.errors import ResponseValidationError
from mixpanel_mcp_core.queries import FlowResult, FlowTreeNode, read_flow
from mixpanel_mcp_core.tables import Table


def _read(*roots: Any) -> FlowResult:
    return read_flow({"trees": [{"root": root} for root in roots]}, {}, "tree")


def _given(event: str, total: int, *children: Any, **rest: Any) -> dict[str, Any]:
    step = {"event": event, "type": "NORMAL", "stepNumber": 0}
    return {"step": step, "totalCount": str(total), "children": list(children), **rest}


# Login 100: Search 60 (Buy 20, Leave 30), Buy 25.
LOGIN = _given(
    "Login",
    100,
    _given("Search", 60, _given("Buy", 20), _given("Leave", 30)),
    _given("Buy", 25),
    dropOffTotalCount="15",
    convertedTotalCount="85",
)
(ROOT,) = _read(LOGIN).trees
SEARCH, BUY = ROOT.children


def test_the_documented_tree_is_read_as_documented() -> None:
    """A root that stands for no event gives way to its children; counts become numbers."""
    buy = {"step": {"event": "Buy", "type": "NORMAL", "stepNumber": 1}, "totalCount": "60"}
    login = {
        "step": {"event": "Login", "type": "ANCHOR", "stepNumber": 0},
        "totalCount": "100",
        "dropOffTotalCount": "10",
        "convertedTotalCount": "90",
        "timePercentilesFromPrev": {"p50": 3},
        "children": [{**buy, "children": []}],
    }
    result = _read({"step": None, "children": [login]})
    rest = {"anchor_type": "NORMAL", "is_computed": False}
    told = {
        "event": "Buy",
        "type": "NORMAL",
        "step_number": 1,
        "total_count": 60,
        "drop_off_count": 0,
        "converted_count": 0,
        **rest,
        "children": [],
        "time_percentiles_from_start": {},
        "time_percentiles_from_prev": {},
    }
    assert result.model_dump()["trees"] == [
        {
            "event": "Login",
            "type": "ANCHOR",
            "step_number": 0,
            "total_count": 100,
            "drop_off_count": 10,
            "converted_count": 90,
            **rest,
            "children": [told],
            "time_percentiles_from_start": {},
            "time_percentiles_from_prev": {"p50": 3},
        }
    ]
    assert [row[1:3] for row in result.table().rows] == [[0, "Login"], [1, "Login > Buy"]]


def test_names_of_stored_results_are_read_too() -> None:
    """Snake case means the same; null times are none."""
    step = {"event": "A", "step_number": 2, "anchor_type": "RELATIVE_REVERSE", "is_computed": True}
    counts = {"total_count": 5, "drop_off_total_count": 2, "converted_total_count": 3}
    times = {"time_percentiles_from_start": None, "time_percentiles_from_prev": {"p50": 1}}
    assert _read({"step": step, **counts, **times}).trees == [
        FlowTreeNode(
            event="A",
            type="",
            step_number=2,
            total_count=5,
            drop_off_count=2,
            converted_count=3,
            anchor_type="RELATIVE_REVERSE",
            is_computed=True,
            time_percentiles_from_prev={"p50": 1},
        )
    ]


@pytest.mark.parametrize("root", [None, {}, "x", {"step": None}, {"step": {"event": ""}}])
def test_a_tree_without_an_event_is_none(root: Any) -> None:
    """An empty root and a root without event or children leave nothing."""
    assert _read(root).trees == []


def test_a_tree_of_another_shape_is_refused() -> None:
    """What cannot be an event is not taken for one."""
    with pytest.raises(ResponseValidationError):
        _read({"step": {"event": ["Login"]}})


def test_trees_are_read_in_tree_mode_only() -> None:
    """Other modes are about steps or paths."""
    assert read_flow({"trees": [{"root": LOGIN}]}, {}, "sankey").trees == []


def test_a_tree_knows_its_measures() -> None:
    """Depth counts the levels below, leaves the paths; rates are shares of those who came."""
    assert (ROOT.depth, ROOT.node_count, ROOT.leaf_count) == (2, 5, 3)
    assert (BUY.depth, BUY.node_count, BUY.leaf_count) == (0, 1, 1)
    assert (ROOT.conversion_rate, ROOT.drop_off_rate) == (0.85, 0.15)


def test_nobody_converts_nobody() -> None:
    """A node without users has rates of 0.0."""
    nobody = FlowTreeNode(event="A", type="NORMAL", step_number=0, total_count=0, drop_off_count=3)
    assert (nobody.conversion_rate, nobody.drop_off_rate) == (0.0, 0.0)


def test_a_tree_is_walked_from_the_root() -> None:
    """Paths lead to the leaves; each node comes before its children."""
    buy, leave = SEARCH.children
    assert ROOT.all_paths() == [[ROOT, SEARCH, buy], [ROOT, SEARCH, leave], [ROOT, BUY]]
    assert ROOT.flatten() == [ROOT, SEARCH, buy, leave, BUY]
    assert ROOT.find("Buy") == [buy, BUY]
    assert ROOT.find("Nothing") == []
    assert BUY.all_paths() == [[BUY]]


def test_a_tree_is_drawn_with_branches() -> None:
    """One event a line, below the one it follows."""
    deeper = _given("A", 9000, _given("B", 3, _given("C", 2, _given("D", 1))), _given("E", 0))
    assert ROOT.render().splitlines() == [
        "Login (100)",
        "├── Search (60)",
        "│   ├── Buy (20)",
        "│   └── Leave (30)",
        "└── Buy (25)",
    ]
    assert _read(deeper).trees[0].render().splitlines() == [
        "A (9,000)",
        "├── B (3)",
        "│   └── C (2)",
        "│       └── D (1)",
        "└── E (0)",
    ]


def test_nodes_are_the_rows_of_trees() -> None:
    """Each node with its tree, its depth and the way to it."""
    assert _read(LOGIN, _given("Open", 7)).table() == Table(
        [
            "tree_index",
            "depth",
            "path",
            "event",
            "type",
            "step_number",
            "total_count",
            "drop_off_count",
            "converted_count",
        ],
        [
            [0, 0, "Login", "Login", "NORMAL", 0, 100, 15, 85],
            [0, 1, "Login > Search", "Search", "NORMAL", 0, 60, 0, 0],
            [0, 2, "Login > Search > Buy", "Buy", "NORMAL", 0, 20, 0, 0],
            [0, 2, "Login > Search > Leave", "Leave", "NORMAL", 0, 30, 0, 0],
            [0, 1, "Login > Buy", "Buy", "NORMAL", 0, 25, 0, 0],
            [1, 0, "Open", "Open", "NORMAL", 0, 7, 0, 0],
        ],
    )


def test_a_person_reads_the_drawing_with_its_numbers() -> None:
    """Beside each event: how many came, their share of those before, how many dropped off."""
    assert _read(LOGIN, _given("Open", 0, _given("Close", 0))).grid() == Table(
        ["tree", "count", "share_of_parent", "drop_off_count", "drop_off_rate"],
        [
            ["Login", 100, None, 15, 0.15],
            ["├── Search", 60, 0.6, 0, 0.0],
            ["│   ├── Buy", 20, 20 / 60, 0, 0.0],
            ["│   └── Leave", 30, 0.5, 0, 0.0],
            ["└── Buy", 25, 0.25, 0, 0.0],
            ["Open", 0, None, 0, 0.0],
            ["└── Close", 0, None, 0, 0.0],
        ],
    )
