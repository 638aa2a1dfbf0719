"""Service accounts made in the sandbox: let in by their secrets, as far as their roles go."""

from typing import Any

import pytest
from sandbox_client import Client, Clock, results_of

BASE = "/api/app/organizations/1/service-accounts"
OF_PROJECT = "/api/app/projects/1/service-accounts"
NAMES = "/api/query/events/names"
DASHBOARDS = "/api/app/projects/1/dashboards"
DELETIONS = "/api/app/projects/1/data-definitions/events/deletion-requests/"
SCHEMA = "/api/app/projects/1/schemas/event/Buy"
OWN = {
    "id": 1,
    "username": "sandbox",
    "last_used": "2026-03-01T00:00:00Z",
    "expires": None,
    "creator": 1,
    "created": None,
    "user": 1001,
}
CI = {
    "id": 2,
    "username": "ci",
    "last_used": None,
    "expires": None,
    "creator": 1,
    "created": "2026-03-01T00:00:00Z",
    "user": 1002,
}


def made(client: Client, username: str = "ci", **fields: Any) -> tuple[str, str]:
    """Create an account and return its credentials."""
    answer = client.post(BASE, {"username": username, **fields})
    assert answer.status_code == 201, answer.text
    return username, answer.json()["results"]["token"]


def in_project(role: str) -> list[dict[str, Any]]:
    """A membership of the project."""
    return [{"id": 1, "role": role}]


def status(client: Client, auth: tuple[str, str], path: str = NAMES, **options: Any) -> int:
    """What somebody who shows these credentials is answered with."""
    method = options.pop("method", "GET")
    return client.request(method, path, auth=auth, **options).status_code


def test_an_account_is_listed_without_its_secret(client: Client) -> None:
    """Beside the sandbox's own; the secret was in the answer to its creation alone."""
    created = client.post(BASE, {"username": "ci", "role": "analyst"}).json()["results"]
    assert len(created.pop("token")) >= 32
    assert created == CI
    assert results_of(client.get(BASE)) == [OWN, CI]
    assert client.get(f"{BASE}/2").json() == CI


def test_a_secret_is_good_until_its_account_goes(client: Client) -> None:
    """Only beside its own user name."""
    ci, other = made(client, projects=in_project("analyst")), made(client, "other")
    assert status(client, ci) == 200
    assert status(client, ("other", ci[1])) == status(client, ("ci", other[1])) == 401
    assert client.request("DELETE", f"{BASE}/2").json() == {"status": "ok"}
    assert status(client, ci) == 401
    assert client.request("DELETE", f"{BASE}/2").status_code == 404


def test_an_account_ends_when_it_was_said_to(client: Client, clock: Clock) -> None:
    """The end is written in UTC."""
    ends = "2026-03-02T02:00:00+02:00"
    ci = made(client, expires=ends, projects=in_project("analyst"))
    assert client.get(f"{BASE}/2").json()["expires"] == "2026-03-02T00:00:00Z"
    clock.move(hours=23)
    assert status(client, ci) == 200
    clock.move(hours=1)
    assert status(client, ci) == 401


def test_the_last_use_is_told(client: Client, clock: Clock) -> None:
    """To the minute; a refused secret is no use."""
    ci = made(client, projects=in_project("analyst"))
    status(client, ("ci", "wrong"))
    assert client.get(f"{BASE}/2").json()["last_used"] is None
    clock.move(minutes=5)
    status(client, ci)
    clock.move(seconds=30)
    status(client, ci)
    assert client.get(f"{BASE}/2").json()["last_used"] == "2026-03-01T00:05:00Z"


def test_an_account_works_where_it_was_admitted(client: Client) -> None:
    """Until it is taken out; admitted again it has the role that came last."""
    ci = made(client)
    assert status(client, ci) == 403
    admit = {"service_account_ids": [2], "projects": in_project("consumer")}
    for _ in range(2):
        assert client.post(f"{BASE}/add-to-project", admit).json() == {"status": "ok"}
    assert status(client, ci) == 200
    (owner, member) = results_of(client.get(OF_PROJECT))
    assert member == CI | {
        "last_used": "2026-03-01T00:00:00Z",
        "hasSensitiveAccess": False,
        "role": "consumer",
        "target_type": "individual",
    }
    assert (owner["role"], owner["target_type"]) == ("owner", "organization")
    leave = {"projects": [{"id": 1, "service_account_ids": [2]}]}
    for _ in range(2):
        assert client.post(f"{BASE}/remove-from-project", leave).json() == {"status": "ok"}
    assert status(client, ci) == 403
    assert len(results_of(client.get(OF_PROJECT))) == 1


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        ("owner", [200, 200, 200, 200, 200]),
        ("admin", [200, 200, 200, 200, 200]),
        ("analyst", [200, 200, 200, 403, 403]),
        ("consumer", [200, 200, 403, 403, 403]),
    ],
)
def test_a_role_decides_what_may_be_changed(client: Client, role: str, statuses: list[int]) -> None:
    """Consumers read, analysts make reports, admins and owners import and govern."""
    ci = made(client, projects=in_project(role))
    assert [
        status(client, ci),
        status(client, ci, DELETIONS),
        status(client, ci, DASHBOARDS, method="POST", json={"title": "A"}),
        status(client, ci, SCHEMA, method="POST", json={}),
        status(client, ci, "/import", method="POST", json=[]),
    ] == statuses


def test_admins_of_the_organization_manage_accounts(client: Client) -> None:
    """They are admins of every project too; others may not even look."""
    admin, member = made(client, role="admin"), made(client, "other", projects=in_project("owner"))
    assert [status(client, who, BASE) for who in (admin, member)] == [200, 403]
    assert status(client, admin, SCHEMA, method="POST", json={}) == 200
    refusal = client.request("GET", BASE, auth=member).json()["error"]
    assert refusal == "You are consumer of this organization; this needs owner or admin."


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("", {}, 400),
        ("", {"username": "sandbox"}, 400),
        ("", {"username": "a:b"}, 400),
        ("", {"username": "ci", "role": "king"}, 400),
        ("", {"username": "ci", "expires": "2026-02-01T00:00:00Z"}, 400),
        ("", {"username": "ci", "expires": "2027-01-01T00:00:00"}, 400),
        ("", {"username": "ci", "expires": "9999-12-31T23:59:59-14:00"}, 400),
        ("", {"username": "ci", "projects": [{"id": 2, "role": "admin"}]}, 403),
        ("/add-to-project", {"service_account_ids": [2]}, 404),
        ("/add-to-project", {"service_account_ids": [1], "projects": in_project("admin")}, 400),
        ("/remove-from-project", {"projects": [{"id": 1, "service_account_ids": []}]}, 400),
        ("/remove-from-project", {"projects": []}, 400),
    ],
)
def test_a_wrong_request_changes_nothing(
    client: Client, path: str, body: dict[str, Any], code: int
) -> None:
    """Names, roles, ends and numbers are checked."""
    answer = client.post(f"{BASE}{path}", body)
    assert (answer.status_code, answer.json()["status"]) == (code, "error")
    assert results_of(client.get(BASE)) == [OWN]


def test_another_organization_is_forbidden(client: Client) -> None:
    """The sandbox has one."""
    answer = client.get("/api/app/organizations/2/service-accounts")
    assert answer.status_code == 403
