"""Feature flags through the App API: life, rules, history and limits."""

from typing import Any
from uuid import UUID

import pytest
from sandbox_client import Client, results_of

PROJECT = "/api/app/projects/1"
BASE = f"{PROJECT}/workspaces/1/feature-flags/"
ON = {"key": "On", "value": True, "is_control": False, "split": 1.0, "is_sticky": False}
OFF = {"key": "Off", "value": False, "is_control": True, "split": 0.0, "is_sticky": False}
RULESET = {"variants": [ON, OFF], "rollout": []}
FLAG = {
    "name": "Dark mode",
    "key": "dark_mode",
    "tags": ["ui"],
    "context": "distinct_id",
    "serving_method": "client",
    "ruleset": RULESET,
}


def made(client: Client, **fields: Any) -> dict[str, Any]:
    """Create a flag and return it."""
    return good(client, "POST", "", json=FLAG | fields)


def good(client: Client, method: str, path: str, **options: Any) -> Any:
    """The results of a good answer."""
    return results_of(client.request(method, BASE + path, **options))


def refusal(client: Client, method: str, path: str, **options: Any) -> tuple[int, str]:
    """Status and sentence of a refused request."""
    answer = client.request(method, BASE + path, **options)
    return answer.status_code, answer.json()["error"]


def test_a_new_flag_is_off_and_has_the_documented_shape(client: Client) -> None:
    """Everything that Mixpanel documents of a flag is there."""
    flag = made(client)
    assert UUID(flag["id"]).version == 4
    assert len(flag["hash_salt"]) == 32
    author = {"name": "Sandbox User", "email": "sandbox@example.com", "id": 1}
    assert flag == {
        **FLAG,
        "id": flag["id"],
        "project_id": 1,
        "workspace_id": 1,
        "content_type": "feature-flags",
        "description": None,
        "status": "disabled",
        "experiment_id": None,
        "data_group_id": None,
        "is_experiment_active": None,
        "hash_salt": flag["hash_salt"],
        **{f"creator_{name}": value for name, value in author.items()},
        **{f"last_modified_by_{name}": value for name, value in author.items()},
        "created": "2026-03-01T00:00:00",
        "modified": "2026-03-01T00:00:00",
        "enabled_at": None,
        "deleted": None,
        "is_favorited": False,
        "pinned_date": None,
        "can_edit": True,
        "can_view": True,
        "can_share": True,
        "can_update_basic": True,
        "is_superadmin": False,
        "allow_staff_override": False,
        "can_pin": True,
        "is_shared_with_project": True,
    }
    assert good(client, "GET", f"{flag['id']}/") == flag


def test_a_replacement_keeps_only_what_no_client_has_to_send(client: Client) -> None:
    """Description and test users go when they are left out; salt and author stay."""
    before = made(client, description="Dark colours")
    client.request("PUT", f"{BASE}{before['id']}/test-users/", json={"users": {"On": "ann"}})
    after = good(client, "PUT", f"{before['id']}/", json=FLAG | {"status": "enabled"})
    assert after == before | {
        "status": "enabled",
        "description": None,
        "enabled_at": "2026-03-01T00:00:00",
    }


def test_an_archived_flag_leaves_the_list_until_it_is_restored(client: Client) -> None:
    """It comes back switched off; archiving or restoring twice changes nothing more."""
    flag = made(client, status="enabled")
    for _ in range(2):
        assert good(client, "POST", f"{flag['id']}/archive/") == {}
    assert good(client, "GET", "") == []
    (archived,) = good(client, "GET", "", params={"include_archived": "true"})
    assert (archived["status"], archived["deleted"]) == ("archived", "2026-03-01T00:00:00")
    enabling = FLAG | {"status": "enabled"}
    assert refusal(client, "PUT", f"{flag['id']}/", json=enabling) == (
        400,
        f"Feature flag {flag['id']} is archived; restore it first",
    )
    for _ in range(2):
        restored = good(client, "DELETE", f"{flag['id']}/archive/")
        assert restored == flag | {"status": "disabled"}
    history = good(client, "GET", f"{flag['id']}/history/")["events"]
    assert [event[1] for event in history] == ["restored", "archived", "created"]


def test_copies_have_keys_of_their_own_and_are_off(client: Client) -> None:
    """The first is a copy, the second is copy 2."""
    flag = made(client, status="enabled")
    copies = [good(client, "POST", f"{flag['id']}/duplicate/") for _ in range(2)]
    assert [(copy["key"], copy["name"], copy["status"]) for copy in copies] == [
        ("dark_mode_copy", "Dark mode", "disabled"),
        ("dark_mode_copy_2", "Dark mode", "disabled"),
    ]
    assert len({flag["id"], *(copy["id"] for copy in copies)}) == 3
    assert all(copy["ruleset"] == RULESET for copy in copies)


def test_test_users_are_replaced_and_stand_in_the_ruleset_by_person(client: Client) -> None:
    """Asked by variant, kept by person; nobody is there after an empty request."""
    path = f"{made(client)['id']}/"
    for users, kept in ({"On": "ann", "Off": "ben"}, {"ann": "On", "ben": "Off"}), ({}, {}):
        answer = client.request("PUT", f"{BASE}{path}test-users/", json={"users": users})
        assert answer.status_code == 204
        assert good(client, "GET", path)["ruleset"]["test"] == {"users": kept}
    assert refusal(client, "PUT", f"{path}test-users/", json={"users": {"Maybe": "ann"}}) == (
        400,
        "users: there is no variant 'Maybe', only On, Off",
    )


def test_the_history_tells_what_changed_page_by_page(client: Client) -> None:
    """The latest change comes first; a request that changes nothing is not in it."""
    path = f"{made(client)['id']}/"
    for name in ("Night mode", "Night mode", "Dark"):
        good(client, "PUT", path, json=FLAG | {"name": name})
    told = {"at": "2026-03-01T00:00:00", "by": "Sandbox User"}
    first = good(client, "GET", f"{path}history/", params={"page": "", "page_size": 2})
    assert first == {
        "events": [
            [3, "updated", {**told, "changes": {"name": renamed("Night mode", "Dark")}}],
            [2, "updated", {**told, "changes": {"name": renamed("Dark mode", "Night mode")}}],
        ],
        "count": 3,
    }
    second = good(client, "GET", f"{path}history/", params={"page": "2", "page_size": 2})
    assert second == {"events": [[1, "created", {**told, "changes": {}}]], "count": 3}


def renamed(before: str, after: str) -> dict[str, str]:
    """A field's change as the history tells it."""
    return {"before": before, "after": after}


def test_a_deleted_flag_is_gone_and_its_key_is_free(client: Client) -> None:
    """It is not found, nor is its history."""
    path = f"{made(client)['id']}/"
    assert client.request("DELETE", BASE + path).status_code == 204
    for gone in (path, f"{path}history/"):
        assert refusal(client, "GET", gone)[0] == 404
    assert made(client)["key"] == "dark_mode"


@pytest.mark.parametrize("identifier", ["missing", "6f1f0c9e-5a52-4e7e-9a55-000000000001"])
def test_a_foreign_id_is_not_found(client: Client, identifier: str) -> None:
    """Neither is one that ends like the id of a flag."""
    made(client)
    assert refusal(client, "GET", f"{identifier}/") == (404, f"Feature flag {identifier} not found")


def test_there_may_be_only_so_many_flags(client: Client) -> None:
    """Archived ones do not count; creating, copying and restoring do."""
    flags = [made(client, key=f"flag_{number}") for number in range(100)]
    limits = client.get(f"{PROJECT}/feature-flags/limits/").json()["results"]
    assert limits == {
        "limit": 100,
        "is_trial": False,
        "current_usage": 100,
        "contract_status": "active",
    }
    refused = (400, "The limit of 100 feature flags is reached")
    assert refusal(client, "POST", "", json=FLAG) == refused
    assert refusal(client, "POST", f"{flags[0]['id']}/duplicate/") == refused
    good(client, "POST", f"{flags[0]['id']}/archive/")
    made(client)
    assert refusal(client, "DELETE", f"{flags[0]['id']}/archive/") == refused


def with_variant(**fields: Any) -> dict[str, Any]:
    """A ruleset with one variant that differs from a good one."""
    return {"ruleset": {"variants": [ON | fields], "rollout": []}}


def with_rollout(**fields: Any) -> dict[str, Any]:
    """A ruleset with one group that differs from a good one."""
    group = {"rollout_percentage": 0.3, "variant_splits": {"On": 1.0}}
    return {"ruleset": {"variants": [ON], "rollout": [group | fields]}}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "name must have 1 to 255 characters"),
        ({"tags": None}, "tags is required"),
        ({"serving_method": "both"}, "serving_method must be one of client, server, "),
        ({"status": "on"}, "status must be one of enabled, disabled, archived, not 'on'"),
        ({"colour": "red"}, "colour is not known"),
        ({"hash_salt": "short"}, "hash_salt must have 32 characters"),
        ({"ruleset": {"variants": [ON]}}, "ruleset.rollout must be a list"),
        ({"ruleset": {"variants": [ON, ON], "rollout": []}}, "must have keys of their own"),
        ({"ruleset": {"variants": [ON] * 12, "rollout": []}}, "at most 11 variants"),
        (with_variant(split=50), "variant.split must be a number from 0 to 1, not 50"),
        (with_variant(is_control=None), "variant.is_control must be true or false"),
        (with_variant(weight=1), "variant.weight is not known"),
        (with_variant(value="x" * 32_769), "may have at most 32768 characters"),
        (with_rollout(rollout_percentage=30), "rollout_percentage must be a number from 0 to 1"),
        (with_rollout(variant_splits={"Maybe": 1}), "there is no variant 'Maybe', only On"),
        (with_rollout(variant_override={"key": "Off"}), "there is no variant 'Off', only On"),
    ],
)
def test_a_malformed_flag_is_refused(client: Client, fields: dict[str, Any], sentence: str) -> None:
    """Names, words, shares and variants are checked, and unknown fields are refused."""
    status, error = refusal(client, "POST", "", json=FLAG | fields)
    assert (status, sentence in error) == (400, True), error


def test_a_key_is_one_flags_own(client: Client) -> None:
    """It can be taken neither by a new flag nor by a change."""
    made(client)
    taken = (400, "A feature flag with the key 'dark_mode' exists already")
    assert refusal(client, "POST", "", json=FLAG) == taken
    other = made(client, key="night")
    assert refusal(client, "PUT", f"{other['id']}/", json=FLAG) == taken
