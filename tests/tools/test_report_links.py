"""Report links made and run: what is sent, what is answered, what is refused."""

import json
from typing import Any

import pytest
from link_calls import BASE, NOT_FOUND, OURS, PARAMS, SLUG, asked, bookmark, good, record

pytestmark = pytest.mark.anyio

CREATED = good({"created_at": "2026-01-01"})
VIEWS = good([{"id": 7, "name": "All", "project_id": 12345, "is_default": True}])
SERIES = {"headers": ["$metric"], "series": {"A": {"2026-01-01": 3}}}


async def test_a_link_opens_in_the_projects_own_workspace() -> None:
    """Without a pin it is looked up; in the body it never stands."""
    told = await asked(
        "create_report_link", VIEWS, CREATED, params=PARAMS, description="d", bookmark_id=4
    )
    assert told.value["url"] == "https://mixpanel.com/project/12345/view/7/app/insights#" + OURS
    assert told.lines == [
        "GET /api/app/projects/12345/workspaces/public",
        "POST /api/app/projects/12345/bookmark-urls/",
    ]
    assert told.requests[1].json() == {
        "slug": OURS,
        "type": "insights",
        "params": PARAMS,
        "description": "d",
        "bookmark_id": 4,
    }


async def test_a_project_without_workspaces_is_linked_without() -> None:
    """Only that there are none is no obstacle."""
    told = await asked("create_report_link", NOT_FOUND, NOT_FOUND, CREATED, params=PARAMS)
    assert told.value["url"] == f"{BASE}/insights#{OURS}"
    assert told.value["workspace_id"] is None
    refused = await asked("create_report_link", {"status": 401, "body": {}}, params=PARAMS)
    assert refused.error["code"] == "AUTH_FAILED"


async def test_the_workspace_of_the_call_comes_first() -> None:
    """It is not looked up, and the pinned one is passed over."""
    told = await asked("create_report_link", CREATED, workspace=7, params=PARAMS, workspace_id=9)
    assert told.value["workspace_id"] == 9
    assert told.lines == ["POST /api/app/projects/12345/bookmark-urls/"]


async def test_a_result_is_linked_as_what_it_is() -> None:
    """Params and type are taken out of it."""
    flow = {"steps": [{"event": "A"}], "date_range": {}}
    result = {"flows": [], "trees": [], "mode": "sankey", "params": flow}
    told = await asked("create_report_link", CREATED, workspace=7, params={"result": result})
    assert told.value["url"].endswith(f"/view/7/app/flows#{OURS}")
    assert told.requests[0].json() == {"slug": OURS, "type": "flows", "params": flow}


async def test_wrong_params_are_not_sent_unless_they_are_not_to_be_checked() -> None:
    """All problems come together; without the check the params leave as they are."""
    wrong = {"displayOptions": {"chartType": "lines"}, "sections": 1}
    refused = await asked("create_report_link", workspace=7, params=wrong)
    assert refused.error["type"] == "BookmarkValidationError"
    assert [each["code"] for each in refused.error["details"]["errors"]] == [
        "B0_INVALID_LITERAL",
        "B0_WRONG_TYPE",
    ]
    assert refused.requests == []
    sent = await asked("create_report_link", CREATED, workspace=7, params=wrong, validate=False)
    assert sent.requests[0].json()["params"] == wrong


async def test_a_warning_is_told_beside_the_link() -> None:
    """It does not keep the link from being made."""
    params = PARAMS | {"sorting": {"bars": {}}}
    told = await asked("create_report_link", CREATED, workspace=7, params=params, form="csv")
    assert told.error is None
    assert "sorting.bars: chart type 'bars' is not valid." in told.text.splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "code", "details"),
    [
        (
            {"report_type": "boards"},
            "RL1_UNKNOWN_REPORT_TYPE",
            {"report_type": "boards", "allowed": ["insights", "funnels", "retention", "flows"]},
        ),
        ({"workspace_id": 0}, "RL6_INVALID_ID", {"field": "workspace_id", "value": 0}),
        ({"bookmark_id": -1}, "RL6_INVALID_ID", {"field": "bookmark_id", "value": -1}),
        (
            {"params": {"headers": [], "series": {}, "params": PARAMS}, "report_type": "flows"},
            "RL4_REPORT_TYPE_CONFLICT",
            {"given": "flows", "inferred": "insights", "result_class": "QueryResult"},
        ),
    ],
)
async def test_no_link_is_made_of_what_cannot_be(
    arguments: dict[str, Any], code: str, details: dict[str, Any]
) -> None:
    """Type and ids are checked before anything is sent."""
    told = await asked("create_report_link", workspace=7, **{"params": PARAMS, **arguments})
    assert (told.error["code"], told.error["details"]) == (code, details)
    assert told.requests == []


async def test_a_saved_reports_address_needs_a_good_id() -> None:
    """And a type that has an app."""
    told = await asked("saved_report_link", bookmark_id=5, report_type="launch-analysis")
    assert told.value == f"{BASE}/impact#report/5"
    zero = await asked("saved_report_link", bookmark_id=0)
    assert zero.error["details"] == {"field": "bookmark_id", "value": 0}
    user = await asked("saved_report_link", bookmark_id=5, report_type="user")
    assert user.error["code"] == "RL1_UNKNOWN_REPORT_TYPE"


async def test_a_report_is_run_in_the_workspace_of_its_link() -> None:
    """The session's own pin does not count, and a reader is told."""
    link = "https://mixpanel.com/project/12345/view/8/app/insights#" + SLUG
    told = await asked(
        "query_report_link", record(), {"status": 200, "body": SERIES}, link=link, form="csv"
    )
    assert told.lines[1] == "POST /api/query/insights?workspace_id=8&query_origin=mixpanel-mcp"
    head, table = told.text.split("\n\n")
    assert head.endswith("asked in workspace 8, that of the link")
    assert table.splitlines() == ["date,event,count", "2026-01-01,A,3"]


@pytest.mark.parametrize(
    ("chart", "mode", "query_type"),
    [
        ("paths", None, "flows_top_paths"),
        ("tree", None, "flows"),
        ("top-paths", None, "flows_sankey"),
        ("sankey", "tree", "flows"),
    ],
)
async def test_a_flow_is_read_by_its_chart_type(
    chart: str, mode: str | None, query_type: str
) -> None:
    """Unless the call says how; how its paths were merged is not asked."""
    params = {"chartType": chart, "flows_merge_type": "tree"}
    answer = {"status": 200, "body": {"steps": []}}
    arguments: dict[str, Any] = {"mode": mode} if mode else {}
    told = await asked(
        "query_report_link", record("flows", params=params), answer, link=SLUG, **arguments
    )
    assert told.requests[1].path == "/api/query/arb_funnels"
    assert told.requests[1].json() == {
        "bookmark": params,
        "project_id": 12345,
        "query_type": query_type,
    }


async def test_a_resolved_report_is_run_without_resolving_it_again() -> None:
    """As it was answered, whole or in JSON text; in no workspace where it names none."""
    resolved = (await asked("resolve_report_link", record("funnels"), link=SLUG)).value
    answer = {"status": 200, "body": {"series": {}}}
    for given in (resolved, {"source": {}, "result": resolved}, json.dumps(resolved)):
        told = await asked("query_report_link", answer, workspace=7, link=given)
        assert told.lines == ["POST /api/query/insights?query_origin=mixpanel-mcp"]
        assert told.value["steps_data"] == []


@pytest.mark.parametrize(
    ("changes", "code", "details"),
    [
        (
            {"slug": None},
            "RL5_RESOLVED_REPORT_INCONSISTENT",
            {"source": "slug", "missing": "slug"},
        ),
        (
            {"source": "bookmark"},
            "RL5_RESOLVED_REPORT_INCONSISTENT",
            {"source": "bookmark", "missing": "bookmark_id"},
        ),
        ({"slug": "short"}, "RL2_INVALID_SLUG", {"slug": "short"}),
        ({"region": "mars"}, "RL3_UNKNOWN_REGION", {"region": "mars"}),
        ({"region": "eu"}, "REPORT_LINK_REGION_MISMATCH", None),
        ({"project_id": 9}, "REPORT_LINK_PROJECT_MISMATCH", None),
        ({"workspace_id": 8}, "REPORT_LINK_WORKSPACE_MISMATCH", None),
        ({"report_type": "user"}, "UNSUPPORTED_REPORT_TYPE", None),
    ],
)
async def test_a_resolved_report_is_held_to_the_session_again(
    changes: dict[str, Any], code: str, details: dict[str, Any] | None
) -> None:
    """It may come from another session, or be changed by hand."""
    resolved = (await asked("resolve_report_link", record(), link=SLUG)).value
    told = await asked("query_report_link", workspace=7, link=resolved | changes)
    assert told.error["code"] == code
    assert details in (None, told.error["details"])
    assert told.requests == []


async def test_an_object_that_is_no_resolved_report_is_refused_by_its_fields() -> None:
    """Nothing is sent for it."""
    told = await asked("query_report_link", link={"slug": SLUG, "colour": 1})
    fields = {problem["field"] for problem in told.error["details"]["problems"]}
    assert {"link.report.source", "link.report.colour"} <= fields
    assert told.requests == []


async def test_a_saved_report_without_params_is_not_run() -> None:
    """There is nothing to ask."""
    told = await asked(
        "query_report_link", bookmark("flows", params=None), link=f"{BASE}/flows#report/5"
    )
    assert told.error["code"] == "RESPONSE_VALIDATION_ERROR"
