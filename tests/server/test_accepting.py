"""Wide acceptance: near misses are read as meant, real mistakes are named with a way out."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixpanel_mcp.accepting import accept
from mixpanel_mcp.binding import bound
from mixpanel_mcp.published import names, published
from mixpanel_mcp_core.errors import InvalidInputError, MixpanelError


def accepted(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What the operation would be called with."""
    return accept(bound(tool).arguments, published(tool).tool["inputSchema"], arguments)


def refusal(tool: str, arguments: dict[str, Any]) -> InvalidInputError:
    """The error that the arguments are refused with."""
    with pytest.raises(InvalidInputError) as caught:
        accepted(tool, arguments)
    return caught.value


@pytest.mark.parametrize(
    ("tool", "given", "meant"),
    [
        ("get_dashboard", {"dashboard_id": "7"}, {"dashboard_id": 7}),
        ("list_dashboards", {"ids": 7}, {"ids": [7]}),
        ("list_dashboards", {"ids": "[7, 8]"}, {"ids": [7, 8]}),
        ("list_dashboards", {"ids": ["7"]}, {"ids": [7]}),
        ("list_dashboards", {"ids": "7, 8"}, {"ids": [7, 8]}),
        ("list_dashboards", {"ids": None}, {}),
        ("list_dashboards", {"ids": ""}, {}),
        ("me", {"force_refresh": "true"}, {"force_refresh": True}),
        ("top_events", {"type": "", "limit": "5"}, {"limit": 5}),
        ("create_annotation_tag", {"name": 2026}, {"name": "2026"}),
        ("top_events", {"type": "Unique"}, {"type": "unique"}),
        (
            "init_schema_enforcement",
            {"rule_event": "warn and hide"},
            {"rule_event": "Warn and Hide"},
        ),
        ("create_dashboard", {"title": "[1]"}, {"title": "[1]"}),
        (
            "update_dashboard",
            {"dashboard_id": 1, "description": ""},
            {"dashboard_id": 1, "description": ""},
        ),
        (
            "update_dashboard",
            {"dashboard_id": 1, "layout": '{"a": null}'},
            {"dashboard_id": 1, "layout": {"a": None}},
        ),
    ],
)
def test_slip_is_read_as_it_was_meant(
    tool: str, given: dict[str, Any], meant: dict[str, Any]
) -> None:
    """One item for a list, text for a number, JSON text, null for nothing, words in any case."""
    assert accepted(tool, given) == meant


def test_objects_may_come_as_json_text_wherever_text_is_not_declared() -> None:
    """Single items of lists, and a definition where an id is published."""
    cohort = {"all_of": [{"criterion": "in_cohort", "cohort_id": 5}]}
    where = {"operator": "in_cohort", "cohort": json.dumps(cohort)}
    given = {"events": '{"event": "Login", "math": "unique"}', "where": json.dumps(where)}
    meant = {
        "events": [{"event": "Login", "math": "unique"}],
        "where": [{"operator": "in_cohort", "cohort": cohort}],
    }
    assert accepted("build_params", given) == accepted("build_params", meant)


def test_unknown_argument_is_refused_with_the_nearest() -> None:
    """A misspelt argument is never dropped in silence."""
    error = refusal("create_annotation", {"date": "2026-01-01", "descripton": "x"})
    assert error.details["problems"] == [
        {
            "field": "description",
            "problem": "required",
            "expected": "Text, at most 512 characters.",
        },
        {
            "field": "descripton",
            "problem": "there is no such argument",
            "allowed": ["confirm", "date", "description", "tags", "target", "user_id"],
            "nearest": "description",
            "given": "x",
        },
    ]
    assert "Did you mean 'description'?" in error.message


@pytest.mark.parametrize(
    ("tool", "given", "nearest"),
    [
        ("get_bookmark", {"id": 7}, "bookmark_id"),
        ("bulk_update_cohorts", {"entries": [{"cohort_id": 7}]}, "id"),
        ("list_bookmarks_v2", {"type": "funnels"}, "bookmark_type"),
        ("update_bookmark", {"bookmark_id": 7, "title": "T"}, "name"),
    ],
)
def test_a_shorter_longer_or_other_name_leads_to_ours(
    tool: str, given: dict[str, Any], nearest: str
) -> None:
    """Models call an id `id`, or by its whole name where ours is short."""
    problems = refusal(tool, given).details["problems"]
    assert [each["nearest"] for each in problems if "nearest" in each] == [nearest]


def test_a_name_in_place_of_an_id_is_told_where_ids_are() -> None:
    """What is published of the field says where its values come from, at any depth."""
    told = "Cohort ids, from list_cohorts_full."
    error = refusal("bulk_delete_cohorts", {"ids": ["Big spenders"]})
    assert [each["expected"] for each in error.details["problems"]] == [told]
    assert error.message.endswith(f"({told})")


def test_nothing_is_offered_for_an_argument_that_resembles_none() -> None:
    """All are told instead: `status` is no slip for `target`."""
    error = refusal("list_data_volume_anomalies", {"status": "open"})
    assert error.message == "status: there is no such argument. Allowed: query_params, target"


def test_value_outside_a_set_is_refused_with_the_allowed_ones() -> None:
    """The error says what is allowed and what was probably meant."""
    dates = {"from_date": "2026-01-01", "to_date": "2026-01-02"}
    error = refusal("segmentation", {"event": "Login", **dates, "unit": "days"})
    assert error.details["problems"] == [
        {
            "field": "unit",
            "problem": "must be one of day, week, month",
            "allowed": ["day", "week", "month"],
            "nearest": "day",
            "given": "days",
        }
    ]


def test_day_that_does_not_exist_is_refused() -> None:
    """The 30th of February never reaches Mixpanel."""
    error = refusal("events", {"from_date": "2026-02-30"})
    assert error.message == (
        "from_date: not a day of the calendar; write YYYY-MM-DD, e.g. 2026-01-31"
    )


def test_nested_field_is_named_by_its_path() -> None:
    """A mistake deep inside says where it is."""
    rows = [{"contents": [{"content_type": "image", "content_params": {}}]}]
    error = refusal("create_dashboard", {"title": "T", "rows": rows})
    assert [each["field"] for each in error.details["problems"]] == [
        "rows[0].contents[0].content_type"
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(data=st.data())
def test_no_arguments_whatever_break_the_check(data: st.DataObject) -> None:
    """Any JSON object is either accepted or refused with an error of the tree."""
    tool = data.draw(st.sampled_from(sorted(names())))
    fields = sorted(published(tool).tool["inputSchema"]["properties"])
    keys = st.sampled_from(fields) | st.text(max_size=8) if fields else st.text(max_size=8)
    arguments = data.draw(st.dictionaries(keys, json_values, max_size=5))
    with contextlib.suppress(MixpanelError):
        assert set(accepted(tool, arguments)) <= {*fields, *arguments}


def test_number_stays_a_number_where_the_operation_takes_one() -> None:
    """A filter's value is published as text, yet 5 is not "5" to Mixpanel."""
    where = {"property": "seats", "operator": "equals", "value": 5}
    given = accepted("query", {"events": "Login", "where": where})
    assert [each.value for each in given["where"]] == [5]


def test_an_old_name_of_an_argument_is_read_as_the_published_one() -> None:
    """What is done for the published name, such as one item for a list, is done for the old one."""
    assert accepted("query_user", {"properties": "$email"}) == {"output_properties": ["$email"]}


def test_an_argument_under_both_names_is_refused() -> None:
    """Neither of two values is dropped in silence."""
    error = refusal("query_user", {"properties": ["a"], "output_properties": ["b"]})
    assert [each["field"] for each in error.details["problems"]] == ["properties"]


def test_null_is_kept_where_it_says_something() -> None:
    """No limit is not the same as the default limit; elsewhere null is still absent."""
    given = {"params": {}, "limit": None, "parallel": None}
    assert accepted("run_user_params", given) == {"params": {}, "limit": "all"}
