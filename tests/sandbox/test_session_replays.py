"""Session replays: addresses that are signed for a while, and made-up files behind them."""

from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from sandbox_client import Client, Clock, open_empty, results_of

SIGN = "/api/app/projects/1/replays/sign/bulk"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SENT = (("$mp_session_record", 0), ("Checkout Started", 10), ("Payment Failed", 20))


@pytest.fixture
def clock() -> Clock:
    """The sandbox's clock."""
    return Clock(NOW)


@pytest.fixture
def client(clock: Clock) -> Generator[Client]:
    """A client of a sandbox that has seen one recorded checkout, and an event outside of it."""
    with open_empty(clock) as sandbox:
        client = Client(sandbox)
        client.load([sent(event, second) for event, second in SENT])
        client.load([{**sent("Visit", 5), "properties": {}}])
        yield client


def sent(event: str, second: int) -> dict[str, Any]:
    """An event of the replay r1."""
    properties: dict[str, Any] = {"$mp_replay_id": "r1"}
    if event == "$mp_session_record":
        properties["$mp_replay_retention_period"] = 30
    if event == "Payment Failed":
        properties |= {"error_code": "3DS_TIMEOUT", "$current_url": "https://shop.example.com/pay"}
    time = f"2026-02-20T10:00:{second:02}Z"
    return {"event": event, "distinct_id": "ann", "time": time, "properties": properties}


def signed(client: Client, *replays: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The addresses of recordings."""
    return results_of(client.post(SIGN, {"replays": list(replays)}))


def address(client: Client, file: str, replay: str = "r1", env: str = "prod") -> str:
    """The signed address of a file."""
    [found] = signed(client, {"replay_id": replay, "replay_env": env})
    return f"{found['url']}{file}?{found['query_string']}"


def fetched(client: Client, url: str) -> Any:
    """The answer to an address, asked for without credentials."""
    return client.request("GET", url, auth=None)


def test_addresses_are_told_in_the_order_they_were_asked_for(client: Client) -> None:
    """Whether there is a recording or not."""
    first, second = signed(client, {"replay_id": "r1"}, {"replay_id": "x/y", "replay_env": "dev"})
    assert (first["replay_id"], first["url"]) == ("r1", "http://sandbox/recordings/prod/r1/")
    assert (second["replay_id"], second["url"]) == ("x/y", "http://sandbox/recordings/dev/x%2Fy/")
    assert first["query_string"] != second["query_string"]


def test_a_recording_tells_what_its_events_tell(client: Client) -> None:
    """A page for each event, a click where it was sent, an error where something failed."""
    moments = fetched(client, address(client, "0000-30.json")).json()
    assert [(each["type"], each["data"].get("source")) for each in moments] == [
        (4, None),
        (2, None),
        (3, 3),
        (3, 2),
        (4, None),
        (2, None),
        (3, 3),
        (3, 2),
        (6, None),
    ]
    assert [each["data"]["href"] for each in moments if each["type"] == 4] == [
        "https://shop.example.com/checkout-started",
        "https://shop.example.com/pay",
    ]
    assert moments[-1]["data"]["payload"]["payload"] == ['"Payment Failed: 3DS_TIMEOUT"']
    times = [each["timestamp"] for each in moments]
    assert times == sorted(set(times))
    assert times[3] == int(datetime(2026, 2, 20, 10, 0, 10, tzinfo=UTC).timestamp() * 1000)


def test_a_long_recording_has_several_files(client: Client) -> None:
    """Forty moments each, and none behind the last."""
    client.load([sent("Checkout Started", 30) for _ in range(20)])
    sizes = [
        len(answer.json()) if (answer := fetched(client, url)).status_code == 200 else None
        for url in (address(client, f"{number:04}-30.json") for number in range(4))
    ]
    assert sizes == [40, 40, 9, None]


@pytest.mark.parametrize(
    ("file", "replay", "env"),
    [
        ("0001-30.json", "r1", "prod"),
        ("0000-7.json", "r1", "prod"),
        ("0000-30.json", "r2", "prod"),
        ("0000-30.json", "r1", "dev"),
        ("index.html", "r1", "prod"),
    ],
)
def test_what_was_not_recorded_is_not_found(
    client: Client, file: str, replay: str, env: str
) -> None:
    """Other numbers, days, ids and environments have no files."""
    assert fetched(client, address(client, file, replay, env)).status_code == 404


def test_a_recording_is_gone_when_its_days_are_over(client: Client, clock: Clock) -> None:
    """They begin when it was recorded."""
    clock.move(days=21)
    assert fetched(client, address(client, "0000-30.json")).status_code == 200
    clock.move(days=1)
    assert fetched(client, address(client, "0000-30.json")).status_code == 404


def test_a_signature_is_good_for_one_recording_and_a_quarter_of_an_hour(
    client: Client, clock: Clock
) -> None:
    """Without it, for another one, or later, nothing is shown."""
    url = address(client, "0000-30.json")
    assert fetched(client, url.partition("?")[0]).status_code == 403
    assert fetched(client, url.replace("/r1/", "/r2/")).status_code == 403
    clock.move(minutes=16)
    assert fetched(client, url).json()["error"] == "ExpiredToken"


@pytest.mark.parametrize(
    "replays",
    [[], None, [{}], [{"replay_id": "r1", "replay_env": "test"}], [{"replay_id": "r1"}] * 101],
)
def test_a_malformed_question_is_refused(client: Client, replays: Any) -> None:
    """One to a hundred recordings, each with an id, of a known environment."""
    assert client.post(SIGN, {"replays": replays}).status_code == 400
