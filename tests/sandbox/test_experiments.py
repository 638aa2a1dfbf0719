"""Experiments through the App API: states, dates, and results from the events."""

from typing import Any

import pytest
from sandbox_client import Client, results_of

BASE = "/api/app/projects/1/experiments/"
NOW = "2026-03-01T00:00:00Z"
VARIANTS = [{"key": "control", "is_control": True}, {"key": "one page"}]


def drafted(client: Client, **fields: Any) -> str:
    """Create a draft and return its id."""
    return good(client, "POST", "", json={"name": "checkout", **fields})["id"]


def good(client: Client, method: str, path: str, **options: Any) -> Any:
    """The results of a good answer."""
    return results_of(client.request(method, BASE + path, **options))


def refusal(client: Client, method: str, path: str, **options: Any) -> tuple[int, str]:
    """Status and sentence of a refused request."""
    answer = client.request(method, BASE + path, **options)
    return answer.status_code, answer.json()["error"]


def launched(client: Client, **fields: Any) -> str:
    """Create an experiment, launch it, and return its id."""
    identifier = drafted(client, **fields)
    good(client, "PUT", f"{identifier}/launch")
    return identifier


def concluded(client: Client, **fields: Any) -> str:
    """Create an experiment, launch and conclude it, and return its id."""
    identifier = launched(client, **fields)
    good(client, "PUT", f"{identifier}/force_conclude", json={})
    return identifier


def test_a_new_experiment_is_a_draft_of_the_documented_shape(client: Client) -> None:
    """It has an author, no dates and no results."""
    fields = {"description": "One page", "hypothesis": "Faster", "access_type": "on"}
    made = good(client, "POST", "", json={"name": "checkout", **fields})
    author = {"name": "Sandbox User", "email": "sandbox@example.com", "id": 1}
    assert made == {
        "id": made["id"],
        "content_type": "experiments",
        "name": "checkout",
        "description": "One page",
        "hypothesis": "Faster",
        "status": "draft",
        "variants": [],
        "metrics": [],
        "settings": {},
        "exposures_cache": None,
        "results_cache": None,
        "start_date": None,
        "end_date": None,
        "tags": [],
        "global_access_type": "on",
        **{f"creator_{name}": value for name, value in author.items()},
        **{f"last_modified_by_{name}": value for name, value in author.items()},
        "created": "2026-03-01T00:00:00",
        "modified": "2026-03-01T00:00:00",
        "updated": "2026-03-01T00:00:00",
        "creator": {"id": 1, "first_name": "Sandbox", "last_name": "User"},
        "is_favorited": False,
        "pinned_date": None,
        "can_edit": True,
        "deleted": None,
        "feature_flag": None,
    }
    assert good(client, "GET", made["id"]) == made


def test_the_states_follow_each_other_to_the_decision(client: Client) -> None:
    """Launch dates the start, conclusion the end; the decision is kept with its reason."""
    identifier = drafted(client, variants=VARIANTS)
    active = good(client, "PUT", f"{identifier}/launch")
    assert (active["status"], active["start_date"], active["end_date"]) == ("active", NOW, None)
    ended = good(client, "PUT", f"{identifier}/force_conclude", json={"end_date": "2026-04-01"})
    assert (ended["status"], ended["end_date"]) == ("concluded", "2026-04-01")
    decision = {"success": True, "variant": "one page", "message": "18 % lift"}
    decided = good(client, "PATCH", f"{identifier}/decide", json=decision)
    assert (decided["status"], decided["decision"]) == (
        "success",
        {**decision, "date": "2026-03-01T00:00:00"},
    )


@pytest.mark.parametrize("make", [drafted, launched, concluded])
@pytest.mark.parametrize(
    ("verb", "path", "body", "allowed"),
    [
        ("PUT", "launch", None, "drafted"),
        ("PUT", "force_conclude", {}, "launched"),
        ("PATCH", "decide", {"success": False}, "concluded"),
    ],
)
def test_no_state_is_skipped_or_left_twice(
    client: Client, make: Any, verb: str, path: str, body: Any, allowed: str
) -> None:
    """Each step works from the state before it and from no other, and changes nothing then."""
    identifier = make(client)
    before = good(client, "GET", identifier)
    answer = client.request(verb, f"{BASE}{identifier}/{path}", json=body)
    assert answer.status_code == (200 if make.__name__ == allowed else 400)
    if answer.status_code == 400:
        assert good(client, "GET", identifier) == before


def test_a_change_of_status_keeps_to_the_states_too(client: Client) -> None:
    """The next state is dated as by its own verb; one further on is refused."""
    identifier = drafted(client)
    assert refusal(client, "PATCH", identifier, json={"status": "success"}) == (
        400,
        "An experiment that is draft can become active, not success",
    )
    assert good(client, "PATCH", identifier, json={"status": "active"})["start_date"] == NOW
    decided = concluded(client)
    good(client, "PATCH", f"{decided}/decide", json={"success": False})
    assert refusal(client, "PATCH", decided, json={"status": "draft"}) == (
        400,
        "An experiment that is fail can become nothing else, not draft",
    )


def test_what_is_not_given_stays(client: Client) -> None:
    """Null empties a text, a list replaces the whole list."""
    identifier = drafted(client, description="Old", variants=VARIANTS)
    changed = good(client, "PATCH", identifier, json={"tags": ["q1"], "description": None})
    assert (changed["name"], changed["description"]) == ("checkout", None)
    assert (changed["tags"], changed["variants"]) == (["q1"], VARIANTS)


def test_an_archived_experiment_keeps_its_state(client: Client) -> None:
    """It is hidden and refuses every change until it is restored."""
    identifier = launched(client)
    before = good(client, "GET", identifier)
    for _ in range(2):
        assert good(client, "POST", f"{identifier}/archive") == {}
    assert good(client, "GET", "") == []
    (listed,) = good(client, "GET", "", params={"include_archived": "true"})
    assert listed == before | {"deleted": "2026-03-01T00:00:00"}
    sentence = f"Experiment {identifier} is archived; restore it first"
    assert refusal(client, "PATCH", identifier, json={"name": "x"}) == (400, sentence)
    assert refusal(client, "PUT", f"{identifier}/force_conclude", json={}) == (400, sentence)
    assert good(client, "DELETE", f"{identifier}/archive") == before


def test_a_copy_is_a_draft_without_dates(client: Client) -> None:
    """Variants, metrics and settings come along."""
    fields = {"variants": VARIANTS, "metrics": [{"event": "Buy"}], "settings": {"confidence": 0.9}}
    copy = good(client, "POST", f"{concluded(client, **fields)}/duplicate", json={"name": "again"})
    kept = {name: copy[name] for name in fields}
    assert (copy["name"], copy["status"], copy["start_date"], kept) == (
        "again",
        "draft",
        None,
        fields,
    )


def test_a_deleted_experiment_is_not_found(client: Client) -> None:
    """The second deletion answers 404."""
    identifier = drafted(client)
    assert client.request("DELETE", BASE + identifier).status_code == 204
    assert refusal(client, "DELETE", identifier) == (404, f"Experiment {identifier} not found")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"name": ""}, "name must have 1 to 255 characters"),
        ({"description": "x" * 401}, "description must have 0 to 400 characters"),
        ({"hypothesis": 0}, "hypothesis must have 0 to 100000 characters"),
        ({"settings": []}, "settings must be an object"),
        ({"variants": "two"}, "variants and metrics must be a list or an object"),
        ({"status": "running"}, "status must be one of draft, active, concluded, success, fail"),
        ({"start_date": "soon"}, "'soon' is not a day or moment of ISO 8601"),
        ({"start_date": "2026-02-02", "end_date": "2026-02-01"}, "is before start_date"),
        ({"tags": [1]}, "tags must have 1 to 255 characters"),
    ],
)
def test_a_malformed_change_is_refused(client: Client, body: dict[str, Any], sentence: str) -> None:
    """Lengths, types, words and dates are checked."""
    status, error = refusal(client, "PATCH", drafted(client), json=body)
    assert (status, sentence in error) == (400, True), error


def test_only_a_variant_can_win(client: Client) -> None:
    """The decision names one of the experiment's own."""
    identifier = concluded(client, variants={"control": {}, "new": {}})
    decision = {"success": True, "variant": "old"}
    assert refusal(client, "PATCH", f"{identifier}/decide", json=decision) == (
        400,
        "variant must be one of control, new, not 'old'",
    )
    assert refusal(client, "PATCH", f"{identifier}/decide", json={}) == (
        400,
        "success must be true or false",
    )


def seen(who: str, variant: str, minute: int = 0, name: str = "checkout") -> dict[str, Any]:
    """A person's exposure to a variant."""
    properties = {"Experiment name": name, "Variant name": variant}
    return happened("$experiment_started", who, minute, **properties)


def happened(event: str, who: str, minute: int, **properties: Any) -> dict[str, Any]:
    """An event of the second of February."""
    time = f"2026-02-02T10:{minute:02}:00Z"
    return {"event": event, "distinct_id": who, "time": time, "properties": properties}


def test_results_come_from_the_events_after_the_exposure(client: Client) -> None:
    """Ten people a side, five buyers against six: the example of Mixpanel's own help."""
    people = [(f"{variant} {n}", variant) for variant in ("control", "one page") for n in range(10)]
    buyers = [*(f"control {n}" for n in range(5)), *(f"one page {n}" for n in range(6))]
    client.load(
        [
            *(seen(who, variant, 5) for who, variant in people),
            *(happened("Buy", who, 6, amount=10) for who in buyers),
            happened("Buy", "control 9", 1, amount=10),
            happened("Buy", "one page 0", 7, amount=20),
            seen("stranger", "one page", name="another"),
        ]
    )
    metrics = [
        {"name": "Buyers", "type": "primary", "event": "Buy"},
        {"name": "Orders", "event": "Buy", "math": "total"},
        {"name": "Revenue", "event": "Buy", "math": "sum", "property": "amount"},
        {"name": "Order value", "event": "Buy", "math": "average", "property": "amount"},
        {"name": "Saved", "metric_id": 7},
    ]
    identifier = drafted(client, variants=VARIANTS, metrics=metrics)
    dates = {"start_date": "2026-02-01", "end_date": "2026-02-02"}
    good(client, "PATCH", identifier, json=dates)
    shown = good(client, "PUT", f"{identifier}/launch")
    assert shown["exposures_cache"] == {"control": 10, "one page": 10}
    assert (shown["results_cache"]["control"], shown["results_cache"]["confidence"]) == (
        "control",
        0.95,
    )
    buyers_found, orders, revenue, value, saved = shown["results_cache"]["metrics"]
    assert buyers_found == {
        **metrics[0],
        "variants": {
            "control": {"count": 10, "value": 0.5},
            "one page": {
                "count": 10,
                "value": 0.6,
                "lift": pytest.approx(0.2),
                "z": pytest.approx(0.4518, abs=1e-4),
                "p_value": pytest.approx(0.6514, abs=1e-4),
                "significant": False,
            },
        },
    }
    assert figures(orders) == {"control": (10, 0.5), "one page": (10, 0.7)}
    assert figures(revenue) == {"control": (10, 5), "one page": (10, 8)}
    assert figures(value) == {"control": (5, 10), "one page": (7, pytest.approx(80 / 7))}
    assert set(saved) == {*metrics[4], "note"}


def figures(metric: dict[str, Any]) -> dict[str, tuple[int, float]]:
    """How many a metric is about, and its value, by variant."""
    return {name: (each["count"], each["value"]) for name, each in metric["variants"].items()}


def test_a_flags_key_names_the_experiment_too(client: Client) -> None:
    """The flag that backs an experiment is shown with it, and its exposures count."""
    identifier = launched(client, name="Checkout on one page", variants=VARIANTS)
    good(client, "PATCH", identifier, json={"start_date": "2026-02-01"})
    variant = {"key": "one page", "value": True, "is_control": False, "split": 1}
    flag = {
        "name": "Checkout",
        "key": "checkout",
        "tags": [],
        "context": "distinct_id",
        "serving_method": "client",
        "ruleset": {"variants": [variant], "rollout": []},
        "experiment_id": identifier,
    }
    client.post("/api/app/projects/1/workspaces/1/feature-flags/", flag)
    client.load([seen("ann", "one page")])
    shown = good(client, "GET", identifier)
    assert (shown["feature_flag"]["key"], shown["exposures_cache"]) == ("checkout", {"one page": 1})
    (row,) = good(client, "GET", "erf/")
    assert row == {
        name: shown[name]
        for name in (
            "id",
            "name",
            "status",
            "start_date",
            "end_date",
            "variants",
            "metrics",
            "exposures_cache",
            "results_cache",
        )
    }


def test_results_that_a_client_stored_are_kept(client: Client) -> None:
    """They take the place of what the events say."""
    stored = {"exposures_cache": {"control": 3}, "results_cache": {"winner": "control"}}
    identifier = launched(client)
    changed = good(client, "PATCH", identifier, json=stored)
    assert {name: changed[name] for name in stored} == stored
