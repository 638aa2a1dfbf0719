"""Which ids are one person's, by the original rule, against sets joined by brute force."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandbox_client import NOW, Client, open_empty

from mixpanel_mcp_sandbox import SandboxError, open_sandbox
from mixpanel_mcp_sandbox.identity import MOST_IDS, Clusters

SECOND = int(NOW.timestamp())
VISITOR = "f81d4fae-7dec-41d0-8765-00a0c91e6bf6"
OTHER = "7a3f0d5e-4f0a-4d6f-9d3c-1a2b3c4d5e6f"
FEED = "/api/query/stream/bookmark"

PEOPLE = ["u1", "u2", "u3", "u4"]
VISITORS = [str(uuid.UUID(int=number, version=4)) for number in range(3)]
ALL_IDS = [*PEOPLE, *VISITORS, "not-a-uuid"]
IDS = st.sampled_from(ALL_IDS)
STEPS = st.lists(st.tuples(st.sampled_from(["identify", "alias", "merge"]), IDS, IDS), max_size=12)


@pytest.fixture
def original() -> Iterator[Client]:
    """A client of an empty sandbox with the original rule."""
    with open_empty(identity="original") as sandbox:
        yield Client(sandbox)


def does(client: Client, *people: str, event: str = "Visit") -> None:
    """Let people do something, an hour apart."""
    before = len(client.exported())
    events = [
        {"event": event, "properties": {"token": "sandbox", "distinct_id": each, "time": time}}
        for time, each in enumerate(people, SECOND - 3600 + before)
    ]
    assert client.request("POST", "/track", auth=None, json=events).json() == 1


def joins(client: Client, event: str, **properties: Any) -> Any:
    """Send an event that joins ids, as a form to `/track`; the answer."""
    record = {"event": event, "properties": {"token": "sandbox", **properties}}
    form = {"data": json.dumps(record)}
    return client.request("POST", "/track", auth=None, data=form, params={"verbose": "1"}).json()


def merges(client: Client, ids: Any) -> Any:
    """Send a merge to `/import`; the answer."""
    event = {"event": "$merge", "properties": {"$distinct_ids": ids, "token": "sandbox"}}
    return client.post("/import", [event], strict="1", project_id="1").json()


def owners(client: Client) -> list[tuple[str, str | None]]:
    """Whose the exported visits are: the id they go by, and the one they came with."""
    lines = [line["properties"] for line in client.exported(event='["Visit"]')]
    return [(p["distinct_id"], p.get("$distinct_id_before_identity")) for p in lines]


def people(client: Client) -> int:
    """How many people visited."""
    day = NOW.date().replace(month=2, day=28).isoformat()
    query = {"event": "Visit", "type": "unique", "unit": "day", "from_date": day, "to_date": day}
    answer = client.get("/api/query/segmentation", **query)
    return answer.json()["data"]["values"]["Visit"][day]


def test_a_visitor_becomes_a_known_person(original: Client) -> None:
    """What came before counts as theirs; export tells the id it came with."""
    does(original, VISITOR, "u1", "u2")
    assert people(original) == 3
    answer = joins(original, "$identify", **{"$identified_id": "u1", "$anon_id": VISITOR})
    assert answer == {"status": 1, "error": None}
    assert owners(original) == [("u1", VISITOR), ("u1", None), ("u2", None)]
    assert people(original) == 2
    does(original, VISITOR)
    assert owners(original)[-1] == ("u1", VISITOR)


def test_a_visitor_is_joined_once_and_only_under_a_uuid(original: Client) -> None:
    """Other ids, and those that are somebody's, stay where they are."""
    does(original, VISITOR, "u1", "u2", "x")
    for known, visitor in (("u1", VISITOR), ("u2", VISITOR), ("u2", "x"), ("u1", "u2")):
        joins(original, "$identify", **{"$identified_id": known, "$anon_id": visitor})
    assert owners(original) == [("u1", VISITOR), ("u1", None), ("u2", None), ("x", None)]


def test_an_alias_has_one_target(original: Client) -> None:
    """A second one for somebody else is ignored."""
    does(original, "u1", "second", "u2")
    joins(original, "$create_alias", distinct_id="u1", alias="second")
    joins(original, "$create_alias", distinct_id="u2", alias="second")
    assert owners(original) == [("u1", None), ("u1", "second"), ("u2", None)]


def test_a_merge_takes_any_two_and_all_that_is_theirs(original: Client) -> None:
    """The first gives the name; the answer is that of an import."""
    does(original, "a", "b", "c")
    joins(original, "$create_alias", distinct_id="b", alias="c")
    assert merges(original, ["a", "b"]) == {"code": 200, "num_records_imported": 1, "status": "OK"}
    assert owners(original) == [("a", None), ("a", "b"), ("a", "c")]
    assert people(original) == 1


@pytest.mark.parametrize("ids", [["a"], ["a", "b", "c"], ["a", ""], "ab", [["a"], "b"]])
def test_a_merge_names_two_ids(original: Client, ids: Any) -> None:
    """Anything else is a failed record."""
    assert merges(original, ids)["failed_records"] == [
        {
            "index": 0,
            "insert_id": None,
            "field": "properties.$distinct_ids",
            "message": "'properties.$distinct_ids' is invalid: must be a list of two ids",
        }
    ]


@pytest.mark.parametrize(
    ("event", "properties", "field"),
    [
        ("$identify", {"$identified_id": "u1"}, "$anon_id"),
        ("$identify", {"$identified_id": 1, "$anon_id": VISITOR}, "$identified_id"),
        ("$create_alias", {"distinct_id": "u1", "alias": ""}, "alias"),
    ],
)
def test_events_that_join_must_name_whom(
    client: Client, event: str, properties: dict[str, Any], field: str
) -> None:
    """Under either rule."""
    assert joins(client, event, **properties) == {
        "status": 0,
        "error": f"'properties.{field}' is invalid: must be a text that is not empty",
    }


def test_the_simplified_rule_accepts_them_and_does_nothing(client: Client) -> None:
    """The answer is good, and everybody stays who they were."""
    does(client, VISITOR, "u1", "second", "old")
    joins(client, "$identify", **{"$identified_id": "u1", "$anon_id": VISITOR})
    joins(client, "$create_alias", distinct_id="u1", alias="second")
    assert merges(client, ["u1", "old"])["num_records_imported"] == 1
    assert owners(client) == [(each, None) for each in (VISITOR, "u1", "second", "old")]


def test_the_feed_knows_a_person_by_any_id(original: Client) -> None:
    """What they did under all of them comes, under the one they go by."""
    does(original, VISITOR, "u1", "old", "stranger")
    joins(original, "$identify", **{"$identified_id": "u1", "$anon_id": VISITOR})
    merges(original, ["u1", "old"])
    for known in (VISITOR, "u1", "old"):
        body = {
            "distinct_ids": [known],
            "include_events": ["Visit"],
            "bookmark": {"dateRange": {"type": "since", "from": "2026-02-01"}},
        }
        events = original.post(FEED, body).json()["results"]["events"]
        assert [each["properties"]["$distinct_id"] for each in events] == ["u1"] * 3


def test_profiles_stay_apart_and_an_alias_can_be_deleted(original: Client) -> None:
    """Deleting an alias deletes the original, unless the alias is to be ignored as one."""
    for each in ("u1", "second"):
        original.set_profile(each, {"name": each})
    joins(original, "$create_alias", distinct_id="u1", alias="second")
    assert set(original.profiles()) == {"u1", "second"}
    delete = {"$token": "sandbox", "$distinct_id": "second", "$delete": ""}
    original.post("/engage", [{**delete, "$ignore_alias": True}])
    assert set(original.profiles()) == {"u1"}
    original.post("/engage", [delete])
    assert original.profiles() == {}


def test_a_file_keeps_its_rule_and_what_was_joined(tmp_path: Path) -> None:
    """It cannot be changed afterwards, and the demo has the simplified one."""
    path = tmp_path / "mine.duckdb"

    def opened(**options: Any) -> Client:
        return Client(open_sandbox(str(path), now=lambda: NOW, **options))

    with (client := opened(identity="original")).sandbox:
        does(client, "u1", "second")
        joins(client, "$create_alias", distinct_id="u1", alias="second")
    with (client := opened()).sandbox:
        does(client, "second")
        joins(client, "$create_alias", distinct_id="u2", alias="second")
        assert owners(client) == [("u1", None), ("u1", "second"), ("u1", "second")]
    with pytest.raises(SandboxError, match="has original identity merge"):
        opened(identity="simplified")
    with pytest.raises(SandboxError, match="demo has simplified identity merge"):
        open_sandbox("demo", identity="original")


def test_a_cluster_has_at_most_five_hundred_ids() -> None:
    """What would be too many stays apart."""
    clusters = Clusters({}, {})
    for number in range(MOST_IDS + 5):
        clusters.merge("u", f"id-{number}")
    assert clusters.members["u"] == ["u", *(f"id-{number}" for number in range(MOST_IDS - 1))]
    assert clusters.canonical("id-499") == "id-499"


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, first=st.integers(0, 12))
def test_clusters_are_the_sets_that_brute_force_joins(
    steps: list[tuple[str, str, str]], first: int
) -> None:
    """Whatever the order of events, also where another process goes on after the first few."""
    clusters = Clusters({}, {})
    for part in (steps[:first], steps[first:]):
        clusters = Clusters(clusters.known, clusters.targets)
        for step in part:
            clusters.resolve(*event_of(*step))
    assert {each: clusters.canonical(each) for each in ALL_IDS} == brute_force(steps)


def event_of(kind: str, first: str, second: str) -> tuple[str, dict[str, object]]:
    """The event that joins the second to the first."""
    if kind == "identify":
        return "$identify", {"$identified_id": first, "$anon_id": second}
    if kind == "alias":
        return "$create_alias", {"distinct_id": first, "alias": second}
    return "$merge", {"$distinct_ids": [first, second]}


def brute_force(steps: list[tuple[str, str, str]]) -> dict[str, str]:
    """The id that each goes by, from lists of ids that are searched and joined."""
    groups = [[each] for each in ALL_IDS]
    taken: set[str] = set()
    for kind, first, second in steps:
        if first == second or (kind == "alias" and second in taken):
            continue
        one, other = (next(g for g in groups if each in g) for each in (first, second))
        if kind == "identify" and (second not in VISITORS or len(other) > 1):
            continue
        if kind == "alias":
            taken.add(second)
        if one is not other:
            groups.remove(other)
            one += other
    return {each: group[0] for group in groups for each in group}
