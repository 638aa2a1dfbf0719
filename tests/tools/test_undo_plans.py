"""What undoing would do, told from the journal alone."""

from typing import Any

import pytest

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.journal import Line
from mixpanel_mcp_tools.changing.comparing import same
from mixpanel_mcp_tools.changing.history import History
from mixpanel_mcp_tools.changing.retelling import undo_told
from mixpanel_mcp_tools.changing.undoing import plan

WHO = {"name": "Buyers", "selector": {"a": 1}}


def line(number: int, tool: str, **told: Any) -> Line:
    """A change with its outcome, in one line."""
    about = {"at": "2026-01-01", "toolset": "x", "account": "a", "region": "us", "digest": ""}
    return {"id": f"c{number}", **about, "tool": tool, "outcome": "done", **told}


def test_rest_of_a_change_that_nobody_can_put_back_is_refused() -> None:
    """One of two cohorts came back, and of the other nothing is known."""
    deletion = line(1, "bulk_delete_cohorts", ids=[1, 2], before=[{"id": 1, **WHO}, None])
    history = History([deletion, line(2, "create_cohort", undoes="c1", target=1, created=3)])
    [change, _] = history.changes
    with pytest.raises(MixpanelError) as raised:
        plan(change, history)
    assert raised.value.code == "NOT_UNDOABLE"
    assert "cohort 2: what it was is not known" in raised.value.message
    assert undo_told(change, history).startswith("no: ")


def test_thing_made_anew_twice_is_followed_to_where_it_is_now() -> None:
    """Deleted, brought back, that undone, and brought back again: by every id that it had."""
    before = {"ids": [1], "before": [{"id": 1, **WHO}]}
    history = History(
        [
            line(1, "delete_cohort", **before),
            line(2, "create_cohort", undoes="c1", target=1, created=5),
            line(3, "delete_cohort", undoes="c2", target=5, ids=[5], before=[{"id": 5, **WHO}]),
            line(4, "create_cohort", undoes="c1", target=1, created=6),
        ]
    )
    assert [history.id_now("cohort", each) for each in (1, 5, 6)] == [6, 6, 6]
    assert history.id_now("annotation", 1) == 1


def test_line_that_is_no_change_is_passed_over() -> None:
    """Somebody edited the file, or another version wrote it: all others are told."""
    odd: list[Line] = [
        {"id": "c8", "tool": 5},
        {"id": "c9", "tool": "delete_cohort", "ids": "1"},
        {"x": 1},
    ]
    history = History([*odd, line(1, "delete_cohort", ids=[1], before=[None])])
    assert [each.id for each in history.changes] == ["c1"]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (["b", "a"], ["a", "b"], True),
        ({"steps": ["Visit", "Buy"]}, {"steps": ["Buy", "Visit"]}, False),
        ([["P1", "P2"]], [["P2", "P1"]], False),
        ('{"a": null, "b": [2]}', {"b": [2]}, True),
        (None, "", True),
        (0, None, False),
    ],
    ids=["names of a set", "steps in order", "cells of a row", "JSON text", "nothing", "zero"],
)
def test_values_are_compared_as_mixpanel_means_them(one: Any, other: Any, alike: bool) -> None:
    """The names of a field come in any order, what stands within a thing in its own."""
    assert same(one, other) is alike
