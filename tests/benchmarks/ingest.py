"""Events into a served sandbox: by our tools, with bare httpx, with Mixpanel's own library.

Run with `uv run python tests/benchmarks/ingest.py [events] [rounds]`. Each way has a sandbox of its
own, and at the end all of them hold the same events. With `memory` in place of the rounds: the
server's peak of memory while it imports a Parquet file, and one five times as long.
"""

import logging
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import orjson
import polars as pl
from client import connected
from imports import Event, post
from mixpanel import (  # pyright: ignore[reportMissingTypeStubs]
    BufferedConsumer,
    Mixpanel,
    ServiceAccountCredentials,
)
from rounds import Measured, rates, side_by_side, table

sys.path.insert(0, str(Path(__file__).parents[1]))
from flights import EVENT, batches, flights
from processes import COMMAND
from served import USER, Served, served

IMPORT = "api.mixpanel.com/import"
FILE = "flights.parquet"
MAPPING = {"event_name": EVENT, "distinct_id_column": "tail"}
LONGER = 5


def send(sandbox: Served, events: Sequence[Event]) -> None:
    """The library's way: fifty events a request, which is the most it takes."""
    account = ServiceAccountCredentials(*USER, "1")
    consumer = BufferedConsumer(import_url=sandbox.at(IMPORT), credentials=account)
    mixpanel = Mixpanel("sandbox", consumer=consumer)
    for each in events:
        given = each["properties"]
        own = {name: value for name, value in given.items() if name not in ("time", "distinct_id")}
        mixpanel.import_data("", given["distinct_id"], each["event"], given["time"], own)
    consumer.flush()


def stored(sandbox: Served) -> dict[str, Any]:
    """What a sandbox holds, as figures: events, planes, days, and sums by carrier."""
    days = {"from_date": "2013-01-01", "to_date": "2013-04-10"}
    answer = httpx.get(sandbox.at("data.mixpanel.com/api/2.0/export"), params=days, auth=USER)
    lines = [orjson.loads(line) for line in answer.raise_for_status().content.splitlines()]
    known = {line["properties"]["$insert_id"]: line["properties"] for line in lines}
    frame = pl.DataFrame(
        [
            {"tail": each["distinct_id"], "delay": each.get("dep_delay"), **each}
            for each in known.values()
        ],
        infer_schema_length=None,
    )
    by_carrier = frame.group_by("carrier").agg(pl.len(), pl.col("delay", "distance").sum())
    return {
        "events": len(frame),
        "planes": frame["tail"].n_unique(),
        "times": frame["time"].sum(),
        "carriers": by_carrier.sort("carrier").rows(),
    }


def main(amount: int, rounds: int) -> None:
    """Print seconds a round, events a second, and whether all sandboxes hold the same."""
    logging.disable()
    frame = flights().head(amount)
    events = next(batches(frame, amount))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        frame.with_row_index("number").select(
            pl.exclude("number"), pl.format("flight-{}", "number").alias("$insert_id")
        ).write_parquet(folder / FILE)
        frame.write_parquet(folder / f"bare-{FILE}")
        bare, tool, file, made, library = (stack.enter_context(served("empty")) for _ in range(5))
        http = stack.enter_context(httpx.Client(auth=USER))
        options = ["serve", "--toolsets", "all", "--files", str(folder)]
        ours = [
            stack.enter_context(connected([*COMMAND, *options], each.environ()))
            for each in (tool, file, made)
        ]
        named = {**MAPPING, "file_path": FILE}
        unnamed = {**MAPPING, "file_path": f"bare-{FILE}"}
        runs = [
            Measured("bare httpx", lambda: post(http, bare.at(IMPORT), events)),
            Measured("import_events", lambda: ours[0].call("import_events", {"events": events})),
            Measured("import_file, Parquet", lambda: ours[1].call("import_file", named)),
            Measured("import_file, ids made", lambda: ours[2].call("import_file", unnamed)),
            Measured("Mixpanel's library", lambda: send(library, events)),
        ]
        seconds = side_by_side(runs, rounds)
        held = [stored(each) for each in (bare, tool, file, made, library)]
    print(table(seconds, beside="Mixpanel's library"))
    print(rates(seconds, amount))
    print("the same events in all:", all(each == held[0] for each in held))


def memory(amount: int) -> None:
    """Print the peak of a server that imports a file, and of one whose file is longer."""
    for times in (1, LONGER):
        frame = pl.concat([flights()] * (-(-amount * times // 336_776))).head(amount * times)
        with tempfile.TemporaryDirectory() as folder, served("empty") as sandbox:
            frame.write_parquet(Path(folder) / FILE)
            options = ["serve", "--toolsets", "all", "--files", folder]
            with connected([*COMMAND, *options], sandbox.environ()) as server:
                server.call("import_file", {**MAPPING, "file_path": FILE})
                status = Path(f"/proc/{server.process.pid}/status").read_text("utf-8")
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        print(f"{amount * times:10,} events: peak {int(peak.split()[1]) / 1024:.0f} MB")


if __name__ == "__main__":
    events_of_run = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    if sys.argv[2:] == ["memory"]:
        memory(events_of_run)
    else:
        main(events_of_run, int(sys.argv[2]) if len(sys.argv) > 2 else 5)
