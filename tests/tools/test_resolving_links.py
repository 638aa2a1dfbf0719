"""Links resolved: which request they become, what they stand for, why they lead nowhere."""

import json
from typing import Any

import pytest
from link_calls import BASE, NOT_FOUND, SLUG, asked, bookmark, record

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("link", "report_type", "url"),
    [
        (SLUG, "retention", f"{BASE}/insights#{SLUG}"),
        (SLUG, "launch-analysis", f"{BASE}/insights#{SLUG}"),
        (f"{BASE}/flows#{SLUG}", "novel", f"{BASE}/flows#{SLUG}"),
        (f"{BASE}/impact#{SLUG}", "novel", f"{BASE}/insights#{SLUG}"),
    ],
)
async def test_the_canonical_url_is_that_of_the_type(link: str, report_type: str, url: str) -> None:
    """One that has no app falls back to the link's, or to insights."""
    told = await asked("resolve_report_link", record(report_type), link=link)
    assert (told.value["report_type"], told.value["url"]) == (report_type, url)


async def test_a_slug_knows_the_saved_report_it_belongs_to() -> None:
    """By its number, or by an embedded record."""
    inside = await asked("resolve_report_link", record(bookmark={"id": 8}), link=SLUG)
    assert inside.value["bookmark_id"] == 8
    assert inside.value["bookmark"] is None


async def test_a_saved_report_is_read_in_the_pinned_workspace() -> None:
    """The address it gets is that of its own type, whatever the link's app."""
    link = f"{BASE}/insights#report/5/title/~(a~1)"
    told = await asked("resolve_report_link", bookmark("launch-analysis"), workspace=7, link=link)
    assert told.lines == ["GET /api/app/workspaces/7/bookmarks/5?v=2"]
    assert told.value["url"] == "https://mixpanel.com/project/12345/view/7/app/impact#report/5"
    assert told.value["bookmark"]["type"] == "launch-analysis"
    text = await asked("resolve_report_link", bookmark("flows"), link=link, form="csv")
    assert "changes to the saved report that the link carries" in text.text.splitlines()[0]


SHORT = "https://mixpanel.com/s/aB1"
TO = f"{BASE}/insights#{SLUG}"


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 302, "headers": {"location": TO}},
        {"status": 307, "headers": {"location": f"/project/12345/app/insights#{SLUG}"}},
        {"status": 200, "text": f"<script>window.location.href = {json.dumps(TO)};</script>"},
        {"status": 200, "text": 'window.location.href="' + TO.replace("/", "\\u002f") + '"'},
    ],
)
async def test_a_short_link_is_followed_by_hand(answer: dict[str, Any]) -> None:
    """One request to the web host with the account's credentials, then the report itself."""
    told = await asked("resolve_report_link", answer, record(), link=SHORT)
    assert told.lines == ["GET /s/aB1", f"GET /api/app/projects/12345/bookmark-urls/{SLUG}/"]
    assert told.requests[0].host == "mixpanel.com"
    assert told.requests[0].headers["authorization"].startswith("Basic ")
    assert (told.value["input"], told.value["expanded_url"]) == (SHORT, TO)


SHORT_FIELDS = {"kind": "short_link", "region": "us", "short_code": "aB1"}
HOST = {"host": "mixpanel.com"}
UNEXPECTED = "SHORT_LINK_UNEXPECTED_RESPONSE"


@pytest.mark.parametrize(
    ("answer", "code", "further"),
    [
        ({"status": 404}, "SHORT_LINK_NOT_FOUND", {}),
        ({"status": 301}, "SHORT_LINK_NO_LOCATION", {**HOST, "status": 301}),
        ({"status": 200, "text": "<html>"}, UNEXPECTED, {**HOST, "status": 200}),
        (
            {"status": 200, "text": r'window.location.href="\x"'},
            UNEXPECTED,
            {**HOST, "status": 200},
        ),
        ({"status": 304}, UNEXPECTED, {**HOST, "status": 304}),
        (
            {"status": 302, "headers": {"location": "/s/other"}},
            "SHORT_LINK_CHAIN",
            {"target": "https://mixpanel.com/s/other"},
        ),
    ],
)
async def test_a_short_link_that_leads_nowhere_says_why(
    answer: dict[str, Any], code: str, further: dict[str, Any]
) -> None:
    """Nothing else is asked then."""
    told = await asked("resolve_report_link", answer, link=SHORT)
    details = {key: value for key, value in told.error["details"].items() if key != "hint"}
    assert (told.error["code"], details) == (code, {**SHORT_FIELDS, **further})
    assert told.lines == ["GET /s/aB1"]


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("/login?next=%2Fs", "AUTH_FAILED"),
        ("https://example.com/", "REPORT_LINK_NOT_MIXPANEL_HOST"),
        ("//[", "REPORT_LINK_UNPARSEABLE"),
        (f"{BASE}/boards#id=7", "UNSUPPORTED_DASHBOARD_LINK"),
        ("https://eu.mixpanel.com/project/12345/app/flows#report/5", "REPORT_LINK_REGION_MISMATCH"),
    ],
)
async def test_where_a_short_link_leads_is_held_to_the_same_rules(location: str, code: str) -> None:
    """As if its target had been asked for."""
    answer = {"status": 302, "headers": {"location": location}}
    told = await asked("resolve_report_link", answer, link=SHORT)
    assert told.error["code"] == code


@pytest.mark.parametrize("status", [401, 403, 500])
async def test_refusals_of_the_caller_are_no_fault_of_the_link(status: int) -> None:
    """They come as from any other request."""
    told = await asked("resolve_report_link", {"status": status, "body": {}}, link=SHORT)
    assert told.error["code"] in ("AUTH_FAILED", "QUERY_FAILED", "SERVER_ERROR")


SAVED = {"kind": "bookmark", "region": "us", "bookmark_id": 5}


@pytest.mark.parametrize(
    ("link", "code", "details"),
    [
        (
            f"{BASE}/retention#~(a)",
            "UNSUPPORTED_LEGACY_HASH",
            {"kind": "legacy_jsurl", "region": "us", "project_id": 12345},
        ),
        (
            "https://in.mixpanel.com/s/aB1",
            "REPORT_LINK_REGION_MISMATCH",
            {**SHORT_FIELDS, "region": "in", "link_region": "in", "session_region": "us"},
        ),
        (
            "https://mixpanel.com/project/9/app/flows#report/5",
            "REPORT_LINK_PROJECT_MISMATCH",
            {**SAVED, "project_id": 9, "link_project_id": 9, "session_project_id": 12345},
        ),
        (
            "https://mixpanel.com/project/12345/view/8/app/flows#report/5",
            "REPORT_LINK_WORKSPACE_MISMATCH",
            {
                **SAVED,
                "project_id": 12345,
                "workspace_id": 8,
                "link_workspace_id": 8,
                "session_workspace_id": 7,
            },
        ),
    ],
)
async def test_a_link_out_of_reach_is_refused_unasked(
    link: str, code: str, details: dict[str, Any]
) -> None:
    """The error says whose link it is, and what to do."""
    told = await asked("resolve_report_link", workspace=7, link=link)
    assert told.error["code"] == code
    assert told.error["details"] == {**details, "hint": told.error["details"]["hint"]}
    assert told.requests == []


@pytest.mark.parametrize(
    ("link", "workspace", "code", "details"),
    [
        (SLUG, 7, "REPORT_LINK_SLUG_NOT_FOUND", {"kind": "slug", "slug": SLUG}),
        (
            f"{BASE}/flows#report/5",
            None,
            "REPORT_LINK_BOOKMARK_NOT_FOUND",
            {**SAVED, "project_id": 12345},
        ),
        (
            f"{BASE}/flows#report/5",
            7,
            "REPORT_LINK_BOOKMARK_NOT_FOUND",
            {**SAVED, "project_id": 12345, "session_workspace_id": 7},
        ),
    ],
)
async def test_a_report_that_is_gone_is_told_as_such(
    link: str, workspace: int | None, code: str, details: dict[str, Any]
) -> None:
    """A 404 is about the link; any other refusal is raised as it is."""
    told = await asked("resolve_report_link", NOT_FOUND, workspace=workspace, link=link)
    assert (told.error["type"], told.error["code"]) == ("ReportLinkNotFoundError", code)
    assert told.error["details"] == {**details, "hint": told.error["details"]["hint"]}
    refused = await asked("resolve_report_link", {"status": 403, "body": {}}, link=link)
    assert refused.error["code"] == "QUERY_FAILED"
