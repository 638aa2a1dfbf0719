"""`/engage` and `/groups`: what updates leave behind, and what is said of those that cannot be."""

import json
from typing import Any

import pytest
from sandbox_client import Client, results_of

ACCEPTED = {"status": 1, "error": None}
ENGAGE = "/api/query/engage/"


def update(client: Client, *updates: dict[str, Any], path: str = "/engage", **query: Any) -> Any:
    """Send updates of u1, or whom they name, without credentials; the answer's body."""
    named = {"$token": "sandbox"} | ({"$distinct_id": "u1"} if path == "/engage" else {})
    body = [{**named, **each} for each in updates]
    query = {"verbose": "1", **query}
    return client.request("POST", path, auth=None, json=body, params=query).json()


def group(key: str, group_id: str, **operation: Any) -> dict[str, Any]:
    """An update of a group."""
    return {"$group_key": key, "$group_id": group_id, **operation}


def groups_of(client: Client, number: str, **fields: Any) -> dict[str, Any]:
    """The profiles of a data group that a query finds."""
    found = results_of(client.post(ENGAGE, {"data_group_id": number, **fields}))
    return {each["$distinct_id"]: each["$properties"] for each in found}


def test_operators_of_one_update_apply_in_its_order(client: Client) -> None:
    """What was deleted begins anew."""
    client.set_profile("u1", {"plan": "pro"})
    update(client, {"$delete": "", "$set": {"n": 1}, "$add": {"n": 2}, "$append": {"n": 5}})
    assert client.profiles() == {"u1": {"n": [3, 5]}}


def test_what_only_takes_away_makes_no_profile(client: Client) -> None:
    """Nor does a deletion; everything else does."""
    assert update(client, {"$unset": ["a"]}, {"$remove": {"a": 1}}, {"$delete": ""}) == ACCEPTED
    assert client.profiles() == {}
    update(client, {"$set": {}}, {"$distinct_id": "u2", "$union": {"tags": [1, 1, True]}})
    assert client.profiles() == {"u1": {}, "u2": {"tags": [1, True]}}


def test_a_deleted_profile_can_be_created_again(client: Client) -> None:
    """After `$delete` nothing of the old profile is left."""
    client.set_profile("u1", {"plan": "pro"})
    update(client, {"$delete": ""})
    assert client.profiles() == {}
    client.set_profile("u1", {"city": "Oslo"})
    assert client.profiles() == {"u1": {"city": "Oslo"}}


def test_one_good_update_makes_a_good_answer(client: Client) -> None:
    """The malformed beside it are dropped without a word; alone they are told of."""
    bad = {"$set": ["plan"]}
    assert update(client, bad, {"$set": {"plan": "free"}}) == ACCEPTED
    assert client.profiles() == {"u1": {"plan": "free"}}
    assert update(client, bad) == {
        "status": 0,
        "error": "'$set' is invalid: must be an object",
    }
    assert update(client, bad, verbose="0") == 0


def test_strict_names_each_bad_update_and_takes_the_others(client: Client) -> None:
    """Its answer has a form of its own."""
    good = {"$set": {"plan": "free"}}
    assert update(client, good, strict="1") == {"code": 200, "num_good_events": 1, "status": "OK"}
    bad = [{"$distinct_id": "", **good}, {}, {"$unset": "plan"}, {"$add": 1}]
    assert update(client, bad[0], {"$set": {"n": 1}}, *bad[1:], strict="1") == {
        "code": 400,
        "error": "some data points in the request failed validation",
        "failed_records": [
            {
                "index": 0,
                "field": "$distinct_id",
                "message": "'$distinct_id' is invalid: must be present",
            },
            {
                "index": 2,
                "field": "update",
                "message": "'update' is invalid: needs an operator such as $set",
            },
            {
                "index": 3,
                "field": "$unset",
                "message": "'$unset' is invalid: must be a list of names",
            },
            {"index": 4, "field": "$add", "message": "'$add' is invalid: must be an object"},
        ],
        "num_good_events": 1,
        "status": "Bad Request",
    }
    assert client.profiles() == {"u1": {"plan": "free", "n": 1}}


def test_a_profile_holds_two_thousand_properties(client: Client) -> None:
    """One more is refused and changes nothing; long names are cut."""
    update(client, {"$set": {f"p{number}": 1 for number in range(1999)} | {"x" * 300: 1}})
    assert "x" * 255 in client.profiles()["u1"]
    assert update(client, {"$set": {"p0": 2, "more": 1}})["error"] == (
        "'$set' is invalid: a profile may have at most 2000 properties"
    )
    assert (len(client.profiles()["u1"]), client.profiles()["u1"]["p0"]) == (2000, 1)


def test_a_list_holds_256_kilobytes(client: Client) -> None:
    """An item that would be too much is refused."""
    update(client, {"$union": {"tags": [f"{number:06}" for number in range(28_000)]}})
    answer = update(client, {"$append": {"tags": "x" * 9_000, "other": 1}})
    assert answer["error"] == "'$append.tags' is invalid: a list may have at most 256000 bytes"
    assert len(client.profiles()["u1"]["tags"]) == 28_000


@pytest.mark.parametrize("path", ["/engage", "/groups"])
def test_requests_are_limited(client: Client, path: str) -> None:
    """2,000 updates, a megabyte, and no compression."""
    each = {"$token": "sandbox", "$distinct_id": "u", **group("k", "g"), "$set": {}}

    def sent(updates: list[Any], **headers: str) -> int:
        content = json.dumps(updates).encode()
        return client.request("POST", path, auth=None, content=content, headers=headers).status_code

    assert sent([each] * 2000) == 200
    assert sent([each] * 2001) == 400
    assert sent([{**each, "$set": {"a": "x" * 1_000_000}}]) == 413
    assert sent([each], **{"content-encoding": "gzip"}) == 400


def test_an_unknown_token_is_unauthorized(client: Client) -> None:
    """Nothing of the request is applied."""
    body = [{"$token": "other", "$distinct_id": "u1", "$set": {"a": 1}}]
    answer = client.request("POST", "/engage", auth=None, json=body)
    assert (answer.status_code, answer.json()) == (
        401,
        {"status": "error", "error": "Invalid project token"},
    )


def test_groups_have_profiles_of_their_own(client: Client) -> None:
    """By key and id, with all operators; queries find them by the number of their key."""
    assert (
        update(
            client,
            group("company", "acme", **{"$set": {"plan": "pro", "seats": 5}}),
            group("company", "acme", **{"$union": {"tags": ["a", "b"]}, "$add": {"seats": 2}}),
            group("company", "zeta", **{"$set_once": {"plan": "free"}, "$ignore_time": True}),
            group("team", "acme", **{"$set": {"size": 3}}),
            path="/groups",
        )
        == ACCEPTED
    )
    seen = "2026-03-01T00:00:00"
    acme = {"plan": "pro", "seats": 7, "tags": ["a", "b"], "$last_seen": seen}
    assert groups_of(client, "1") == {"acme": acme, "zeta": {"plan": "free"}}
    assert groups_of(client, "2") == {"acme": {"size": 3, "$last_seen": seen}}
    assert groups_of(client, "1", where='properties["seats"] > 6') == {"acme": acme}
    assert groups_of(client, "1", distinct_id="zeta") == {"zeta": {"plan": "free"}}
    assert client.profiles() == {}
    update(client, group("company", "acme", **{"$delete": ""}), path="/groups")
    assert list(groups_of(client, "1")) == ["zeta"]
    count = client.post(f"{ENGAGE}stats", {"action": "count()", "data_group_id": "1"})
    assert count.json()["results"] == 1


def test_events_are_counted_by_the_profile_of_their_group(client: Client) -> None:
    """Found by the property called like the key; the first of several groups counts."""
    update(
        client,
        group("company", "acme", **{"$set": {"plan": "pro", "seats": 5, "closed": None}}),
        group("team", "4", **{"$set": {"size": 3, "seats": 9}}),
        path="/groups",
    )
    client.load(
        {"event": "Buy", "distinct_id": "u", "time": "2026-02-02T10:00:00Z", "properties": named}
        for named in (
            {"company": "acme", "team": 4},
            {"company": ["acme", "zeta"]},
            {"company": "zeta", "team": ["4"], "plan": "free"},
            {"team": "4.0"},
        )
    )

    def by(expression: str) -> dict[str, int]:
        asked = {"event": "Buy", "from_date": "2026-02-02", "to_date": "2026-02-02"}
        answer = client.get("/api/query/segmentation", on=expression, **asked).json()
        return {name: sum(days.values()) for name, days in answer["data"]["values"].items()}

    assert by('group_properties["plan"]') == {"pro": 2, "undefined": 2}
    assert by('group_properties["size"] + 1') == {"4": 2, "undefined": 2}
    assert by('group_properties["seats"]') == {"5": 2, "9": 1, "undefined": 1}
    assert by('group_properties["closed"] == null') == {"true": 2, "false": 2}
    assert by('group_properties["company"]') == {"undefined": 4}


def test_a_number_of_no_group_is_told_the_others(client: Client) -> None:
    """Nobody has to guess which number a key has."""
    update(client, group("company", "acme", **{"$set": {}}), path="/groups")
    answer = client.post(ENGAGE, {"data_group_id": 7})
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "data_group_id must be one of 1 (company), not '7'",
    )
