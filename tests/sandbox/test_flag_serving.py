"""Feature flags as an app gets them: shares, testers, cohorts, and what is not served."""

import json
from typing import Any

import pytest
from sandbox_client import Client, results_of

BASE = "/api/app/projects/1/workspaces/1/feature-flags/"
VARIANTS = [
    {"key": "old", "value": "grey", "is_control": True, "split": 0.5},
    {"key": "new", "value": {"colour": "blue"}, "is_control": False, "split": 0.5},
]


def enabled(client: Client, *groups: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Create an enabled flag with rollout groups and return it."""
    body = {
        "name": "Button",
        "key": "button",
        "status": "enabled",
        "tags": [],
        "context": "distinct_id",
        "serving_method": "client",
        "ruleset": {"variants": VARIANTS, "rollout": list(groups)},
    }
    return results_of(client.post(BASE, body | fields))


def group(share: float, **splits: float) -> dict[str, Any]:
    """A group of everybody, of whom a share gets variants."""
    return {"rollout_percentage": share, "variant_splits": splits}


def served(client: Client, who: str, **context: Any) -> dict[str, Any]:
    """The flags that somebody gets."""
    asked = json.dumps({"distinct_id": who, **context})
    answer = client.get("/flags", context=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["flags"]


def variants(client: Client, number: int = 100) -> dict[str, str]:
    """The variants that some people get, by person; who gets none is left out."""
    flags = {f"user-{n}": served(client, f"user-{n}") for n in range(number)}
    return {who: each["button"]["variant_key"] for who, each in flags.items() if each}


def test_somebody_gets_a_variant_with_its_value(client: Client) -> None:
    """Whatever JSON it is."""
    enabled(client, group(1, new=1))
    assert served(client, "ann") == {
        "button": {
            "variant_key": "new",
            "variant_value": {"colour": "blue"},
            "experiment_id": None,
            "is_experiment_active": False,
            "is_qa_tester": False,
        }
    }


def test_a_rollout_reaches_its_share_and_grows_by_others(client: Client) -> None:
    """Three in ten, split in halves; who was in stays in, with the same variant."""
    flag = enabled(client, group(0.3, old=0.5, new=0.5))
    first = variants(client)
    assert len(first) == pytest.approx(30, abs=10)
    assert list(first.values()).count("new") == pytest.approx(len(first) / 2, abs=8)
    kept = ("name", "key", "status", "tags", "context", "serving_method")
    wider = {name: flag[name] for name in kept} | {
        "ruleset": {"variants": VARIANTS, "rollout": [group(0.6, old=0.5, new=0.5)]}
    }
    client.request("PUT", f"{BASE}{flag['id']}/", json=wider)
    second = variants(client)
    assert len(second) == pytest.approx(60, abs=12)
    assert first.items() <= second.items()


def test_a_test_user_gets_the_variant_before_any_rollout(client: Client) -> None:
    """And is told apart from others."""
    flag = enabled(client)
    client.request("PUT", f"{BASE}{flag['id']}/test-users/", json={"users": {"new": "ann"}})
    assert served(client, "ben") == {}
    tester = served(client, "ann")["button"]
    assert (tester["variant_key"], tester["is_qa_tester"]) == ("new", True)


@pytest.mark.parametrize("status", ["disabled", "archived"])
def test_only_enabled_flags_are_served(client: Client, status: str) -> None:
    """Neither evaluated nor defined."""
    enabled(client, group(1, new=1), status=status)
    assert served(client, "ann") == {}
    assert client.get("/flags/definitions").json() == {"flags": []}


def test_a_group_may_be_a_cohort(client: Client) -> None:
    """The first group that fits decides, here one for members and one for the rest."""
    client.save_cohorts({"id": 4, "name": "Friends", "distinct_ids": ["ann"]})
    client.set_profile("ann", {})
    members = group(1, new=1) | {"cohort_definition": {"id": 4}}
    enabled(client, members, group(1) | {"variant_override": {"key": "old"}})
    keys = {who: served(client, who)["button"]["variant_key"] for who in ("ann", "ben")}
    assert keys == {"ann": "new", "ben": "old"}


def test_devices_are_assigned_by_their_own_id(client: Client) -> None:
    """Without one, by the person's; by a group that the context does not name, not at all."""
    enabled(client, group(0.5, new=1), context="device_id")
    first = [bool(served(client, f"user-{n}", device_id="phone")) for n in range(20)]
    assert len(set(first)) == 1
    assert len({bool(served(client, f"user-{n}")) for n in range(20)}) == 2
    enabled(client, group(1, new=1), key="other", context="company")
    assert "other" not in served(client, "ann")
    assert "other" in served(client, "ann", company="acme")


def test_definitions_name_the_experiment_behind_a_flag(client: Client) -> None:
    """It is active from its launch to its end."""
    base = "/api/app/projects/1/experiments/"
    experiment = client.post(base, {"name": "button"}).json()["results"]["id"]
    flag = enabled(client, group(1, new=1), experiment_id=experiment)
    active = []
    for step in ("launch", "force_conclude"):
        client.request("PUT", f"{base}{experiment}/{step}", json={})
        (definition,) = client.get("/flags/definitions").json()["flags"]
        active.append(definition.pop("is_experiment_active"))
        assert definition == {name: flag[name] for name in definition}
    assert active == [True, False]


def test_a_project_token_is_enough_for_an_app(client: Client) -> None:
    """It stands in the place of a user name, as SDKs send it."""
    enabled(client, group(1, new=1))
    query = {"context": '{"distinct_id": "ann"}', "token": "sandbox"}
    answer = client.request("GET", "/flags", params=query, auth=("sandbox", ""))
    assert list(answer.json()["flags"]) == ["button"]
    assert client.request("GET", "/flags", params=query, auth=("other", "")).status_code == 401


@pytest.mark.parametrize("context", ["{}", "[]", "ann", '{"device_id": "d"}'])
def test_a_context_without_a_person_is_refused(client: Client, context: str) -> None:
    """distinct_id is what everything depends on."""
    assert client.get("/flags", context=context).status_code == 400


RULES: list[tuple[Any, bool]] = [
    ({"==": [{"var": "plan"}, "pro"]}, True),
    ({"!=": [{"var": "plan"}, "pro"]}, False),
    ({"==": [{"var": "seats"}, "12"]}, True),
    ({"===": [{"var": "seats"}, "12"]}, False),
    ({"!==": [{"var": "seats"}, 12]}, False),
    ({"<": [10, {"var": "seats"}, 20]}, True),
    ({">=": [{"var": "seats"}, 13]}, False),
    ({"<": [{"var": "missing"}, 5]}, False),
    ({">": [{"var": "version"}, "4.1"]}, True),
    ({"<=": [{"var": "seats"}, "12"]}, True),
    ({"in": [{"var": "plan"}, ["free", "pro"]]}, True),
    ({"in": ["ro", {"var": "plan"}]}, True),
    ({"in": ["ro", {"var": "seats"}]}, False),
    ({"and": [{"var": "beta"}, {"!": {"var": "missing"}}]}, True),
    ({"or": [{"var": "missing"}, {"!!": [{"var": "plan"}]}]}, True),
    ({"if": [{"var": "missing"}, True, {"var": "beta"}, False, True]}, False),
    ({"var": ["missing", True]}, True),
    ({"==": [{"var": "address.country"}, "DE"]}, True),
    ({"==": [{"var": "tags.1"}, "new"]}, True),
    ({"==": [{"+": [{"var": "seats"}, 1]}, {"*": [13, 1]}]}, True),
    ({"==": [{"-": [{"var": "seats"}, 2]}, {"/": [20, 2]}]}, True),
    ({"==": [{"%": [{"var": "seats"}, 5]}, {"max": [2, {"min": [1, 9]}]}]}, True),
    ({"==": [{"-": [1]}, {"/": [1, 0]}]}, False),
    ({"==": [{"cat": [{"var": "plan"}, "!"]}, "pro!"]}, True),
    ({">": [10**400, {"var": "seats"}]}, False),
]
PROPERTIES: dict[str, Any] = {
    "plan": "pro",
    "seats": 12,
    "version": "4.2",
    "beta": True,
    "address": {"country": "DE"},
    "tags": ["old", "new"],
}


def test_a_runtime_rule_looks_at_the_request(client: Client) -> None:
    """It is JsonLogic over custom properties; a request that tells none meets few of them."""
    for number, (rule, _) in enumerate(RULES):
        enabled(client, group(1, new=1) | {"runtime_evaluation_rule": rule}, key=f"rule-{number}")
    met = served(client, "ann", custom_properties=PROPERTIES)
    assert [f"rule-{number}" in met for number in range(len(RULES))] == [met for _, met in RULES]
    assert "rule-0" not in served(client, "ann")


def test_an_older_runtime_rule_is_a_set_of_values(client: Client) -> None:
    """All of them must be those of the request."""
    enabled(client, group(1, new=1) | {"runtime_evaluation_definition": {"plan": "pro"}})
    assert list(served(client, "ann", custom_properties=PROPERTIES)) == ["button"]
    assert served(client, "ann", custom_properties={"plan": "free"}) == {}


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            {"runtime_evaluation_rule": {"map": [[1], 2]}},
            "The sandbox does not emulate 'map' in runtime rules of feature flags yet.",
        ),
        ({"runtime_evaluation_rule": {"==": [1]}}, "A runtime rule is malformed: "),
        (
            {"runtime_event_rule": {"==": [1, 1]}},
            "The sandbox does not emulate rules of events for feature flags yet.",
        ),
    ],
)
def test_a_rule_out_of_reach_is_told(client: Client, rule: dict[str, Any], sentence: str) -> None:
    """It is kept, and refused when somebody would be judged by it."""
    enabled(client, group(1, new=1) | rule)
    answer = client.get("/flags", context='{"distinct_id": "ann"}')
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(sentence)
