"""`/import`: what a batch may be, and that all or nothing of a body is read."""

import gzip
import json
from typing import Any

import pytest
from sandbox_client import NOW, Client

TIME = int(NOW.timestamp()) - 86_400


def event(number: int, **properties: Any) -> dict[str, Any]:
    """An event that is known by its number."""
    own = {"time": TIME + number, "distinct_id": "u", "$insert_id": f"i-{number}"}
    return {"event": "A", "properties": {**own, **properties}}


def sent(client: Client, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer to a body as it is."""
    answer = client.request("POST", "/import", content=body, headers=headers)
    return answer.status_code, answer.json()


def ids(client: Client) -> list[str]:
    """The insert ids of what is stored."""
    return [line["properties"]["$insert_id"] for line in client.exported()]


def lines(*numbers: int) -> bytes:
    """Events as lines."""
    return b"".join(json.dumps(event(number)).encode() + b"\n" for number in numbers)


def test_half_a_gzip_is_refused_as_a_whole(client: Client) -> None:
    """What arrived of a body that was cut is not taken for all of it."""
    whole = gzip.compress(lines(*range(50)))
    status, body = sent(client, whole[:-20], **{"Content-Encoding": "gzip"})
    assert (status, body) == (
        400,
        {
            "code": 400,
            "error": "The body is not valid gzip.",
            "num_records_imported": 0,
            "status": "Bad Request",
        },
    )
    assert client.exported() == []


def test_members_of_a_gzip_are_all_read(client: Client) -> None:
    """A body may be several gzips one after another."""
    packed = gzip.compress(lines(1)) + gzip.compress(lines(2))
    status, body = sent(client, packed, **{"Content-Encoding": "gzip"})
    assert (status, body["num_records_imported"]) == (200, 2)
    assert ids(client) == ["i-1", "i-2"]


def test_event_that_is_too_large_is_refused_alone(client: Client) -> None:
    """An event has at most a megabyte; its neighbours are in."""
    events = [event(1), event(2, text="x" * (1 << 20)), event(3)]
    status, body = sent(client, json.dumps(events).encode())
    assert (status, body["num_records_imported"]) == (400, 2)
    assert body["failed_records"] == [
        {
            "index": 1,
            "insert_id": "i-2",
            "field": "event",
            "message": "'event' is invalid: must have at most 1048576 bytes",
        }
    ]
    assert ids(client) == ["i-1", "i-3"]


@pytest.mark.parametrize("strict", ["1", "0"])
def test_line_that_is_no_json_refuses_the_batch(client: Client, strict: str) -> None:
    """A body that cannot be read is nobody's event, strict or not."""
    status, body = sent(client, lines(1) + b'{"event": "A", "prop\n')
    assert status == 400
    assert "not valid JSON" in body["error"]
    assert client.exported() == []


def test_half_a_character_is_replaced_in_names_and_values(client: Client) -> None:
    """JSON may hold halves of surrogate pairs, which no text may; one costs no event."""
    body = lines(1) + json.dumps(event(2, **{"\ud800": "a\udc00"})).encode()
    status, answer = sent(client, body)
    assert (status, answer["num_records_imported"]) == (200, 2)
    assert client.exported()[1]["properties"]["?"] == "a?"


@pytest.mark.parametrize("time", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_time_that_is_no_number_of_seconds_is_refused_alone(client: Client, time: str) -> None:
    """Python's JSON knows more numbers than there are moments."""
    strange = json.dumps(event(2)).replace(str(TIME + 2), time)
    status, answer = sent(client, lines(1) + strange.encode())
    assert (status, answer["num_records_imported"]) == (400, 1)
    assert [each["field"] for each in answer["failed_records"]] == ["properties.time"]


@pytest.mark.parametrize("depth", [2_000, 200_000])
def test_lists_without_end_are_refused(client: Client, depth: int) -> None:
    """A body that no parser can follow is no JSON."""
    status, answer = sent(client, b"[" * depth + b"]" * depth)
    assert (status, answer["num_records_imported"]) == (400, 0)
    assert answer["error"].startswith("The body is not valid JSON: ")
