"""Flows of the sandbox against the same rules over plain lists."""

from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest
from flow_reference import DAY, MINUTE, Happening, Node, Question, Step, paths, sankey, taken
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sandbox_client import Client, open_empty

from mixpanel_mcp_sandbox.ingest import append
from mixpanel_mcp_sandbox.records import Record

ZONE, OFFSET = "Asia/Kolkata", 330 * MINUTE
# Local midnight of 2026-02-02, and a moment shortly before.
START = 1_769_970_600_000
EVENING = START - 10 * MINUTE
UNLISTED = ("H",)
QUERY_TYPES = ("flows_sankey", "flows_top_paths", "flows")
NAMES = ("A", "A", "B", "B", "X", "Y", "H")
GAPS = st.sampled_from(
    [5 * MINUTE, 0, 1000, 2000, 2001, 10 * MINUTE, 30 * MINUTE - 1, 30 * MINUTE, DAY - 1000, DAY]
)
EVENTS = st.lists(
    st.builds(
        lambda gap, person, name, x: (gap, Happening(person, 0, name, x)),
        GAPS,
        st.sampled_from("uuv"),
        st.sampled_from(NAMES),
        st.sampled_from([None, 1, 2]),
    ),
    min_size=8,
    max_size=20,
)
STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from([*"AAABBBH", "$session_start", "$session_end"]),
        st.integers(0, 3),
        st.integers(0, 2),
        st.sampled_from([None] * 6 + [1]),
    ),
    min_size=1,
    max_size=3,
).filter(lambda steps: any(step.forward or step.reverse for step in steps))
QUESTIONS = st.builds(
    lambda count, window, **more: Question(
        start=START,
        end=START + 3 * DAY,
        offset=OFFSET,
        unlisted=UNLISTED,
        count=count,
        window=None if count == "session" else window,
        **more,
    ),
    steps=STEPS.map(tuple),
    count=st.sampled_from(["unique", "total", "session"]),
    window=st.sampled_from([DAY, DAY, None]),
    cardinality=st.integers(1, 3),
    collapse=st.booleans(),
    hidden=st.sampled_from([(), (), ("X",), ("A",)]),
    excluded=st.sampled_from([(), (), ("Y",), ("H",), ("B", "$session_end")]),
    where=st.sampled_from([None] * 7 + [1]),
)


@pytest.fixture(scope="module")
def shared() -> Generator[Client]:
    """One sandbox for all examples, each of which clears it."""
    with open_empty(timezone=ZONE) as sandbox:
        client = Client(sandbox)
        client.hide(UNLISTED)
        yield client


def timed(drawn: list[tuple[int, Happening]]) -> list[Happening]:
    """Return events, each as long after the one before as was drawn."""
    events: list[Happening] = []
    time = EVENING
    for gap, event in drawn:
        time += gap
        events.append(Happening(event.person, time, event.name, event.x))
    return events


def load(client: Client, events: list[Happening]) -> None:
    """Leave exactly these events in the sandbox."""
    store = client.sandbox.store
    with store.write() as database:
        database.run("delete from own.events")
        append(store, database, [record(event) for event in events])


def record(event: Happening) -> Record:
    """Return an event as ingestion stores it."""
    properties: dict[str, object] = {"distinct_id": event.person}
    if event.x is not None:
        properties["x"] = event.x
    return Record(event.name, event.time, None, properties)


def request(question: Question, query_type: str) -> dict[str, Any]:
    """Return the request that asks a question."""
    window = {"unit": "session", "value": 1} if question.window is None else None
    children = [{"propertyName": "x", "filterOperator": "equals", "filterValue": question.where}]
    bookmark: dict[str, Any] = {
        "steps": [step(s) for s in question.steps],
        "date_range": {"type": "between", "from_date": "2026-02-02", "to_date": "2026-02-04"},
        "count_type": question.count,
        "cardinality_threshold": question.cardinality,
        "conversion_window": window or {"unit": "day", "value": 1},
        "collapse_repeated": question.collapse,
        "hidden_events": question.hidden,
        "exclusions": question.excluded,
        "segments": [{"propertyName": "x", "propertyType": "string"}],
    }
    if question.where is not None:
        bookmark["filter_by_event"] = {"operator": "and", "children": children}
    return {"bookmark": bookmark, "project_id": 1, "query_type": query_type}


def step(step: Step) -> dict[str, Any]:
    """Return a step of the request."""
    condition = {
        "property": {"name": "x", "source": "properties", "type": "number"},
        "type": "number",
        "filter": {"operator": "==", "operand": str(step.x)},
    }
    return {
        "event": step.name,
        "forward": step.forward,
        "reverse": step.reverse,
        "bool_op": "and",
        "property_filter_params_list": [] if step.x is None else [condition],
    }


def graph(part: dict[str, Any]) -> dict[str, Any]:
    """Return nodes, links and conversion of an answer."""
    nodes, edges = Counter[Node](), Counter[tuple[Node, Node]]()
    for column, each in enumerate(part["steps"]):
        for node in each["nodes"]:
            source = (column, node["event"], node["type"])
            nodes[source] += int(node["totalCount"])
            for edge in node["edges"]:
                target = (edge["step"], edge["event"], edge["type"])
                edges[source, target] += int(edge["totalCount"])
    return {"nodes": nodes, "edges": edges, "conversion": part["overallConversionRate"]}


def listed(part: dict[str, Any]) -> list[tuple[list[str], int]]:
    """Return the paths of an answer with their numbers."""
    return [
        ([s["event"] for s in flow["flowSteps"]], int(flow["flowSteps"][0]["totalCount"]))
        for flow in part["flows"]
    ]


def leaves(part: dict[str, Any]) -> Counter[tuple[str, ...]]:
    """Return how often each way through the trees of an answer comes to its end."""
    found = Counter[tuple[str, ...]]()

    def follow(branch: dict[str, Any], above: tuple[str, ...]) -> None:
        path = (*above, branch["step"]["event"])
        total, dropped = int(branch["totalCount"]), int(branch["dropOffTotalCount"])
        assert int(branch["convertedTotalCount"]) == total - dropped
        found[(*path, "DROPOFF")] += dropped
        found[path] += total - dropped - sum(int(c["totalCount"]) for c in branch["children"])
        for child in branch["children"]:
            follow(child, path)

    for tree in part["trees"]:
        follow(tree["root"], ())
    return +found


def ends(walks: list[list[Node]]) -> Counter[tuple[str, ...]]:
    """Return the same of walks."""
    return Counter(tuple(name for _, name, _ in walk) for walk in walks)


@settings(max_examples=28, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=EVENTS, question=QUESTIONS, query_type=st.sampled_from(QUERY_TYPES))
def test_flows_take_the_walks_that_the_rules_say(
    shared: Client, drawn: list[tuple[int, Happening]], question: Question, query_type: str
) -> None:
    """Whatever is asked of whatever happened, engine and rules agree, also in each segment."""
    events = timed(drawn)
    load(shared, events)
    found = shared.post("/api/query/arb_funnels", request(question, query_type))
    assert found.status_code == 200, found.text
    overall, segments = taken(events, question)
    parts = {part["name"]: part for part in found.json()["breakdowns"]}
    assert {name: int(part["totalCount"]) for name, part in parts.items()} == {
        name: len(walks) for name, walks in segments.items()
    }
    for part, walks in [(found.json(), overall), *((parts[n], segments[n]) for n in segments)]:
        if query_type == "flows_sankey":
            assert graph(part) == sankey(walks, question)
        elif query_type == "flows_top_paths":
            assert listed(part) == paths(walks)
        else:
            assert leaves(part) == ends(walks)
