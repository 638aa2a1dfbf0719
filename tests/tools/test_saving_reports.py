"""Reports saved: what the build tools return can be, and what is wrong is not sent."""

from typing import Any

import pytest
from link_calls import PARAMS, asked, good

pytestmark = pytest.mark.anyio

SAVED = good({"id": 5, "name": "R", "type": "insights"})
BOARD = good({"id": 1})
REPORT: dict[str, Any] = {"name": "R", "bookmark_type": "insights", "params": PARAMS}
PATH = "/api/app/projects/12345"


async def test_a_report_needs_a_dashboard() -> None:
    """Before anything is sent the error says where to get one."""
    told = await asked("create_bookmark", **REPORT)
    assert told.requests == []
    assert told.error["code"] == "UNKNOWN_ERROR"
    assert told.error["message"] == (
        "dashboard_id: a report is saved on a dashboard. Give the id of one, from list_dashboards "
        "or create_dashboard."
    )


BUILT: list[tuple[str, str, dict[str, Any]]] = [
    ("build_params", "insights", {"events": ["A"]}),
    ("build_funnel_params", "funnels", {"steps": ["A", "B"]}),
    ("build_retention_params", "retention", {"born_event": "A", "return_event": "B"}),
]


@pytest.mark.parametrize(("tool", "kind", "query"), BUILT, ids=[tool for tool, _, _ in BUILT])
async def test_whatever_is_built_can_be_saved(tool: str, kind: str, query: dict[str, Any]) -> None:
    """Beside another period too, and about groups."""
    comparison = {"type": "relative", "unit": "month"}
    built = await asked(tool, **query, time_comparison=comparison, data_group_id=3)
    report: dict[str, Any] = REPORT | {
        "bookmark_type": kind,
        "params": built.value,
        "dashboard_id": 1,
    }
    told = await asked("create_bookmark", SAVED, BOARD, **report)
    assert told.lines == [f"POST {PATH}/bookmarks", f"PATCH {PATH}/dashboards/1"]
    assert told.requests[0].json()["params"] == built.value
    changed = await asked("update_bookmark", SAVED, bookmark_id=5, params=built.value)
    assert changed.requests[0].json() == {"params": built.value, "v": 2}


async def test_a_flow_of_groups_can_be_saved() -> None:
    """Its params are flat, and checked as such."""
    built = await asked("build_flow_params", event="A", forward=2, data_group_id=3)
    report: dict[str, Any] = REPORT | {
        "bookmark_type": "flows",
        "params": built.value,
        "dashboard_id": 1,
    }
    told = await asked("create_bookmark", SAVED, BOARD, **report)
    assert told.requests[0].json()["params"] == built.value


async def test_an_answer_without_a_dashboard_is_no_success() -> None:
    """The report is there, but nobody knows on which board."""
    told = await asked("create_bookmark", SAVED, good({}), **REPORT, dashboard_id=1)
    assert told.error["message"] == (
        "Mixpanel did not say which dashboard the report was added to."
    )
