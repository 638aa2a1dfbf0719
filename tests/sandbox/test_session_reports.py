"""The ends of sessions as events of every report, and sessions that are counted."""

from typing import Any

import pytest
from cohort_definitions import cohort_filter, did
from report_bodies import body, condition, frequency, funnel, group, metric
from retention_asked import Asked
from sandbox_client import Client, open_empty


def did_at(*times: str, name: str = "A", who: str = "u1", **properties: Any) -> list[Any]:
    """Return an event for each time, such as `02 10:30`, of February."""
    return [
        {
            "event": name,
            "distinct_id": who,
            "time": f"2026-02-{time.replace(' ', 'T')}:00Z",
            "properties": properties,
        }
        for time in times
    ]


def series(client: Client, *show: dict[str, Any], **parts: Any) -> Any:
    """The series of a report, its dates cut to the day."""
    found = client.post("/api/query/insights", body(*show, **parts))
    assert found.status_code == 200, found.text
    return short(found.json()["series"])


def short(node: Any) -> Any:
    """The same with keys as short as a day."""
    if not isinstance(node, dict):
        return node
    return {(k[:10] if "T00:00" in k else k): short(v) for k, v in node.items()}


def test_sessions_fall_into_segments_of_the_visit(client: Client) -> None:
    """What the visitor came with is a property of the session; what happened there is not."""
    client.load(did_at("02 10:00", utm_source="mail", plan="pro") + did_at("02 10:10"))
    client.load(did_at("02 10:00", who="u2"))
    by = {"group": [group("utm_source"), group("plan")], "chart": "bar"}
    assert series(client, metric("$session_start"), **by) == {
        "$session_start": {
            "$overall": {"all": 2},
            "mail": {"$overall": {"all": 1}, "undefined": {"all": 1}},
            "undefined": {"$overall": {"all": 1}, "undefined": {"all": 1}},
        }
    }


def test_sessions_that_contain_an_event_count_in_its_segments(client: Client) -> None:
    """A session with the event in two segments counts once in each and once in all."""
    client.load(did_at("02 10:00", "02 10:01", "02 12:00", city="Oslo"))
    client.load(did_at("02 10:05", city="Bonn") + did_at("02 10:00", who="", city="Bonn"))
    by = {"group": [group("city")], "chart": "bar"}
    assert series(client, metric("A", "sessions"), **by) == {
        "A": {"$overall": {"all": 2}, "Oslo": {"all": 2}, "Bonn": {"all": 1}}
    }


def test_all_events_do_not_contain_the_ends_of_sessions(client: Client) -> None:
    """A union of both counts both."""
    client.load(did_at("02 10:00"))
    both = {"type": "simple", "behaviors": [{"name": "$all_events"}, {"name": "$session_end"}]}
    union = {"type": "metric", "behavior": both, "measurement": {"math": "total"}}
    assert series(client, metric("$all_events"), union, chart="bar") == {
        "$all_events": {"all": 1},
        "$all_events or $session_end": {"all": 2},
    }


def test_sessions_are_those_of_the_project_s_days() -> None:
    """Eight o'clock in London is midnight in Los Angeles."""
    with open_empty(timezone="America/Los_Angeles") as sandbox:
        client = Client(sandbox)
        client.load(did_at("02 07:55", "02 08:05", "03 07:50", "04 07:59", "04 08:00"))
        long = condition("$event_count", "is greater than", 0)
        assert series(client, metric("$session_end"), filter=[long]) == {
            "$session_end": {"2026-02-02": 2, "2026-02-03": 1}
        }


def test_a_funnel_leads_from_one_end_of_a_session_to_the_other(client: Client) -> None:
    """The start comes before all that happens in its millisecond, the end behind it."""
    client.load(did_at("02 10:00") + did_at("02 11:00", name="B") + did_at("02 12:00", "02 12:09"))
    clause = funnel("$session_start", "A", "$session_end", conversionWindowUnit="session")
    clause["behavior"]["conversionWindowDuration"] = 1
    clause["measurement"] = {"math": "session"}
    (node,) = series(client, clause, chart="funnel-steps").values()
    assert [cell["all"] for cell in node["count"].values()] == [3, 2, 2]
    assert node["avg_time"]["3. $session_end"] == {"all": 270}


def test_people_return_with_a_new_session(client: Client) -> None:
    """The ends of sessions may be both events of retention."""
    client.load(did_at("02 10:00", "02 10:20", "03 09:00") + did_at("02 10:00", who="u2"))
    asked = Asked(born="$session_start", returned="$session_start", last="2026-02-03")
    answer = client.post("/api/query/insights", asked.body()).json()
    (node,) = answer["series"].values()
    cohorts = {day[:10]: cohort for day, cohort in node.items()}
    assert [cohorts["2026-02-02"][key] for key in ("first", "counts")] == [2, [1, 0, 0]]


def test_segmentation_counts_sessions(client: Client) -> None:
    """The older endpoint knows the ends of sessions too."""
    client.load(did_at("02 10:00", "02 12:00", "03 09:00"))
    days = {"from_date": "2026-02-02", "to_date": "2026-02-03"}
    answer = client.get("/api/query/segmentation", event="$session_start", **days).json()
    assert answer["data"]["values"] == {"$session_start": {"2026-02-02": 2, "2026-02-03": 1}}


@pytest.mark.parametrize(
    "condition",
    [
        frequency("$session_start") | condition("n", "is at least", 1),
        cohort_filter(raw_cohort=did("$session_start")),
    ],
    ids=["frequency", "cohort"],
)
def test_what_people_did_before_knows_no_sessions_yet(
    client: Client, condition: dict[str, Any]
) -> None:
    """Frequencies and cohorts of sessions are refused by name."""
    answer = client.post("/api/query/insights", body(metric("A"), filter=[condition]))
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "The sandbox does not emulate $session_start in this place yet.",
    )
