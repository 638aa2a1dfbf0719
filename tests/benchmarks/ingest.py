"""Events into a served sandbox: through our tool, with bare httpx, with Mixpanel's own library.

Run with `uv run python tests/benchmarks/ingest.py [rounds]`.
"""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx
from client import connected
from imports import Event, post
from mixpanel import (  # pyright: ignore[reportMissingTypeStubs]
    BufferedConsumer,
    Mixpanel,
    ServiceAccountCredentials,
)
from rounds import Measured, rates, side_by_side, table

sys.path.insert(0, str(Path(__file__).parents[1]))
from flights import batches, flights
from processes import COMMAND
from served import USER, Served, served

EVENTS = 20_000


def send(sandbox: Served, events: Sequence[Event]) -> None:
    """The library's way: fifty events a request, which is the most it takes."""
    account = ServiceAccountCredentials(*USER, "1")
    consumer = BufferedConsumer(
        import_url=sandbox.at("api.mixpanel.com/import"), credentials=account
    )
    mixpanel = Mixpanel("sandbox", consumer=consumer)
    for each in events:
        given = each["properties"]
        own = {name: value for name, value in given.items() if name not in ("time", "distinct_id")}
        mixpanel.import_data("", given["distinct_id"] or "x", each["event"], given["time"], own)
    consumer.flush()


def main(rounds: int) -> None:
    """Print seconds a round and events a second."""
    logging.disable()
    events = next(batches(flights(), EVENTS))
    with (
        served("empty") as sandbox,
        connected([*COMMAND, "serve", "--toolsets", "all"], sandbox.environ()) as server,
        httpx.Client(auth=USER) as http,
    ):
        url = sandbox.at("api.mixpanel.com/import")
        runs = [
            Measured("bare httpx", lambda: post(http, url, events)),
            Measured("our tool", lambda: server.call("import_events", {"events": events})),
            Measured("Mixpanel's library", lambda: send(sandbox, events)),
        ]
        seconds = side_by_side(runs, rounds)
    print(table(seconds, beside="bare httpx"))
    print(rates(seconds, EVENTS))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
