"""Profile queries: what they select, how they are asked, and what they refuse."""

import json
from datetime import timedelta
from typing import Any

import pytest
from cohort_definitions import definition, did, has
from sandbox_client import NOW, Client, results_of

PATH = "/api/query/engage/"
STATS = "/api/query/engage/stats"


BOUGHT = {
    "name": "b",
    "window": "30d",
    "event_selectors": [
        {"event": "Buy", "selector": '(properties["kind"] == "book")'},
        {"event": "Order"},
    ],
}


def found(client: Client, **fields: Any) -> list[str]:
    """Return the ids of the profiles that a query selects."""
    found = results_of(client.post(PATH, {"project_id": "1", **fields}))
    return [profile["$distinct_id"] for profile in found]


def bought(client: Client, *people: str, days_ago: int = 1) -> None:
    """Let people buy something."""
    time = (NOW - timedelta(days=days_ago)).isoformat()
    client.load(
        {"event": "Buy", "distinct_id": each, "time": time, "properties": {}} for each in people
    )


def test_a_page_holds_profiles_and_says_how_many_there_are(client: Client) -> None:
    """The answer has Mixpanel's form; the last update of a profile is one of its properties."""
    client.set_profile("u1", {"plan": "pro"})
    client.set_profile("u2", {"plan": "free"})
    assert client.post(PATH, {"project_id": "1", "page": 0, "limit": 1}).json() == {
        "page": 0,
        "page_size": 1000,
        "results": [
            {
                "$distinct_id": "u1",
                "$properties": {"plan": "pro", "$last_seen": "2026-03-01T00:00:00"},
            }
        ],
        "session_id": None,
        "total": 2,
        "status": "ok",
        "computed_at": "2026-03-01T00:00:00+00:00",
    }


def test_behaviors_count_what_people_did_in_a_window(client: Client) -> None:
    """Events that a selector takes count for each person, up to the moment that is asked for."""
    for name in ("u1", "u2", "u3"):
        client.set_profile(name, {})
    client.load(
        {
            "event": name,
            "distinct_id": person,
            "time": (NOW - timedelta(days=days)).isoformat(),
            "properties": {"kind": kind},
        }
        for name, person, days, kind in (
            ("Buy", "u1", 1, "book"),
            ("Order", "u1", 29, "pen"),
            ("Buy", "u2", 1, "pen"),
            ("Buy", "u3", 40, "book"),
        )
    )
    asked = {"behaviors": json.dumps([BOUGHT])}
    assert found(client, where='(behaviors["b"] > 1)', **asked) == ["u1"]
    assert found(client, where='behaviors["b"] == 0', **asked) == ["u2", "u3"]
    earlier = int((NOW - timedelta(days=20)).timestamp())
    where = 'behaviors["b"] == 1'
    assert found(client, where=where, as_of_timestamp=earlier, **asked) == ["u1", "u3"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ('user["plan"] == "PRO"', ["u1"]),
        ('properties["$distinct_id"] == "u2"', ["u2"]),
        ('event["$distinct_id"] == "u2"', []),
        ('datetime(properties["renewal"]) >= datetime(NOW)', ["u1"]),
        ('datetime(properties["renewal"]) < datetime(NOW - 2592000)', ["u2"]),
        ('datetime(properties["$last_seen"]) >= datetime(NOW - 60)', ["u1", "u2"]),
        ('"@x" in properties["$email"] and not defined(properties["plan"])', ["u2"]),
    ],
)
def test_an_expression_means_the_profile(client: Client, where: str, expected: list[str]) -> None:
    """Both `properties` and `user` are the profile's, and NOW is the moment of the request."""
    client.set_profile("u1", {"plan": "pro", "renewal": "2026-03-02"})
    client.set_profile("u2", {"$email": "b@x.org", "renewal": "2026-01-20T10:00:00"})
    assert found(client, where=where) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"search": "LOVE"}, ["u1", "u3"]),
        ({"search": "U2"}, ["u2"]),
        ({"search": "math"}, []),
        ({"distinct_id": "u2"}, ["u2"]),
        ({"distinct_ids": '["u3", "u1", "nobody"]'}, ["u1", "u3"]),
        ({"distinct_ids": ["u2"], "search": "ada"}, []),
        ({"distinct_ids": []}, []),
    ],
)
def test_people_are_found_by_name_address_and_id(
    client: Client, fields: dict[str, Any], expected: list[str]
) -> None:
    """Search knows no case and looks at three places only; conditions add up."""
    client.set_profile("u1", {"$name": "Ada Lovelace"})
    client.set_profile("u2", {"$name": "Emmy", "field": "math"})
    client.set_profile("u3", {"$email": "love@x.org"})
    assert found(client, **fields) == expected


def test_only_the_wanted_properties_come(client: Client) -> None:
    """Names that a profile does not have are left out."""
    client.set_profile("u1", {"a": 1, "b": [2], "c": None})
    answer = client.post(PATH, {"output_properties": '["b", "c", "d"]'}).json()
    assert answer["results"] == [{"$distinct_id": "u1", "$properties": {"b": [2], "c": None}}]


@pytest.mark.parametrize(
    ("strangers", "expected"),
    [({}, ["s1", "u1"]), ({"include_all_users": False}, ["u1"])],
)
def test_members_without_a_profile_come_unless_they_are_left_out(
    client: Client, strangers: dict[str, bool], expected: list[str]
) -> None:
    """They have an empty profile, to which expressions apply as to any other."""
    client.set_profile("u1", {"plan": "pro"})
    client.set_profile("u2", {"plan": "pro"})
    bought(client, "u1", "s1", "")
    cohort = {"filter_by_cohort": json.dumps({"raw_cohort": did("Buy")}), **strangers}
    assert found(client, **cohort) == expected
    assert found(client, **cohort, where='not defined(properties["plan"])') == expected[:-1]


def test_a_person_is_a_member_under_the_id_of_all_devices(client: Client) -> None:
    """Events of a device count for its user, who is named once."""
    for properties in ({"$device_id": "d", "$user_id": "s1"}, {"$device_id": "d"}):
        event = {"event": "Buy", "distinct_id": "", "time": "2026-02-28T10:00:00Z"}
        client.load([{**event, "properties": properties}])
    assert found(client, filter_by_cohort={"raw_cohort": did("Buy", "==", 2)}) == ["s1"]


def test_behaviors_are_counted_as_of_the_asked_moment(client: Client) -> None:
    """The window ends then, and later events have not happened yet."""
    bought(client, "early", days_ago=20)
    bought(client, "late", days_ago=2)
    cohort = {"filter_by_cohort": {"raw_cohort": did("Buy")}}
    then = int((NOW - timedelta(days=15)).timestamp())
    assert found(client, **cohort) == ["late"]
    assert found(client, **cohort, as_of_timestamp=then) == ["early"]


def test_older_clients_may_send_a_form_without_the_last_slash(client: Client) -> None:
    """Numbers and truth values are texts there."""
    client.set_profile("u1", {"plan": "pro"})
    client.save_cohorts({"id": 5, "name": "Payers", **definition(has("plan", "pro"))})
    fields = {"project_id": "1", "page": "0", "limit": "5", "include_all_users": "false"}
    fields |= {"filter_by_cohort": '{"id": "5"}', "where": 'defined(properties["plan"])'}
    answer = client.request("POST", "/api/query/engage", data=fields)
    assert [profile["$distinct_id"] for profile in answer.json()["results"]] == ["u1"]
    assert client.request("POST", PATH, data={"project_id": "7"}).status_code == 403


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("count()", {"5": 2, "6": 0, "$overall": 3}),
        (
            'extremes(properties["n"])',
            {
                "5": {"max": 8, "min": 2},
                "6": {"max": None, "min": None},
                "$overall": {"max": 8, "min": 2},
            },
        ),
        (
            'percentile(properties["n"], 12.5)',
            {
                "5": {"percentile": 12.5, "result": 2.75},
                "6": {"percentile": 12.5, "result": None},
                "$overall": {"percentile": 12.5, "result": 2.75},
            },
        ),
    ],
)
def test_statistics_come_by_cohort(client: Client, action: str, expected: Any) -> None:
    """The whole is computed over everybody selected; only numbers are measured."""
    for name, number in (("u1", 2), ("u2", 8), ("u3", "5"), ("u4", 100)):
        client.set_profile(name, {"plan": "free" if name == "u3" else "pro", "n": number})
    client.save_cohorts(
        {"id": 5, "name": "Payers", **definition(has("plan", "pro"))},
        {"id": 6, "name": "Buyers", **did("Buy")},
    )
    body = {"action": action, "segment_by_cohorts": '{"5": true, "6": true}'}
    answer = client.post(STATS, {**body, "selector": 'properties["$distinct_id"] != "u4"'})
    assert answer.json() == {
        "results": expected,
        "status": "ok",
        "computed_at": "2026-03-01T00:00:00+00:00",
    }


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"where": 'properties["a"] =='}, "Unexpected 'end of the expression' at position 18"),
        ({"where": "1 == plan"}, "Unknown name 'plan' at position 5"),
        ({"where": "today() == 1"}, "Unknown function 'today' at position 0"),
        ({"where": 7}, "where must be a text, not 7"),
        ({"page": 1}, "Page 1 needs the session_id that came with page 0."),
        ({"session_id": "old"}, "The session of this query is over; begin again with page 0."),
        ({"limit": 0}, "limit must be a whole number from 1 on, not 0"),
        (
            {"sort_key": "1", "sort_order": "up"},
            "sort_order must be one of ascending, descending, not 'up'",
        ),
        ({"filter_by_cohort": "{"}, "filter_by_cohort is not valid JSON"),
        ({"filter_by_cohort": "{}"}, "A cohort needs an id or a raw_cohort."),
        ({"filter_by_cohort": {"id": 31}}, "Cohort 31 not found"),
        ({"include_all_users": "maybe"}, "include_all_users must be true or false, not 'maybe'"),
        ({"as_of_timestamp": 1_900_000_000}, "as_of_timestamp must not lie in the future"),
        (
            {"data_group_id": "3"},
            "data_group_id must be one of none yet, not '3'",
        ),
        ({"behaviors": [7]}, "A behavior needs name, a text."),
        (
            {"behaviors": [{"name": "b"}]},
            "A behavior needs event_selectors, a list of {event, selector}.",
        ),
        (
            {"behaviors": [{"name": "b", "window": "1y", "event_selectors": [{"event": "Buy"}]}]},
            "window must be a number of hours, days or weeks like 30d, not '1y'",
        ),
        (
            {"behaviors": [BOUGHT], "filter_by_cohort": {"id": 1}},
            "behaviors go neither with filter_by_cohort nor with data_group_id.",
        ),
        ({"where": 'behaviors["b"] > 0'}, "There is no behavior 'b'"),
    ],
)
def test_a_wrong_query_is_refused_with_a_sentence(
    client: Client, fields: dict[str, Any], sentence: str
) -> None:
    """The sentence names the field, and the position in an expression."""
    answer = client.post(PATH, fields)
    assert (answer.status_code, answer.json()["error"]) == (400, sentence)


@pytest.mark.parametrize("action", ["", "count", "median(1)", "percentile(1, 101)", "extremes()"])
def test_an_unknown_action_is_refused(client: Client, action: str) -> None:
    """The four actions are named."""
    answer = client.post(STATS, {"action": action})
    assert answer.status_code == 400
    assert "count(), extremes(p), percentile(p, n) or numeric_summary(p)" in answer.text
