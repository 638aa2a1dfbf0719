"""Requests under GDPR and CCPA: states by the clock, files of data, data that is gone."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sandbox_client import Client, Clock, open_empty, results_of

from mixpanel_mcp_sandbox import open_sandbox

RETRIEVALS = "/api/app/data-retrievals/v3.0/"
DELETIONS = "/api/app/data-deletions/v3.0/"
BEARER = {"Authorization": "Bearer sandbox"}


@pytest.fixture
def client(clock: Clock) -> Generator[Client]:
    """A client of a sandbox whose clock can be moved, with data of Ann and Ben."""
    with open_empty(clock) as sandbox:
        client = Client(sandbox)
        client.load(
            [
                did("View", "ann", mp_lib="web"),
                did("Buy", "ann", amount=5, **{"$insert_id": "i-1"}),
                did("View", "ben"),
                did("View", "$device:d1", **{"$device_id": "d1"}),
                did("Sign Up", "ann", **{"$device_id": "d1", "$user_id": "ann"}),
            ]
        )
        client.set_profile("ann", {"plan": "pro"})
        client.set_profile("ben", {"plan": "free"})
        yield client


def did(event: str, who: str, **properties: Any) -> dict[str, Any]:
    """An event of the day before."""
    time = "2026-02-28T00:00:00Z"
    return {"event": event, "distinct_id": who, "time": time, "properties": properties}


def asked(client: Client, method: str, path: str, **options: Any) -> httpx.Response:
    """Ask with the bearer token and the project's."""
    options = {"params": {"token": "sandbox"}, "headers": BEARER, "auth": None, **options}
    return client.request(method, path, **options)


def requested(client: Client, path: str, *ids: str, **fields: Any) -> str:
    """Make a request and return where it can be asked for."""
    answer = asked(client, "POST", path, json={"distinct_ids": list(ids), **fields})
    assert answer.status_code == 201, answer.text
    return f"{path}{answer.json()['results']['task_id']}/"


def states(client: Client, clock: Clock, where: str, count: int = 4) -> list[str]:
    """The states of a request, every ten seconds from the first on."""
    seen: list[str] = []
    for _ in range(count):
        clock.move(seconds=1)
        seen.append(results_of(asked(client, "GET", where))["status"])
        clock.move(seconds=9)
    return seen


def held(client: Client) -> tuple[list[str], list[str]]:
    """The events and the profiles that there are."""
    return sorted(line["event"] for line in client.exported()), sorted(client.profiles())


def test_a_retrieval_ends_with_a_file(client: Client, clock: Clock) -> None:
    """It holds the profile and every event, those of a device that became theirs too."""
    where = requested(client, RETRIEVALS, "ann")
    seen = states(client, clock, where)
    assert seen == ["PENDING", "STAGING", "STARTED", "SUCCESS"]
    told = results_of(asked(client, "GET", where))
    assert (told["status"], told["distinct_ids"]) == ("SUCCESS", ["ann"])
    lines = client.request("GET", told["results"], auth=None).text.splitlines()
    profile, *events = [json.loads(line) for line in lines]
    assert profile == {"$distinct_id": "ann", "$properties": {"plan": "pro"}}
    assert sorted(event["event"] for event in events) == ["Buy", "Sign Up", "View", "View"]
    assert [e["properties"] for e in events if e["event"] == "Buy"] == [
        {"time": 1772236800, "distinct_id": "ann", "$insert_id": "i-1", "amount": 5}
    ]


@pytest.mark.parametrize(
    ("disclosure", "content"),
    [
        (
            "Categories",
            {
                "events": ["Buy", "Sign Up", "View"],
                "profile_properties": ["plan"],
            },
        ),
        ("Sources", {"sources": ["web"]}),
    ],
)
def test_a_disclosure_may_tell_what_is_held_instead(
    client: Client, clock: Clock, disclosure: str, content: dict[str, Any]
) -> None:
    """By CCPA somebody may ask for kinds or origins of data alone."""
    more = {"compliance_type": "CCPA", "disclosure_type": disclosure}
    where = requested(client, RETRIEVALS, "ann", **more)
    clock.move(seconds=30)
    url = results_of(asked(client, "GET", where))["results"]
    told = client.request("GET", url, auth=None).json()
    assert content.items() <= told.items()


def test_a_deletion_takes_events_and_profile(client: Client, clock: Clock) -> None:
    """All at once, at its end, whoever asks first."""
    where = requested(client, DELETIONS, "ann", "nobody")
    assert results_of(asked_later(client, clock, where)) == {
        "tracking_id": where.split("/")[-2],
        "status": "PENDING",
        "requesting_user": "sandbox@example.com",
        "compliance_type": "GDPR",
        "project_id": 1,
        "date_requested": "2026-03-01T00:00:00",
        "distinct_ids": ["ann", "nobody"],
    }
    clock.move(seconds=28)
    assert held(client) == (["Buy", "Sign Up", "View", "View", "View"], ["ann", "ben"])
    clock.move(seconds=1)
    assert held(client) == (["View"], ["ben"])
    assert results_of(asked(client, "GET", where))["status"] == "SUCCESS"


def asked_later(client: Client, clock: Clock, where: str, method: str = "GET") -> httpx.Response:
    """Ask a second after the last request."""
    clock.move(seconds=1)
    return asked(client, method, where)


def test_a_deletion_is_cancelled_until_it_starts(client: Client, clock: Clock) -> None:
    """Twice is as good as once; afterwards it goes on."""
    kept, lost = (requested_later(client, clock, "ann"), requested_later(client, clock, "ben"))
    for _ in range(2):
        answer = asked_later(client, clock, kept, "DELETE")
        assert (answer.status_code, answer.content) == (204, b"")
    assert results_of(asked_later(client, clock, kept))["status"] == "REVOKED"
    clock.move(seconds=20)
    late = asked(client, "DELETE", lost)
    assert late.status_code == 405
    assert late.json()["error"] == "The deletion is STARTED and can no longer be cancelled"
    clock.move(seconds=10)
    assert held(client)[1] == ["ann"]


def requested_later(client: Client, clock: Clock, who: str) -> str:
    """Ask for a deletion a second after the last request."""
    clock.move(seconds=1)
    return requested(client, DELETIONS, who)


def test_what_was_asked_for_outlives_a_restart(clock: Clock, tmp_path: Path) -> None:
    """It is done by the next sandbox on the same file, and seen as done by the one after."""
    path = str(tmp_path / "own.duckdb")
    with open_sandbox(path, now=clock) as sandbox:
        client = Client(sandbox)
        client.set_profile("ann", {"plan": "pro"})
        retrieval = requested(client, RETRIEVALS, "ann")
        clock.move(seconds=1)
        deletion = requested(client, DELETIONS, "ann")
    clock.move(seconds=60)
    with open_sandbox(path, now=clock) as sandbox:
        assert held(Client(sandbox)) == ([], [])
    with open_sandbox(path, now=clock) as sandbox:
        client = Client(sandbox)
        url = results_of(asked(client, "GET", retrieval))["results"]
        assert '"plan":"pro"' in client.request("GET", url, auth=None).text
        assert results_of(asked_later(client, clock, deletion))["status"] == "SUCCESS"


def test_an_unknown_request_is_not_found(client: Client, clock: Clock) -> None:
    """It is a state of its own to ask, and an error to cancel."""
    assert results_of(asked(client, "GET", f"{RETRIEVALS}abc/"))["status"] == "NOT_FOUND"
    assert results_of(asked_later(client, clock, f"{DELETIONS}abc/"))["status"] == "NOT_FOUND"
    assert asked_later(client, clock, f"{DELETIONS}abc/", "DELETE").status_code == 404


def test_one_request_a_second_is_taken(client: Client, clock: Clock) -> None:
    """The next one is told when to come again."""
    where = requested(client, DELETIONS, "ann")
    answer = asked(client, "GET", where)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert asked_later(client, clock, where).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (RETRIEVALS, {}, 400),
        (RETRIEVALS, {"distinct_ids": [""]}, 400),
        (RETRIEVALS, {"distinct_ids": ["a"] * 2001}, 400),
        (RETRIEVALS, {"distinct_ids": ["a"] * 2000}, 201),
        (DELETIONS, {"distinct_ids": ["a"] * 2000}, 400),
        (DELETIONS, {"distinct_ids": ["a"] * 1999}, 201),
        (DELETIONS, {"distinct_ids": ["a"], "compliance_type": "DSGVO"}, 400),
        (
            RETRIEVALS,
            {"distinct_ids": ["a"], "compliance_type": "CCPA", "disclosure_type": "All"},
            400,
        ),
    ],
)
def test_what_is_asked_for_is_checked(
    client: Client, path: str, body: dict[str, Any], status: int
) -> None:
    """Ids, laws and kinds of disclosure, and how many ids."""
    assert asked(client, "POST", path, json=body).status_code == status


def test_only_a_bearer_may_ask_about_people(client: Client) -> None:
    """And only for the project whose token is given."""
    body = {"distinct_ids": ["ann"]}
    account = ("sandbox", "sandbox")
    assert asked(client, "POST", DELETIONS, json=body, headers={}, auth=account).status_code == 401
    other = asked(client, "POST", DELETIONS, json=body, params={"token": "other"})
    assert (other.status_code, other.json()["status"]) == (403, "error")
