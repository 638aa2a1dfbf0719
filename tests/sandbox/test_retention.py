"""What retention answers beside the numbers of the worked cases, and what it refuses."""

from dataclasses import replace
from typing import Any

import pytest
from report_bodies import condition, group
from retention_asked import Asked
from sandbox_client import Client

ASKED = Asked(last="2026-02-03")


def did(person: str, name: str, time: str, **properties: Any) -> dict[str, Any]:
    """Return an event; `time` is a day of February and an hour, such as `02 10:30`."""
    stamp = f"2026-02-{time.replace(' ', 'T')}:00Z"
    return {"event": name, "distinct_id": person, "time": stamp, "properties": properties}


def node(client: Client, asked: Asked) -> Any:
    """Return what stands under the metric's name, dates cut to the day."""
    answer = client.post("/api/query/insights", asked.body())
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["series"].values()
    return short(found)


def short(found: Any) -> Any:
    """Cut the keys that are dates to the day."""
    if not isinstance(found, dict):
        return found
    return {key[:10] if "T00:" in key else key: short(each) for key, each in found.items()}


def counts(found: dict[str, Any], day: str = "2026-02-02") -> tuple[int, list[int]]:
    """Return the size of a day's cohort and who returned, by bracket."""
    return found[day]["first"], found[day]["counts"]


def test_a_report_lists_every_cohort_and_their_average(client: Client) -> None:
    """The envelope is Mixpanel's; brackets are one more than the range has units."""
    client.load([did("u", "S", "02 10:00"), did("u", "O", "03 12:00")])
    answer = client.post("/api/query/insights", ASKED.body())
    assert answer.json() == {
        "computed_at": "2026-03-01T00:00:00+00:00",
        "date_range": {"from_date": "2026-02-02", "to_date": "2026-02-03"},
        "headers": ["$metric"],
        "series": {
            "S and then O": {
                "2026-02-02T00:00:00+00:00": {"first": 1, "counts": [0, 1, 0], "rates": [0, 1, 0]},
                "2026-02-03T00:00:00+00:00": {"first": 0, "counts": [0] * 3, "rates": [0] * 3},
                "$average": {"first": 1, "counts": [0, 1, 0], "rates": [0, 1, 0]},
            }
        },
        "meta": {"sampling_factor": 1.0, "is_cached": False},
    }


@pytest.mark.parametrize("chart", ["retention-curve", "line", "table"])
def test_every_chart_has_the_same_answer(client: Client, chart: str) -> None:
    """Curve, trends and table are drawn from the same cohorts."""
    client.load([did("u", "S", "02 10:00"), did("u", "O", "02 12:00")])
    assert counts(node(client, replace(ASKED, chart=chart))) == (1, [1, 0, 0])


def test_another_period_stands_beside_the_report(client: Client) -> None:
    """A time comparison has cohorts of its own, keyed by their own dates."""
    client.load([did("u", "S", "01 10:00"), did("u", "O", "01 12:00")])
    comparison = {"timeComparison": {"type": "relative", "value": "day"}}
    asked = replace(ASKED, first="2026-02-02", last="2026-02-02").body()
    asked["bookmark"]["displayOptions"] |= comparison
    answer = client.post("/api/query/insights", asked).json()
    assert counts(short(answer["series"]["S and then O"])) == (0, [0, 0])
    compared = short(answer["time_comparison"]["S and then O"])
    assert counts(compared, "2026-02-01") == (1, [1, 0])


def test_nobody_born_leaves_empty_cohorts_and_no_average(client: Client) -> None:
    """A cohort without people has the rate 0; without any people there is nothing to average."""
    empty = {"first": 0, "counts": [0, 0, 0], "rates": [0, 0, 0]}
    assert node(client, ASKED) == {"2026-02-02": empty, "2026-02-03": empty, "$average": None}


def test_brackets_that_are_not_over_have_no_average(client: Client) -> None:
    """At the first of March a cohort of 27 February has had one whole day."""
    client.load([did("u", "S", "27 10:00"), did("u", "O", "27 12:00")])
    found = node(client, replace(ASKED, first="2026-02-27", last="2026-02-28"))
    assert found["2026-02-27"] == {"first": 1, "counts": [1, 0, 0], "rates": [1, 0, 0]}
    assert found["$average"] == {"first": 1, "counts": [1, None, None], "rates": [1, None, None]}


def test_a_return_comes_after_the_birth_also_within_a_second(client: Client) -> None:
    """Events of the same moment are in order of arrival."""
    client.load([did("u", "O", "02 10:00"), did("u", "S", "02 10:00")])
    assert counts(node(client, ASKED)) == (1, [0, 0, 0])
    client.load([did("u", "O", "02 10:00")])
    assert counts(node(client, ASKED)) == (1, [1, 0, 0])


def test_returns_count_up_to_now(client: Client) -> None:
    """What is stored for a later moment has not happened yet; now is the first of March."""
    back = replace(ASKED, mode="carry_back")
    client.load([did("u", "S", "02 10:00")])
    client.load([{**did("u", "O", "02 10:00"), "time": "2026-03-01T00:00:01Z"}])
    assert counts(node(client, back)) == (1, [0, 0, 0])
    client.load([{**did("u", "O", "02 10:00"), "time": "2026-03-01T00:00:00Z"}])
    assert counts(node(client, back)) == (1, [1, 1, 1])


def test_nobody_is_not_a_person(client: Client) -> None:
    """Events with an empty distinct_id are neither births nor returns."""
    client.load([did("", "S", "02 10:00"), did("", "O", "02 11:00")])
    assert counts(node(client, ASKED)) == (0, [0, 0, 0])


def test_a_birth_begins_a_streak_of_its_own_event(client: Client) -> None:
    """Where both events are the same, the birth itself counts for bracket 0."""
    client.load([did("u", "S", "02 10:00"), did("u", "S", "03 11:00"), did("u", "X", "03 11:00")])
    streak = replace(ASKED, mode="consecutive_forward", last="2026-02-02")
    assert counts(node(client, replace(streak, returned="S"))) == (1, [1, 1])
    assert counts(node(client, replace(streak, returned="$any_event"))) == (1, [0, 0])


def test_cumulative_retention_carries_forward(client: Client) -> None:
    """`retentionCumulative` is another word for the mode `carry_forward`."""
    client.load([did("u", "S", "02 10:00"), did("u", "O", "03 12:00")])
    cumulative = node(client, replace(ASKED, cumulative=True))
    assert counts(cumulative) == (1, [0, 1, 1])
    assert cumulative == node(client, replace(ASKED, mode="carry_forward"))


def test_calendar_weeks_and_months_begin_where_the_calendar_says(client: Client) -> None:
    """Aligned by the calendar, Sunday to Monday is a week and the first of a month a month."""
    client.load([did("u", "S", "01 23:00"), did("u", "O", "02 01:00")])
    client.load([{**did("v", "S", "01 23:00"), "time": "2026-01-31T23:00:00Z"}])
    client.load([did("v", "O", "01 01:00")])
    sunday = replace(ASKED, first="2026-02-01", last="2026-02-01", alignment="interval_start")
    assert counts(node(client, replace(sunday, retention_unit="week")), "2026-02-01") == (
        1,
        [0, 1],
    )
    january = replace(sunday, first="2026-01-31", last="2026-01-31", retention_unit="month")
    assert counts(node(client, january), "2026-01-31") == (1, [0, 1])


def test_where_looks_at_the_birth_and_each_event_has_its_own_filters(client: Client) -> None:
    """The first born event that passes is the birth; returns are judged by theirs alone."""
    client.load(
        [
            did("u", "S", "02 08:00", source="ad"),
            did("u", "O", "02 09:00", device="phone"),
            did("u", "S", "02 10:00", source="web"),
            did("u", "O", "03 09:00", device="phone"),
            did("u", "O", "03 11:00", device="desk"),
        ]
    )
    web = replace(ASKED, where=(condition("source", "equals", ["web"]),))
    assert counts(node(client, web)) == (1, [1, 1, 0])
    assert counts(
        node(client, replace(web, return_filters=(condition("device", "equals", ["desk"]),)))
    ) == (
        1,
        [0, 1, 0],
    )
    assert counts(
        node(client, replace(ASKED, born_filters=(condition("source", "equals", ["tv"]),)))
    ) == (
        0,
        [0, 0, 0],
    )


def test_the_birth_of_a_segment_is_its_own_first_event(client: Client) -> None:
    """A person counts in every segment of the bucket, once in the whole."""
    client.load(
        [
            did("u", "S", "02 08:00", os="ios"),
            did("u", "O", "02 09:00"),
            did("u", "S", "02 10:00", os=["web", "ios"]),
        ]
    )
    found = node(client, replace(ASKED, groups=(group("os"),)))
    assert {name: counts(each) for name, each in found.items()} == {
        "$overall": (1, [1, 0, 0]),
        "ios": (1, [1, 0, 0]),
        "web": (1, [0, 0, 0]),
    }


def test_breakdowns_nest_and_name_the_columns(client: Client) -> None:
    """Every level has `$overall`; numbers fall into buckets, dates into days."""
    client.load(
        [
            did("u", "S", "02 08:00", age=17, seen="2026-01-05T23:00:00"),
            did("v", "S", "02 08:00", age=31),
            did("v", "O", "03 09:00"),
        ]
    )
    ages = group("age", "number") | {"customBucket": {"bucketSize": 10, "min": 10, "max": 40}}
    asked = replace(ASKED, groups=(ages, group("seen", "datetime")))
    answer = client.post("/api/query/insights", asked.body()).json()
    assert answer["headers"] == ["$metric", "age", "seen"]
    found = node(client, asked)
    assert {name: list(each) for name, each in found.items()} == {
        "$overall": ["2026-02-02", "2026-02-03", "$average"],
        "10 - 20": ["$overall", "2026-01-05"],
        "30 - 40": ["$overall", "undefined"],
    }
    assert counts(found["30 - 40"]["undefined"]) == (1, [0, 1, 0])
    assert found["30 - 40"]["undefined"]["$average"]["rates"] == [0, 1, 0]


def test_numbers_without_buckets_get_automatic_ones(client: Client) -> None:
    """The born events of the range decide how wide a bucket is."""
    client.load([did(f"u{age}", "S", "02 08:00", age=age) for age in (3, 17)])
    client.load([did("u", "S", "08 08:00", age=900)])
    found = node(client, replace(ASKED, groups=(group("age", "number"),)))
    assert list(found) == ["$overall", "16 - 18", "2 - 4"]


def test_the_segments_with_most_people_stay_when_the_limit_cuts(client: Client) -> None:
    """Segments are ranked by the people born over the range, each counted once; ties by name."""
    people = {"oslo": "abc", "rome": "d", "bonn": "e"}
    client.load([did(p, "S", "02 08:00", city=c) for c, names in people.items() for p in names])
    client.load([did("d", "S", "03 08:00", city="rome")])
    found = node(client, replace(ASKED, groups=(group("city"),), limit=2))
    assert [(name, counts(each)[0]) for name, each in found.items()] == [
        ("$overall", 5),
        ("oslo", 3),
        ("bonn", 1),
    ]


def test_a_cohort_may_filter_and_break_down(client: Client) -> None:
    """Members of a cohort are births like any others."""
    client.load([did("u", "S", "02 08:00"), did("v", "S", "02 08:00"), did("v", "O", "03 09:00")])
    count = {"event_selector": {"event": "O"}, "type": "absolute"}
    behavior = {"count": count, "window": {"unit": "day", "value": 60}}
    criterion = {"property": "behaviors", "value": "b", "operator": ">=", "operand": 1}
    definition = {
        "selector": {"operator": "and", "children": [criterion]},
        "behaviors": {"b": behavior},
    }
    cohort = {"name": "Returned", "negated": False, "raw_cohort": definition}
    where = {
        "filterType": "list",
        "filterOperator": "contains",
        "filterValue": [{"cohort": cohort}],
        "value": "$cohorts",
    }
    assert counts(node(client, replace(ASKED, where=(where,)))) == (1, [0, 1, 0])
    members = {"value": ["Returned"], "cohorts": [cohort]}
    found = node(client, replace(ASKED, groups=(members,)))
    assert counts(found["Returned"]) == (1, [0, 1, 0])
    assert counts(found["$overall"]) == (2, [0, 1, 0])


def test_values_are_returns_their_sum_or_the_sum_per_person(client: Client) -> None:
    """`total` counts or sums, `average` divides by the people born; texts are no numbers."""
    client.load([did("u", "S", "02 08:00"), did("v", "S", "02 08:00")])
    client.load([did("u", "O", "02 09:00", paid=paid) for paid in (3, 4, "9")])
    found = {
        (math, owner): node(client, replace(ASKED, math=math, measured=owner, last="2026-02-02"))
        for math, owner in (("total", None), ("total", "paid"), ("average", "paid"))
    }
    assert {asked: each["2026-02-02"] for asked, each in found.items()} == {
        ("total", None): {"first": 2, "counts": [1, 0], "rates": [0.5, 0], "values": [3, 0]},
        ("total", "paid"): {"first": 2, "counts": [1, 0], "rates": [0.5, 0], "values": [7, 0]},
        ("average", "paid"): {"first": 2, "counts": [1, 0], "rates": [0.5, 0], "values": [3.5, 0]},
    }
    assert found["average", "paid"]["$average"]["values"] == [3.5, 0]


@pytest.mark.parametrize(
    ("asked", "thing"),
    [
        (replace(ASKED, chart="bar"), "the chart type 'bar'"),
        (replace(ASKED, behavior={"filter": [{}]}), "filters of a whole retention behavior"),
        (
            replace(ASKED, cumulative=True, mode="carry_back"),
            "cumulative retention together with 'carry_back'",
        ),
    ],
)
def test_what_is_not_emulated_is_refused_by_name(client: Client, asked: Asked, thing: str) -> None:
    """A missing feature answers 400, never a wrong number."""
    answer = client.post("/api/query/insights", asked.body())
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        f"The sandbox does not emulate {thing} yet.",
    )


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (replace(ASKED, math="average"), "The math 'average' needs a property."),
        (replace(ASKED, math="unique", measured="x"), "The math 'unique' takes no property."),
        (
            replace(ASKED, math="median"),
            "math must be one of retention_rate, unique, total, average, not 'median'",
        ),
        (
            replace(ASKED, unit="quarter"),
            "time.unit must be one of day, week, month, not 'quarter'",
        ),
        (
            replace(ASKED, retention_unit="hour"),
            "retentionUnit must be one of day, week, month, not 'hour'",
        ),
        (
            replace(ASKED, alignment="end"),
            "retentionAlignmentType must be one of birth, interval_start, not 'end'",
        ),
        (
            replace(ASKED, mode="carry"),
            "retentionUnboundedMode must be one of none, carry_back, carry_forward, "
            "consecutive_forward, not 'carry'. Did you mean 'carry_back'?",
        ),
        (
            replace(ASKED, sizes=(1, 0)),
            "retentionCustomBucketSizes must hold whole numbers above 0, at most 730 of them.",
        ),
        (
            replace(ASKED, behavior={"behaviors": [{"name": "S"}]}),
            "Retention needs two events: the first one and the one to return with.",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_a_sentence(
    client: Client, asked: Asked, sentence: str
) -> None:
    """Whatever is wrong in a bookmark is the caller's: 400, and it says what."""
    answer = client.post("/api/query/insights", asked.body())
    assert (answer.status_code, answer.json()) == (400, {"status": "error", "error": sentence})
