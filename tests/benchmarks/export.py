"""`stream_events` into files beside plain loops: events a second, and memory that stays flat.

Run with `uv run python tests/benchmarks/export.py [rounds] [events,events]`. The answers are
prepared beforehand and served by a process that does nothing else, so that the client is what is
measured. Each format stands beside what anybody would write for it: lines with json, CSV with
csv.DictWriter that is told the columns, Parquet with polars. The tool begins three requests a
second, as Mixpanel allows: its twelve take three seconds at least. Its memory is that of all its
processes.
"""

import csv
import gzip
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice, product
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import polars as pl
from client import Lines, connected

sys.path.insert(0, str(Path(__file__).parents[1]))
from flights import batches, flights
from processes import COMMAND, environment

SIZES = (1_000_000, 5_000_000)
DAYS = 12
PAGE = os.sysconf("SC_PAGE_SIZE") / (1 << 20)
BESIDE = {
    "raw.jsonl": "loop, jsonl",
    "e.jsonl": "loop, jsonl",
    "e.jsonl.gz": "loop, jsonl",
    "e.jsonl.zst": "loop, jsonl",
    "e.csv": "loop, csv",
    "e.parquet": "loop, parquet",
}
COLUMNS = (
    *("event", "time", "distinct_id", "$insert_id"),
    *("carrier", "origin", "dest", "distance", "dep_delay"),
)


def main(rounds: int, sizes: Sequence[int]) -> None:
    """Print a line for each format, for each size, and how the peak grows between them."""
    taken: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    peaks: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name, served(sizes) as url:
        for _, size in product(range(rounds), sizes):
            for loop, run in LOOPS.items():
                taken[loop, size].append(run(url, Path(name), size))
            for file in BESIDE:
                seconds, peak = run_tool(url, Path(name), size, file)
                taken[file, size].append(seconds)
                peaks[file, size].append(peak)
    print(f"{'':14}{'events':>10}{'a second':>10}{'ratio':>8}{'peak MB':>10}")
    for (file, size), seconds in taken.items():
        beside = median(taken[BESIDE.get(file, file), size]) / median(seconds)
        peak = f"{median(peaks[file, size]):10.1f}" if file in BESIDE else ""
        print(f"{file:14}{size:10,}{size / median(seconds):10,.0f}{beside:8.2f}{peak}")
    for file in BESIDE:
        small, *_, large = (median(peaks[file, size]) for size in sizes)
        print(f"{file:14}peak of {sizes[-1]:,} over that of {sizes[0]:,}: {large / small:.3f}")


def loop_jsonl(url: str, folder: Path, size: int) -> float:
    """Seconds of anybody's own loop."""
    started, count = time.perf_counter(), 0
    with (folder / "loop.jsonl").open("w") as file:
        for line in lines(url, size):
            file.write(json.dumps(json.loads(line)) + "\n")
            count += 1
    return counted(started, count, size)


def loop_csv(url: str, folder: Path, size: int) -> float:
    """Seconds of a loop that knows the columns beforehand."""
    started, count = time.perf_counter(), 0
    with (folder / "loop.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for line in lines(url, size):
            writer.writerow(flat(line))
            count += 1
    return counted(started, count, size)


def loop_parquet(url: str, folder: Path, size: int) -> float:
    """Seconds of a loop that holds all events in memory, as columns."""
    started, frames = time.perf_counter(), list[pl.DataFrame]()
    arriving = lines(url, size)
    while rows := [flat(line) for line in islice(arriving, size // DAYS)]:
        frames.append(pl.DataFrame(rows, infer_schema_length=None))
    whole = pl.concat(frames, how="diagonal_relaxed")
    whole.write_parquet(folder / "loop.parquet")
    return counted(started, len(whole), size)


def lines(url: str, size: int) -> Iterator[str]:
    """The lines of all answers."""
    with httpx.Client(timeout=60) as http:
        for _ in range(DAYS):
            with http.stream("GET", at(url, size)) as answer:
                yield from answer.raise_for_status().iter_lines()


def flat(line: str) -> dict[str, Any]:
    """An event as a row."""
    event = json.loads(line)
    return {"event": event["event"], **event["properties"]}


def counted(started: float, count: int, size: int) -> float:
    """The seconds since then, if all events are there."""
    assert count == size // DAYS * DAYS, count
    return time.perf_counter() - started


LOOPS = {"loop, jsonl": loop_jsonl, "loop, csv": loop_csv, "loop, parquet": loop_parquet}


def run_tool(url: str, folder: Path, size: int, file: str) -> tuple[float, float]:
    """Seconds of the tool in a server of its own, and the peak of its memory in MB."""
    extra = {
        "MP_API_BASE_URL": at(url, size),
        "MP_USERNAME": "sa.user",
        "MP_SECRET": "secret",
        "MP_PROJECT_ID": "1",
        "MP_REGION": "us",
    }
    command = [*COMMAND, "serve", "--toolsets", "all", "--files", str(folder)]
    with connected(command, environment(extra)) as server:
        # The start of the process is measured elsewhere.
        server.call("explain_session", {})
        with watched(server.process.pid) as held:
            started = time.perf_counter()
            seconds = counted(started, exported(server, file), size)
        return seconds, max(held)


def exported(server: Lines, file: str) -> int:
    """How many events the tool wrote."""
    days = {"from_date": "2025-01-01", "to_date": f"2025-01-{DAYS}"}
    # The plain loop leaves events as they came, too.
    raw = file.startswith("raw")
    text = server.call("stream_events", {**days, "output_file": file, "raw": raw})
    return int(json.loads(text.partition("\n\n")[2])["events"])


@contextmanager
def watched(pid: int) -> Generator[list[float]]:
    """The memory of a process and its children in MB, again and again."""
    held, ended = [memory_of(pid)], threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            held.append(memory_of(pid))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield held
    finally:
        ended.set()
        thread.join()


def memory_of(pid: int) -> float:
    """What a process and its children hold of the memory now, in MB."""
    try:
        own = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
        children = " ".join(each.read_text("ascii") for each in tasks_of(pid)).split()
    except OSError:
        # It has ended meanwhile.
        return 0
    return own * PAGE + sum(memory_of(int(child)) for child in children)


def tasks_of(pid: int) -> Iterator[Path]:
    """The files with the children of each thread."""
    return Path(f"/proc/{pid}/task").glob("*/children")


def at(url: str, size: int) -> str:
    """Where every request is answered with a part of so many events."""
    return f"{url}/{size // DAYS}/{{host}}"


class Prepared(BaseHTTPRequestHandler):
    """Answers with as many events as the path says, compressed."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send the whole body."""
        body = answer(int(self.path.split("/")[1]))
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@cache
def answer(count: int) -> bytes:
    """Real flights, as often as needed, as Mixpanel exports them."""
    frame = flights()
    events = cycle(event for part in batches(frame, 20_000) for event in part)
    lines = (json.dumps(event, separators=(",", ":")) for event in islice(events, count))
    return gzip.compress(("\n".join(lines) + "\n").encode())


def serve(sizes: Sequence[int], port: "multiprocessing.Queue[int]") -> None:
    """Answer until the process is ended; the answers are prepared first."""
    for size in sizes:
        answer(size // DAYS)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Prepared)
    port.put(server.server_port)
    server.serve_forever()


@contextmanager
def served(sizes: Sequence[int]) -> Generator[str]:
    """The URL of the prepared answers."""
    port: multiprocessing.Queue[int] = multiprocessing.Queue()
    process = multiprocessing.Process(target=serve, args=(sizes, port), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{port.get()}"
    finally:
        process.terminate()


if __name__ == "__main__":
    given = [int(each) for each in "".join(sys.argv[2:]).split(",") if each]
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3, given or SIZES)
