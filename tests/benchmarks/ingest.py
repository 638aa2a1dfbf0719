"""Events into a served sandbox: by our tools, with bare httpx, with Mixpanel's own library.

Run with `uv run python tests/benchmarks/ingest.py [events] [rounds]`. Each way has a sandbox of its
own, and at the end all of them hold the same events. With `memory` in place of the rounds: the
server's peak of memory while it imports a Parquet file, and one five times as long. With `load`:
`sandbox load` of a Parquet file, beside that file as a plain table of DuckDB, and read by polars.
"""

import logging
import os
import subprocess
import sys
import tempfile
import time
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


TO_TABLE = """
import duckdb, sys
with duckdb.connect(sys.argv[2]) as connection:
    connection.execute(f"create table events as from '{sys.argv[1]}'")
"""
READ = "import polars, sys; polars.read_parquet(sys.argv[1])"


def load(amount: int, rounds: int) -> None:
    """Print what a load costs in a process of its own, beside others with the same file."""
    # As many years as there must be, so that no two flights are alike.
    years = (pl.col("time") - pl.duration(days=365 * year) for year in range(amount // 336_776 + 1))
    frame = pl.concat([flights().with_columns(each) for each in years]).head(amount)
    with tempfile.TemporaryDirectory() as folder:
        own_ids, bare = f"{folder}/{FILE}", f"{folder}/bare-{FILE}"
        frame.write_parquet(bare)
        numbers = pl.format("flight-{}", "number").alias("$insert_id")
        frame.with_row_index("number").select(pl.exclude("number"), numbers).write_parquet(own_ids)
        loading = [*COMMAND, "sandbox", "load", "--distinct-id-column", "tail"]
        loading += ["--event-name", EVENT, "--sandbox", f"{folder}/new", "--insert-id-column"]
        ways = {
            "sandbox load": [*loading, "$insert_id", own_ids],
            "sandbox load, ids made": [*loading[:-1], bare],
            "DuckDB, a plain table": [sys.executable, "-c", TO_TABLE, own_ids, f"{folder}/new"],
            "polars, read only": [sys.executable, "-c", READ, own_ids],
        }
        print(f"{'':26}{'seconds':>9}{'CPU':>9}{'a second':>12}{'peak MB':>9}{'file MB':>9}")
        for name in [name for _ in range(rounds) for name in ways]:
            started = time.perf_counter()
            process = subprocess.Popen(
                ways[name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            _, status, used = os.wait4(process.pid, 0)
            assert status == 0, name
            seconds, cpu = time.perf_counter() - started, used.ru_utime + used.ru_stime
            new = Path(folder, "new")
            size = new.stat().st_size / 1e6 if new.exists() else 0
            new.unlink(missing_ok=True)
            figures = f"{seconds:9.2f}{cpu:9.2f}{amount / seconds:12,.0f}"
            print(f"{name:26}{figures}{used.ru_maxrss / 1024:9.0f}{size:9.0f}", flush=True)


if __name__ == "__main__":
    events_of_run = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    if sys.argv[2:] == ["memory"]:
        memory(events_of_run)
    elif sys.argv[2:3] == ["load"]:
        load(events_of_run, int(sys.argv[3]) if len(sys.argv) > 3 else 3)
    else:
        main(events_of_run, int(sys.argv[2]) if len(sys.argv) > 2 else 5)
