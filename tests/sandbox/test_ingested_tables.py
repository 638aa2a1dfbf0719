"""Lookup tables on the ingestion host: by UUIDs, replaced as a whole or not at all."""

import gzip
from collections.abc import Generator
from typing import Any

import httpx
import pytest
from sandbox_client import Client, Clock, open_empty

from mixpanel_mcp_sandbox.identifiers import uuid_of

APP = "/api/app/projects/1/data-definitions/lookup-tables/"
BASE = "/lookup-tables"
ID = uuid_of("lookup_tables", 1)
CSV = {"Content-Type": "text/csv"}
BRANDS = "sku,brand\nP1,Fjell\nP2,Tarn\n"


@pytest.fixture
def client(clock: Clock) -> Generator[Client]:
    """A client of a sandbox that has one table."""
    with open_empty(clock) as sandbox:
        client = Client(sandbox)
        place = client.get(f"{APP}upload-url/", **{"content-type": "text/csv"}).json()["results"]
        client.request("PUT", place["url"], content=BRANDS, headers=CSV, auth=None)
        form = {"name": "Brands", "path": place["path"], "key": place["key"]}
        assert client.request("POST", APP, data=form).status_code == 200
        yield client


def put(client: Client, table: str | bytes, identifier: str = ID, **options: Any) -> httpx.Response:
    """Put a table in the place of the one there is."""
    options = {"headers": CSV, **options}
    return client.request("PUT", f"{BASE}/{identifier}", content=table, **options)


def stored(client: Client) -> str:
    """The rows that the App API gives back."""
    return client.get(f"{APP}download/", **{"data-group-id": 1}).text


def test_a_table_of_the_app_is_known_by_another_id(client: Client) -> None:
    """The ingestion host names it by a UUID."""
    assert client.get(BASE).json() == {
        "code": 200,
        "status": "OK",
        "results": [{"id": ID, "name": "Brands"}],
    }


@pytest.mark.parametrize("packed", [False, True])
def test_a_table_is_replaced_as_a_whole(client: Client, packed: bool) -> None:
    """Rows that are not in the new one are gone; a body may be packed."""
    table = "sku,brand,size\nP3,Moor,4\n"
    body, headers = table.encode(), dict(CSV)
    if packed:
        body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
    assert put(client, body, headers=headers).json() == {"code": 200, "status": "OK"}
    assert stored(client) == table


def test_rows_at_fault_are_told_and_nothing_is_replaced(client: Client) -> None:
    """Up to ten of them."""
    answer = put(client, "sku,brand\nP1,A\n,B\nP1,C\n")
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "code": 400,
            "error": "Row 1: has no sku",
            "status": "Bad Request",
            "failed_records": [
                {"index": 1, "message": "has no sku"},
                {"index": 2, "message": "repeats the sku 'P1'"},
            ],
        },
    )
    assert stored(client) == BRANDS


@pytest.mark.parametrize("identifier", ["1", "abc", uuid_of("lookup_tables", 2), uuid_of("x", 1)])
def test_an_unknown_table_is_not_found(client: Client, identifier: str) -> None:
    """Neither a number nor the id of something else is one."""
    answer = put(client, BRANDS, identifier)
    assert (answer.status_code, answer.json()) == (
        404,
        {"code": 404, "error": f"There is no lookup table {identifier}", "status": "Not Found"},
    )


def test_only_a_service_account_may_ask(client: Client) -> None:
    """A bearer is refused in the host's own shape, and so is a project token."""
    bearer = {"Authorization": "Bearer sandbox"}
    answers = [
        client.request("GET", BASE, auth=None, headers=bearer),
        client.request("GET", BASE, auth=("sandbox", "")),
        put(client, BRANDS, auth=None, headers={**CSV, **bearer}),
    ]
    refusal = {"code": 401, "error": "Invalid credentials", "status": "Unauthorized"}
    assert [(each.status_code, each.json()) for each in answers] == [(401, refusal)] * 3


def test_a_hundred_replacements_a_day_are_taken(client: Client, clock: Clock) -> None:
    """The next one is taken when a day has gone by since the first."""
    taken = client.sandbox.store.table_pace.takes
    assert all(taken(int(clock.now.timestamp() * 1000)) for _ in range(99))
    assert put(client, "sku,brand\n").status_code == 200
    answer = put(client, "sku,brand\n")
    assert (answer.status_code, answer.json()["status"]) == (429, "Too Many Requests")
    clock.move(days=1)
    assert put(client, "sku,brand\n").status_code == 200
