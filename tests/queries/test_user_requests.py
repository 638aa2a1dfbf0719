"""The bodies of requests for profiles."""

import json
from typing import Any

import pytest

from mixpanel_mcp_core.errors import BookmarkValidationError, ParamValidationError
from mixpanel_mcp_core.queries.users import (
    Paging,
    UserQuery,
    aggregate_body,
    check_paging,
    paging_of,
    profiles_body,
)

# Lists and cohorts in the ways that hand-written params may hold them.
WRITTEN: dict[str, Any] = {
    "page": 7,
    "limit": 9,
    "distinct_ids": '["u","é"]',
    "output_properties": ["$email", "é"],
    "filter_by_cohort": '{"id": 5}',
    "where": "defined(1)",
    "sort_order": "ascending",
    "as_of_timestamp": 0,
}


def test_a_page_is_asked_for_with_what_the_endpoint_knows() -> None:
    """JSON is written in one way, a cohort brings include_all_users, the rest is left out."""
    assert json.dumps(profiles_body(WRITTEN, "12345", 2, "s1", 10)) == json.dumps(
        {
            "project_id": "12345",
            "page": 2,
            "session_id": "s1",
            "where": "defined(1)",
            "filter_by_cohort": '{"id": 5}',
            "output_properties": '["$email", "\\u00e9"]',
            "as_of_timestamp": 0,
            "include_all_users": False,
            "sort_order": "ascending",
            "limit": 10,
            "distinct_ids": '["u", "\\u00e9"]',
        }
    )


def test_what_says_nothing_is_not_sent() -> None:
    """Empty text, empty lists and null leave no key, but for the moment, which may be 0."""
    keys = ("where", "filter_by_cohort", "output_properties", "data_group_id", "sort_key")
    keys = (*keys, "sort_order", "search", "distinct_id", "distinct_ids", "as_of_timestamp")
    nothing: dict[str, Any] = {**dict.fromkeys(keys), "where": "", "distinct_ids": "[]"}
    assert profiles_body(nothing, "12345", 0, "", None) == {"project_id": "12345", "page": 0}


def test_a_figure_is_asked_for_under_other_names() -> None:
    """The conditions are called selector; sorting, search and ids are not for this endpoint."""
    params = {**WRITTEN, "action": "count()", "segment_by_cohorts": {"7": True}, "search": "a"}
    assert json.dumps(aggregate_body(params, "12345")) == json.dumps(
        {
            "project_id": "12345",
            "action": "count()",
            "selector": "defined(1)",
            "filter_by_cohort": '{"id": 5}',
            "segment_by_cohorts": '{"7": true}',
            "as_of_timestamp": 0,
            "include_all_users": False,
        }
    )


@pytest.mark.parametrize("key", ["output_properties", "distinct_ids"])
def test_text_that_is_no_json_is_refused(key: str) -> None:
    """A list as text must be a list, or Mixpanel would be asked for something else."""
    with pytest.raises(ParamValidationError, match="Expected JSON"):
        profiles_body({key: "$email, plan"}, "12345", 0, None, 1)


@pytest.mark.parametrize(
    ("limit", "total", "size", "pages"),
    [(None, 2500, 1000, 3), (10, 2500, 1000, 1), (5000, 2500, 1000, 3), (5000, 0, 1000, 5)],
)
def test_the_pages_to_read_follow_from_limit_and_population(
    limit: int | None, total: int, size: int, pages: int
) -> None:
    """As many as hold the smaller of both; where the population is not told, the limit alone."""
    assert Paging(limit, parallel=True).pages(total, size) == pages


@pytest.mark.parametrize(
    ("query", "paging"),
    [
        ({}, Paging(1, False, 5)),
        ({"limit": "all", "parallel": True, "workers": 2}, Paging(None, True, 2)),
        ({"limit": 7}, Paging(7)),
    ],
)
def test_paging_is_read_from_the_query(query: UserQuery, paging: Paging) -> None:
    """One profile, unless more are asked for."""
    assert paging_of(query) == paging


def test_paging_of_prebuilt_params_is_checked() -> None:
    """Limit and workers are not in the params, so their rules hold for any."""
    with pytest.raises(BookmarkValidationError) as raised:
        check_paging(Paging(0, True, 6))
    assert [each["code"] for each in raised.value.errors] == ["U3", "U23"]
