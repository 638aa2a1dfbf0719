"""Links as people copy them: what is read, what is refused, and that ours are read back."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixpanel_mcp_core.errors import ParamValidationError, ReportLinkParseError
from mixpanel_mcp_core.queries.links import (
    BOOKMARK_TAILS,
    SLUG_APPS,
    ParsedLink,
    Place,
    parse_link,
)
from mixpanel_mcp_core.regions import REGIONS
from mixpanel_mcp_core.slugs import new_slug

SLUG = "EBrV5bW2u9Mw"
BASE = "https://mixpanel.com/project/12/app"
INSIGHTS = ParsedLink("slug", region="us", project_id=12, app="insights", slug=SLUG)
FUNNEL = ParsedLink("bookmark", region="us", project_id=12, app="funnels", bookmark_id=5)
EDITED = ParsedLink(
    "bookmark", region="us", project_id=12, app="funnels", bookmark_id=5, edits="~(a~'b?c=/)"
)
BOARD = ParsedLink("dashboard", region="us", project_id=12, app="boards", dashboard_id=7)
SHORT = ParsedLink("short_link", region="us", short_code="aB1_-")

READ: list[tuple[str, ParsedLink]] = [
    (SLUG, ParsedLink("slug", slug=SLUG)),
    ("  ______-_____\n", ParsedLink("slug", slug="______-_____")),
    (f"{BASE}/insights#{SLUG}", INSIGHTS),
    (f" {BASE}/insights#{SLUG} ", INSIGHTS),
    (f"{BASE}/insights%23{SLUG}", INSIGHTS),
    (f"{BASE}/insights/?a=1&b=/x/#{SLUG}/", INSIGHTS),
    (f"{BASE}/insights#{SLUG}?source=mail", INSIGHTS),
    (f"HTTP://MixPanel.com:443/project/12/app/insights#{SLUG}", INSIGHTS),
    (f"mixpanel.com/project/12/app/insights#{SLUG}", INSIGHTS),
    (f"Mixpanel.org:80/project/12/app/insights#{SLUG}", INSIGHTS),
    (f"https://mixpanel.com/report/12/insights#{SLUG}", INSIGHTS),
    (f"{BASE}/funnels#view/5", FUNNEL),
    (f"{BASE}/funnels#view/5/", FUNNEL),
    (f"{BASE}/funnels#report/5/sign%20up?tab=1", FUNNEL),
    (f"{BASE}/funnels#segmentation-report/5", FUNNEL),
    (f"{BASE}/funnels#view/5/a~title", FUNNEL),
    (f"{BASE}/funnels#view/5/title/~(a~'b?c=/)", EDITED),
    (f"{BASE}/funnels#view/5/~(a~'b?c=/)", EDITED),
    (f"{BASE}/boards#id=7", BOARD),
    (f"{BASE}/boards#id=7&edited-bookmark=nope", BOARD),
    ("https://mixpanel.com/s/aB1_-", SHORT),
    ("mixpanel.com/s/aB1_-/?x=1#ignored", SHORT),
    (
        "https://eu.mixpanel.com/project/12/view/3/app/boards#edited-bookmark=EBrV5bW2u9Mw&id=7",
        ParsedLink(
            "slug", region="eu", project_id=12, workspace_id=3, app="boards", slug="EBrV5bW2u9Mw"
        ),
    ),
    (
        "in.mixpanel.com/report/12/view/3/impact#report/5",
        ParsedLink(
            "bookmark", region="in", project_id=12, workspace_id=3, app="impact", bookmark_id=5
        ),
    ),
    (
        f"{BASE}/retention#~(a~'b)",
        ParsedLink("legacy_jsurl", region="us", project_id=12, app="retention"),
    ),
]


@pytest.mark.parametrize(("text", "link"), READ, ids=lambda each: str(each)[:60])
def test_a_link_says_what_it_leads_to(text: str, link: ParsedLink) -> None:
    """However it was copied: with or without scheme, port, query string, or a slash at its end."""
    assert parse_link(text) == link


AT = {"host": "mixpanel.com", "region": "us"}
IN = {**AT, "project_id": 12, "workspace_id": None}
REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("", "REPORT_LINK_UNPARSEABLE", {}),
    ("weekly sign-ups", "REPORT_LINK_UNPARSEABLE", {}),
    ("EBrV5bW2u9M", "REPORT_LINK_UNPARSEABLE", {}),
    ("example.com/project/12/app/insights#report/5", "REPORT_LINK_UNPARSEABLE", {}),
    ("ftp://mixpanel.com/project/12/app/insights#report/5", "REPORT_LINK_UNPARSEABLE", {}),
    ("https:///project/12/app/insights", "REPORT_LINK_UNPARSEABLE", {}),
    (
        "https://evil.com/project/12/app/insights#report/5",
        "REPORT_LINK_NOT_MIXPANEL_HOST",
        {"host": "evil.com"},
    ),
    (
        "https://mixpanel.com@evil.com/s/a",
        "REPORT_LINK_NOT_MIXPANEL_HOST",
        {"host": "mixpanel.com@evil.com"},
    ),
    ("https://mixpanel.com", "REPORT_LINK_UNRECOGNIZED_PATH", {**AT, "path": ""}),
    ("https://mixpanel.com/s/../x", "REPORT_LINK_UNRECOGNIZED_PATH", {**AT, "path": "/s/../x"}),
    (
        f"{BASE}/users#report/5",
        "REPORT_LINK_UNRECOGNIZED_PATH",
        {**AT, "path": "/project/12/app/users"},
    ),
    (
        "https://mixpanel.com/project/١٢/app/insights#report/5",
        "REPORT_LINK_UNRECOGNIZED_PATH",
        {**AT, "path": "/project/١٢/app/insights"},
    ),
    (f"{BASE}/insights", "REPORT_LINK_EMPTY_HASH", {**IN, "app": "insights"}),
    (f"{BASE}/flows#?a=1", "REPORT_LINK_EMPTY_HASH", {**IN, "app": "flows"}),
    (
        "https://mixpanel.com/report/12/view/3/insights#report/x",
        "REPORT_LINK_UNRECOGNIZED_HASH",
        {**IN, "workspace_id": 3, "app": "insights", "hash": "report/x"},
    ),
    (
        f"{BASE}/insights#id=7",
        "REPORT_LINK_UNRECOGNIZED_HASH",
        {**IN, "app": "insights", "hash": "id=7"},
    ),
    (
        f"{BASE}/boards#id=x",
        "REPORT_LINK_UNRECOGNIZED_HASH",
        {**IN, "app": "boards", "hash": "id=x"},
    ),
]


@pytest.mark.parametrize(("text", "code", "details"), REFUSED)
def test_what_is_no_link_is_refused_at_the_part_at_fault(
    text: str, code: str, details: dict[str, Any]
) -> None:
    """The error carries what could be read, and says what a link looks like."""
    with pytest.raises(ReportLinkParseError) as refused:
        parse_link(text)
    told = refused.value
    assert (told.code, told.details) == (
        code,
        {"raw": text, **details, "hint": told.details["hint"]},
    )
    assert "https://mixpanel.com/project/12345/app/insights#report/678" in told.details["hint"]


@given(st.text() | st.text("htps:/#.~?%=&mixpanel.cor0123456789"))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing that people paste breaks the grammar."""
    with suppress(ReportLinkParseError):
        assert parse_link(text).kind


IDS = st.integers(1, 10**18 - 1)
PLACES = st.builds(Place, st.sampled_from(REGIONS), IDS, st.none() | IDS)


@given(PLACES, st.builds(new_slug), st.sampled_from(sorted(SLUG_APPS)))
def test_a_slugs_url_is_read_back(place: Place, slug: str, report_type: str) -> None:
    """Place, app and slug are those that it was built from."""
    assert parse_link(place.slug_url(slug, report_type)) == ParsedLink(
        "slug",
        region=place.region,
        project_id=place.project_id,
        workspace_id=place.workspace_id,
        app=SLUG_APPS[report_type],
        slug=slug,
    )


@given(PLACES, IDS, st.sampled_from(sorted(BOOKMARK_TAILS)))
def test_a_saved_reports_url_is_read_back(place: Place, number: int, report_type: str) -> None:
    """Place and number are those that it was built from, and so is the type."""
    link = parse_link(place.bookmark_url(number, report_type))
    assert link == ParsedLink(
        "bookmark",
        region=place.region,
        project_id=place.project_id,
        workspace_id=place.workspace_id,
        app=link.app,
        bookmark_id=number,
    )
    assert link.type_hint == {"funnel": "funnels"}.get(report_type, report_type)


@pytest.mark.parametrize(
    ("place", "slug", "report_type", "code", "details"),
    [
        (
            Place("us", 1),
            SLUG,
            "impact",
            "RL1_UNKNOWN_REPORT_TYPE",
            {"report_type": "impact", "allowed": ["insights", "funnels", "retention", "flows"]},
        ),
        (Place("us", 1), "short", "insights", "RL2_INVALID_SLUG", {"slug": "short"}),
        (Place("mars", 1), SLUG, "insights", "RL3_UNKNOWN_REGION", {"region": "mars"}),
        (
            Place("us", 0),
            SLUG,
            "insights",
            "RL6_INVALID_ID",
            {"field": "project_id", "value": 0},
        ),
        (
            Place("us", 1, -4),
            SLUG,
            "insights",
            "RL6_INVALID_ID",
            {"field": "workspace_id", "value": -4},
        ),
    ],
)
def test_no_url_is_built_of_what_cannot_be(
    place: Place, slug: str, report_type: str, code: str, details: dict[str, Any]
) -> None:
    """Type, slug, region and ids are checked, each with its code."""
    with pytest.raises(ParamValidationError) as refused:
        place.slug_url(slug, report_type)
    assert (refused.value.code, refused.value.details) == (code, details)


def test_a_saved_report_needs_a_positive_id_and_a_known_type() -> None:
    """`funnel` is another word for funnels."""
    place = Place("us", 1)
    assert place.bookmark_url(5, "funnel") == place.bookmark_url(5, "funnels")
    with pytest.raises(ParamValidationError, match="bookmark_id must be a positive number"):
        place.bookmark_url(0, "insights")
    with pytest.raises(ParamValidationError, match="no links to reports of type 'user'"):
        place.bookmark_url(5, "user")
