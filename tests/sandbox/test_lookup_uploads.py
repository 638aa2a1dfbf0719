"""Lookup tables: put as files, registered, joined, replaced, read back, deleted."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from report_bodies import body, events, group, metric
from sandbox_client import Client

BASE = "/api/app/projects/1/data-definitions/lookup-tables/"
CSV = {"content-type": "text/csv"}
BRANDS = "sku,brand,weight\nP1,Fjell,1.5\nP2,Tarn,\n"


def put(client: Client, content: str | bytes) -> tuple[dict[str, str], httpx.Response]:
    """Ask for a URL and put a file there, without credentials."""
    place = client.get(f"{BASE}upload-url/", **{"content-type": "text/csv"}).json()["results"]
    return place, client.request("PUT", place["url"], content=content, headers=CSV, auth=None)


def registered(client: Client, content: str | bytes, **more: Any) -> httpx.Response:
    """Put a file and make a table of it."""
    place, answer = put(client, content)
    assert answer.status_code == 200, answer.text
    form = {"name": "Brands", "path": place["path"], "key": place["key"], **more}
    return client.request("POST", BASE, data=form)


def by_brand(client: Client) -> Any:
    """Return how many events A there are of each brand."""
    report = body(metric("A"), group=[group("sku → brand")], chart="bar")
    node = client.post("/api/query/insights", report).json()["series"]["A"]
    return {name: cell["all"] for name, cell in node.items() if name != "$overall"}


def test_a_table_is_joined_to_the_property_of_its_first_column(client: Client) -> None:
    """Uploaded, it is listed and used in queries at once."""
    client.load([*events("A", sku="P1"), *events("A", sku="P2"), *events("A", sku="P3")])
    table = registered(client, BRANDS).json()["results"]
    assert table == {
        "id": 1,
        "name": "Brands",
        "token": "lookup-1",
        "createdAt": "2026-03-01T00:00:00",
        "lastModifiedAt": "2026-03-01T00:00:00",
        "hasMappedProperties": True,
        "mappedProperties": [
            {"value": "sku", "resourceType": "event"},
            {"value": "sku", "resourceType": "user"},
        ],
    }
    assert client.get(BASE).json()["results"] == [table]
    assert by_brand(client) == {"Fjell": 1, "Tarn": 1, "undefined": 1}


def test_replacing_a_table_changes_past_results(client: Client) -> None:
    """Number and date of creation stay; rows that are not in the new file are gone."""
    client.load([*events("A", sku="P1"), *events("A", sku="P2")])
    registered(client, BRANDS)
    table = registered(client, "sku,brand\nP2,Birch\n", **{"data-group-id": "1"}).json()["results"]
    assert (table["id"], table["createdAt"]) == (1, "2026-03-01T00:00:00")
    assert by_brand(client) == {"Birch": 1, "undefined": 1}


def test_a_table_is_read_back_as_it_was_written(client: Client) -> None:
    """As a whole or its first rows, and from a URL that needs no credentials."""
    text = 'sku,note\nP1,"two\nlines"\nP2,"a ""b"""\n'
    registered(client, text)
    one = {"data-group-id": "1"}
    whole = client.get(f"{BASE}download/", **one)
    assert (whole.text, whole.headers["content-type"]) == (text, "text/csv; charset=utf-8")
    head = client.get(f"{BASE}download/", **one, limit="1").text
    assert head == 'sku,note\nP1,"two\nlines"\n'
    url = client.get(f"{BASE}download-url/", **one).json()["results"]["url"]
    assert client.request("GET", url, auth=None).text == text


def test_cells_have_the_types_that_they_are_written_in(client: Client) -> None:
    """Numbers, truth values, lists of texts, nothing for empty cells, else text."""
    registered(client, 'sku,v\na,1.50\nb,true\nc,"[""x"", ""y""]"\nd,\ne,007\nf,"[1]"\n')
    with client.sandbox.store.read() as database:
        statement = "select key, columns['v']::json::varchar from own.lookup_rows order by key"
        rows = database.rows(statement)
    assert rows == [
        ("a", "1.5"),
        ("b", "true"),
        ("c", '["x","y"]'),
        ("d", None),
        ("e", '"007"'),
        ("f", '"[1]"'),
    ]


def test_a_large_file_becomes_a_job(client: Client) -> None:
    """Its state tells the table; an unknown job is not found."""
    rows = "".join(f"{number},{'x' * 500}\n" for number in range(10_100))
    upload = registered(client, f"sku,text\n{rows}").json()["results"]["uploadId"]
    status = client.get(f"{BASE}upload-status/", **{"upload-id": upload}).json()["results"]
    assert (status["uploadStatus"], status["result"]["id"]) == ("SUCCESS", 1)
    unknown = client.get(f"{BASE}upload-status/", **{"upload-id": "upload-9"}).json()["results"]
    assert unknown == {"uploadStatus": "NOTFOUND"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "The file needs a header row with a key column and another one"),
        ("sku\nP1\n", "The file needs a header row with a key column and another one"),
        ("sku,sku\nP1,x\n", "The names in the header row must be unique and not blank"),
        ("sku,a\nP1,x\nP1,y\n", "Row 1: repeats the sku 'P1'"),
        ("sku,a\n,x\n", "Row 0: has no sku"),
        ("sku,a\nP1\n", "Row 0: has 1 cells instead of 2"),
        ('sku,a\nP1,"x\n', "The file is no CSV in UTF-8: unexpected end of data"),
        (b"sku,a\nP1,\xff\n", "The file is no CSV in UTF-8: "),
    ],
)
def test_a_file_that_is_no_table_is_refused_whole(
    client: Client, content: str | bytes, words: str
) -> None:
    """The first fault is told, and nothing is stored."""
    answer = registered(client, content)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(words)
    assert client.get(BASE).json()["results"] == []


def test_a_signed_url_allows_what_it_was_signed_for(client: Client) -> None:
    """Another key, content type, method or signature is refused."""
    place, _ = put(client, BRANDS)
    url = place["url"]
    wrong: list[tuple[str, str, str]] = [
        ("PUT", url.replace(place["key"], "other.csv"), "text/csv"),
        ("PUT", url, "text/plain"),
        ("GET", url, "text/csv"),
        ("PUT", url[:-1] + ("0" if url[-1] != "0" else "1"), "text/csv"),
        ("PUT", urlsplit(url).path, "text/csv"),
    ]
    for method, target, kind in wrong:
        headers = {"content-type": kind}
        answer = client.request(method, target, content=b"x", headers=headers, auth=None)
        assert answer.status_code == 403, target


def test_a_table_needs_the_file_of_its_key(client: Client) -> None:
    """One that was never put, or another path than the key's, is refused."""
    place, _ = put(client, BRANDS)
    for form in (
        {"name": "B", "key": "none.csv"},
        {"name": "B", "key": place["key"], "path": "gs://sandbox/other.csv"},
        {"name": "", "key": place["key"]},
        {"name": "n" * 256, "key": place["key"]},
    ):
        assert client.request("POST", BASE, data=form).status_code == 400
    form = {"name": "B", "key": place["key"], "data-group-id": "7"}
    assert client.request("POST", BASE, data=form).status_code == 404
    assert client.request("POST", BASE, data={"name": "B", "key": place["key"]}).status_code == 200


def test_a_table_is_renamed(client: Client) -> None:
    """Its rows stay."""
    client.load(events("A", sku="P1"))
    registered(client, BRANDS)
    change = {"data-group-id": 1, "name": "Makers"}
    renamed = client.request("PATCH", BASE, json=change).json()["results"]
    assert renamed["name"] == "Makers"
    assert client.get(BASE, **{"data-group-id": "1"}).json()["results"] == [renamed]
    assert by_brand(client) == {"Fjell": 1}


def test_deleted_tables_leave_no_column_behind(client: Client) -> None:
    """None goes when one of them is not there."""
    client.load(events("A", sku="P1"))
    registered(client, BRANDS)
    assert client.request("DELETE", BASE, json={"data-group-ids": [1, 2]}).status_code == 404
    assert by_brand(client) == {"Fjell": 1}
    assert client.request("DELETE", BASE, json={"data-group-ids": [1]}).status_code == 204
    assert client.get(BASE).json()["results"] == []
    assert by_brand(client) == {"undefined": 1}
    assert client.get(f"{BASE}download/", **{"data-group-id": "1"}).status_code == 404
