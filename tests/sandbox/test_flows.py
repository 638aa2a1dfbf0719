"""What flows answer beside the numbers of the worked cases, and what they refuse."""

from typing import Any

import pytest
from flow_requests import PATH, anchor, asked, body, happen, nodes, segfilter
from sandbox_client import Client


def test_a_flow_names_its_range_its_nodes_and_its_links(client: Client) -> None:
    """The answer is Mixpanel's: counts are texts, links know the column they lead to."""
    happen(client, "u1", "P A")
    assert client.post(PATH, body(anchor("A", 1, 1))).json() == {
        "computed_at": "2026-03-01T00:00:00+00:00",
        "steps": [
            {"nodes": [node("P", "NORMAL", "RELATIVE_REVERSE", edge("A", "ANCHOR", 1))]},
            {"nodes": [node("A", "ANCHOR", "NORMAL", edge("DROPOFF", "DROPOFF", 2))]},
            {"nodes": [node("DROPOFF", "DROPOFF", "RELATIVE_FORWARD")]},
        ],
        "flows": [],
        "trees": [],
        "breakdowns": [],
        "overallConversionRate": 1.0,
        "metadata": {
            "date_range": {"from_date": "2026-02-02", "to_date": "2026-02-08"},
            "sampling_factor": 1.0,
            "is_cached": False,
        },
    }


def node(event: str, kind: str, side: str, *edges: dict[str, Any]) -> dict[str, Any]:
    """Return a node of one walk."""
    plain = {"event": event, "type": kind, "totalCount": "1", "anchorType": side}
    return {**plain, "isCustomEvent": False, "edges": list(edges)}


def edge(event: str, kind: str, step: int) -> dict[str, Any]:
    """Return a link of one walk."""
    return {"event": event, "type": kind, "totalCount": "1", "step": step}


def test_nobody_doing_the_anchor_leaves_empty_columns(client: Client) -> None:
    """The columns stand although nothing happened, and no walk has converted."""
    answer = client.post(PATH, body(anchor("A"), anchor("B", 1))).json()
    assert nodes(answer) == [{}, {}, {}]
    assert answer["overallConversionRate"] == 0.0


def test_every_anchor_has_a_column_of_its_own(client: Client) -> None:
    """Between anchors stand the first events behind one and the last before the next."""
    happen(client, "far", "A P Q R S B T")
    happen(client, "near", "A P B T")
    happen(client, "lost", "A P Q")
    assert asked(client, body(anchor("A", 1), anchor("B", 1, 2))) == [
        {"A": 3},
        {"P": 3},
        {"R": 1},
        {"S": 1},
        {"B": 2, "DROPOFF": 1},
        {"T": 2},
    ]


def test_a_segment_has_a_flow_of_its_own(client: Client) -> None:
    """Uniques count once in each segment: there, the first walk counts that belongs to it."""
    happen(client, "u1", "A X", city="Oslo", size=3)
    happen(client, "u1", "A Y", city="Rome", size=25)
    happen(client, "u2", "A", city="Oslo")
    size = {"propertyName": "size", "propertyType": "number", "customBucket": {"bucketSize": 10}}
    request = body(anchor("A", 1), segments=[{"propertyName": "city"}, size])
    answer = client.post(PATH, request).json()
    assert nodes(answer) == [{"A": 2}, {"A": 1, "DROPOFF": 1}]
    assert [(part["name"], part["values"], nodes(part)) for part in answer["breakdowns"]] == [
        ("Oslo / 0 - 10", ["Oslo", "0 - 10"], [{"A": 1}, {"A": 1}]),
        ("Oslo / undefined", ["Oslo", "undefined"], [{"A": 1}, {"DROPOFF": 1}]),
        ("Rome / 20 - 30", ["Rome", "20 - 30"], [{"A": 1}, {"X": 1}]),
    ]


def test_numeric_segments_find_their_own_buckets(client: Client) -> None:
    """Without buckets, the values at the anchors make at most ten."""
    happen(client, "u1", "A", size=0)
    happen(client, "u2", "A", size=95)
    happen(client, "u2", "B", size=10_000)
    request = body(anchor("A", 1), segments=[{"propertyName": "size", "propertyType": "number"}])
    parts = client.post(PATH, request).json()["breakdowns"]
    assert [part["name"] for part in parts] == ["0 - 10", "90 - 100"]


@pytest.mark.parametrize(
    ("names", "kept"),
    [("A X", 1), ("A Err", 0), ("A X Y Err", 0), ("Err A X", 1), ("A Err A X", 0)],
)
def test_a_walk_with_an_excluded_event_in_its_window_is_left_out(
    client: Client, names: str, kept: int
) -> None:
    """It need not be shown; before the anchor it does not matter where nothing is shown there."""
    happen(client, "u1", names)
    counts = asked(client, body(anchor("A", 1), exclusions=["Err"]))
    assert counts[0] == ({"A": 1} if kept else {})


@pytest.mark.parametrize(("names", "kept"), [("Err P A", 0), ("P A Err", 1)])
def test_a_walk_back_is_left_out_for_what_lies_before_it(
    client: Client, names: str, kept: int
) -> None:
    """Where nothing is shown behind the anchor, what happens there does not matter."""
    happen(client, "u1", names)
    counts = asked(client, body(anchor("A", 0, 1), exclusions=["Err"]))
    assert counts[1] == ({"A": 1} if kept else {})


def test_paths_of_the_same_names_are_one(client: Client) -> None:
    """Whether an event was before the anchor or was the anchor itself is no part of a path."""
    happen(client, "u1", "A A", x=1)
    happen(client, "u2", "A")
    happen(client, "u2", "A", x=1)
    step = anchor("A", 1, 1, property_filter_params_list=[segfilter("number", ">", "0")])
    flows = client.post(PATH, body(step, query_type="flows_top_paths")).json()["flows"]
    assert [[(s["event"], s["totalCount"]) for s in flow["flowSteps"]] for flow in flows] == [
        [("A", "2"), ("A", "2")]
    ]


def test_a_hidden_anchor_stays_and_is_still_excluded_by_name(client: Client) -> None:
    """What Lexicon or the query hides is no step between, but an anchor or an exclusion can be."""
    client.hide(["H"])
    happen(client, "u1", "H H X $merge Y")
    happen(client, "u2", "A H X")
    assert asked(client, body(anchor("H", 1), hidden_events=["X"])) == [
        {"H": 2},
        {"H": 1, "DROPOFF": 1},
    ]
    assert asked(client, body(anchor("A", 1)))[1] == {"X": 1}
    assert asked(client, body(anchor("A", 1), exclusions=["H"])) == [{}, {}]


def test_property_filters_choose_events_of_the_stream(client: Client) -> None:
    """Anchors and what lies between must both fulfil them."""
    happen(client, "u1", "A X", city="Oslo")
    happen(client, "u1", "A Y", city="Rome")
    children = [
        {"propertyName": "city", "filterOperator": "equals", "filterValue": ["rome"]},
        {"propertyName": "plan", "filterOperator": "is set", "resourceType": "people"},
    ]
    request = body(anchor("A", 1), filter_by_event={"operator": "and", "children": children})
    assert asked(client, request) == [{}, {}]
    client.set_profile("u1", {"plan": "pro"})
    assert asked(client, request) == [{"A": 1}, {"Y": 1}]


def test_a_cohort_chooses_people_or_divides_them(client: Client) -> None:
    """Membership is that of now; a filter may be negated, a breakdown shows both sides."""
    happen(client, "u1", "A X")
    happen(client, "u2", "A Y")
    client.set_profile("u1", {"plan": "pro"})
    leaf = {"property": "user", "value": "plan", "operator": "==", "operand": "pro"}
    definition = {"selector": {"operator": "and", "children": [leaf]}, "behaviors": {}}
    cohort = {"name": "Pros", "negated": False, "raw_cohort": definition}
    others = {**cohort, "negated": True}
    assert asked(client, body(anchor("A", 1), filter_by_cohort=cohort))[1] == {"X": 1}
    assert asked(client, body(anchor("A", 1), filter_by_cohort=others))[1] == {"Y": 1}
    sides = {"value": ["Pros", "Not In Pros"], "cohorts": [cohort, others]}
    for step in (anchor("A", 1), anchor("$session_start", 2)):
        parts = client.post(PATH, body(step, segments=[sides])).json()["breakdowns"]
        assert {part["name"]: nodes(part)[-1] for part in parts} == {
            "Pros": {"X": 1},
            "Not In Pros": {"Y": 1},
        }


@pytest.mark.parametrize(
    ("names", "start", "end"),
    [
        ("A X", [{"$session_start": 1}, {"A": 1}], [{"X": 1}, {"$session_end": 1}]),
        ("H A H", [{"$session_start": 1}, {"A": 1}], [{"A": 1}, {"$session_end": 1}]),
    ],
)
def test_the_ends_of_a_session_are_anchors(
    client: Client, names: str, start: list[Any], end: list[Any]
) -> None:
    """They stand before its first event and behind its last."""
    client.hide(["H"])
    happen(client, "u1", names)
    first = anchor("$session_start", 1, session_event="start")
    last = anchor("$session_end", 0, 1, session_event="end")
    assert asked(client, body(first)) == start
    assert asked(client, body(last)) == end


def test_a_session_has_properties_to_filter_by(client: Client) -> None:
    """Its length and its number of events, and what its first event knows of the visitor."""
    happen(client, "u1", "A X", utm_source="mail")
    happen(client, "u2", "B X Y", utm_source="mail")
    happen(client, "u3", "A X Y")
    filters = [
        segfilter("number", ">", "60", name="$duration_s"),
        segfilter("number", "==", "3", name="$event_count"),
        segfilter("string", "==", ["b"], name="$origin_start"),
        segfilter("string", "==", ["mail"], name="utm_source"),
    ]
    for each in filters:
        step = anchor("$session_start", 1, property_filter_params_list=[each])
        assert asked(client, body(step))[0]["$session_start"] < 3
    step = anchor("$session_start", 1, property_filter_params_list=filters)
    assert asked(client, body(step)) == [{"$session_start": 1}, {"B": 1}]


@pytest.mark.parametrize(
    ("dates", "count"),
    [
        ({"type": "in the last", "from_date": {"unit": "day", "value": 28}, "to_date": "$now"}, 1),
        ({"type": "in the last", "from_date": {"unit": "day", "value": 27}, "to_date": "$now"}, 0),
        ({"type": "since", "from_date": "2026-02-02", "to_date": "$now"}, 1),
        ({"type": "between", "from_date": "2026-02-03", "to_date": "2026-02-04"}, 0),
    ],
)
def test_a_range_holds_whole_days(client: Client, dates: dict[str, Any], count: int) -> None:
    """The last n days end with today, which is the first of March."""
    happen(client, "u1", "A")
    assert asked(client, body(anchor("A", 1), date_range=dates))[0] == ({"A": 1} if count else {})


def test_at_most_fifty_paths_are_told(client: Client) -> None:
    """The most frequent stay, ties go by the names."""
    ends = [*(f"X{place:02}" for place in range(55)), "X54"]
    client.load(
        {"event": name, "distinct_id": f"{place}", "time": time, "properties": {}}
        for place, end in enumerate(ends)
        for name, time in (("A", "2026-02-02T10:00:00Z"), (end, "2026-02-02T10:01:00Z"))
    )
    flows = client.post(PATH, body(anchor("A", 1), query_type="flows_top_paths")).json()["flows"]
    assert [flow["flowSteps"][1]["event"] for flow in flows[:2]] == ["X54", "X00"]
    assert len(flows) == 50


@pytest.mark.parametrize(
    ("request_body", "thing"),
    [
        (body(anchor("A", 1), data_group_id=4), "group analytics"),
        (body(anchor("A", 1), aggregate_by=[{"value": "x"}]), "properties held constant in flows"),
        (body(anchor("$custom_event:7", 1)), "custom events"),
    ],
)
def test_what_flows_cannot_do_yet_is_refused_by_name(
    client: Client, request_body: dict[str, Any], thing: str
) -> None:
    """A missing feature answers 400, never a wrong number."""
    answer = client.post(PATH, request_body)
    assert answer.status_code == 400
    assert answer.json()["error"] == f"The sandbox does not emulate {thing} yet."


def test_a_saved_flow_answers_like_its_bookmark(client: Client) -> None:
    """The shape is that of the query, a sankey without one."""
    happen(client, "u1", "P A Q")
    request = body(anchor("A", 1, 1))
    client.save("bookmarks", {"id": 1, "type": "flows", "params": request["bookmark"]})
    sent = client.post(PATH, request).json()
    assert client.get(PATH, bookmark_id="1").json() == sent
    assert client.get(PATH, bookmark_id="1", query_type="flows_sankey").json() == sent


@pytest.mark.parametrize(
    "request_body",
    [
        {},
        body(),
        body(anchor("A")),
        body(anchor("", 1)),
        body(anchor("A", 6)),
        body(anchor("A", True)),
        body(anchor("A", 1, bool_op="xor")),
        body(anchor("A", 1, session_event="start")),
        body(anchor("A", 1), query_type="flows_pie"),
        body(anchor("A", 1), count_type="weekly"),
        body(anchor("A", 1), count_type="session"),
        body(anchor("A", 1), cardinality_threshold=0),
        body(anchor("A", 1), conversion_window={"unit": "day", "value": 367}),
        body(anchor("A", 1), conversion_window={"unit": "session", "value": 2}),
        body(anchor("A", 1), hidden_events=[1]),
        body(anchor("A", 1), date_range={"type": "between", "from_date": "2026-02-02"}),
        body(anchor("A", 1), date_range={"type": "since", "from_date": "soon"}),
    ],
)
def test_a_malformed_flow_is_a_bad_request(client: Client, request_body: dict[str, Any]) -> None:
    """Whatever is wrong in a bookmark is the caller's: 400 with a sentence, never 500."""
    answer = client.post(PATH, request_body)
    assert (answer.status_code, answer.json()["status"]) == (400, "error")
