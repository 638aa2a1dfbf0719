"""Who may call which path, and what everybody else is told."""

import gzip
import json

import pytest
from sandbox_client import Client

ME = "/api/app/me"


@pytest.mark.parametrize("credentials", [None, ("sandbox", "wrong"), ("other", "sandbox")])
def test_wrong_credentials_are_refused(client: Client, credentials: tuple[str, str] | None) -> None:
    """Without the sandbox's account the answer is 401 in the App API's shape."""
    answer = client.request("GET", ME, auth=credentials)
    assert answer.status_code == 401
    assert answer.json() == {"status": "error", "error": "Unable to authenticate request"}


def test_a_bearer_token_is_as_good_as_the_service_account(client: Client) -> None:
    """OAuth accounts send a bearer token."""
    answer = client.request("GET", ME, auth=None, headers={"Authorization": "Bearer sandbox"})
    assert answer.status_code == 200


def test_the_ingestion_host_refuses_in_its_own_shape(client: Client) -> None:
    """`/import` answers 401 with a code and a reason phrase."""
    answer = client.request("POST", "/import", auth=("sandbox", "wrong"), json=[])
    assert answer.status_code == 401
    assert answer.json() == {
        "code": 401,
        "error": "Invalid credentials",
        "status": "Unauthorized",
    }


@pytest.mark.parametrize(
    "path",
    [
        "/api/app/projects/2/dashboards",
        "/api/app/workspaces/9/dashboards",
        "/api/query/events/names?project_id=7",
    ],
)
def test_another_project_is_forbidden(client: Client, path: str) -> None:
    """The sandbox has project 1 and workspace 1 only."""
    answer = client.get(path) if "?" not in path else client.request("GET", path)
    assert answer.status_code == 403
    assert answer.json()["status"] == "error"


def test_the_project_in_a_query_body_is_checked_too(client: Client) -> None:
    """Insights name their project in the body."""
    answer = client.post("/api/query/insights", {"project_id": 3, "bookmark": {}})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "/nowhere", 404, "Unknown path /nowhere"),
        ("GET", "/api/app/me/", 404, "Unknown path /api/app/me/"),
        ("DELETE", "/api/app/me", 405, "DELETE is not allowed on /api/app/me"),
        ("GET", "/api/query/jql", 405, "GET is not allowed on /api/query/jql"),
        ("GET", "/s/abc", 501, None),
        ("GET", "/api/app/projects/1/annotations", 404, None),
        ("GET", "/api/app/projects/1/dashboards/", 404, None),
    ],
)
def test_a_path_that_is_not_answered_says_why(
    client: Client, method: str, path: str, status: int, sentence: str | None
) -> None:
    """Unknown is 404, a wrong method 405, and what Mixpanel has but we do not 501."""
    answer = client.request(method, path)
    assert answer.status_code == status
    if sentence:
        assert answer.json() == {"status": "error", "error": sentence}


@pytest.mark.parametrize("host", ["mixpanel.com", "eu.mixpanel.com", "in.mixpanel.com"])
def test_every_host_is_answered_behind_one_port(client: Client, host: str) -> None:
    """A path may begin with the host that would have been called."""
    assert client.get(f"/{host}{ME}").json() == client.get(ME).json()


def test_the_data_host_exports_and_the_api_host_imports(client: Client) -> None:
    """The other families have hosts of their own."""
    assert client.request("POST", "/api.mixpanel.com/import", json=[]).status_code == 200
    days = {"from_date": "2026-02-01", "to_date": "2026-02-02"}
    assert client.get("/data-eu.mixpanel.com/api/2.0/export", **days).text == ""


def test_me_names_the_project_and_its_workspace(client: Client) -> None:
    """`/me` is what a client resolves its session from."""
    results = client.get(ME).json()["results"]
    assert results["projects"]["1"]["name"] == "Sandbox"
    assert results["workspaces"]["1"]["name"] == "All Project Data"


def test_the_workspace_list_and_the_index_agree(client: Client) -> None:
    """Both ways of finding a workspace give the same one."""
    (workspace,) = client.get("/api/app/projects/1/workspaces/public").json()["results"]
    index = client.get("/api/app/projects/metadata/index").json()["results"]
    assert index == {"1": {"workspaces": {"1": workspace}}}


def test_a_body_that_is_no_json_is_a_bad_request(client: Client) -> None:
    """A parse error is the caller's."""
    answer = client.request("POST", "/api/query/insights", content=b"{nope")
    assert answer.status_code == 400
    assert "not valid JSON" in answer.json()["error"]


def test_a_gzipped_import_is_unpacked(client: Client) -> None:
    """Clients compress their batches."""
    event = {
        "event": "A",
        "properties": {"time": 1772300000, "distinct_id": "u", "$insert_id": "a"},
    }
    body = gzip.compress("\n".join([json.dumps(event)] * 2).encode())
    answer = client.request("POST", "/import", content=body, headers={"Content-Encoding": "gzip"})
    assert answer.json() == {"code": 200, "num_records_imported": 2, "status": "OK"}


def test_an_import_of_more_than_ten_megabytes_is_too_large(client: Client) -> None:
    """The limit counts the unpacked bytes, so that a small body cannot fill the memory."""
    body = gzip.compress(b" " * 10_000_001)
    answer = client.request("POST", "/import", content=body, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 413
    assert answer.json()["status"] == "Request Entity Too Large"
