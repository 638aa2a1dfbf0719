"""`stream_events` into files beside a plain loop: events a second, and memory that stays flat.

Run with `uv run python tests/benchmarks/export.py [rounds]`. The answers are prepared beforehand
and served by a process that does nothing else, so that the client is what is measured.
"""

import gzip
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from client import Lines, connected

sys.path.insert(0, str(Path(__file__).parents[1]))
from flights import batches, flights
from processes import COMMAND, environment

SIZES = (1_000_000, 5_000_000)
DAYS = 12
NAMES = ("raw.jsonl", "e.jsonl", "e.jsonl.gz", "e.jsonl.zst", "e.csv", "e.parquet")
LOOP = "plain loop"


def main(rounds: int) -> None:
    """Print a line for each format, for each size, and how the peak grows between them."""
    taken: dict[tuple[str, int], list[float]] = {}
    peaks: dict[tuple[str, int], list[float]] = {}
    with tempfile.TemporaryDirectory() as name, served() as url:
        for _ in range(rounds):
            for size in SIZES:
                looped = run_loop(url, Path(name), size)
                taken.setdefault((LOOP, size), []).append(looped)
                for file in NAMES:
                    seconds, peak = run_tool(url, Path(name), size, file)
                    taken.setdefault((file, size), []).append(seconds)
                    peaks.setdefault((file, size), []).append(peak)
    print(f"{'':14}{'events':>10}{'a second':>10}{'ratio':>8}{'peak MB':>10}")
    for (file, size), seconds in taken.items():
        rate, beside = size / median(seconds), median(taken[LOOP, size]) / median(seconds)
        peak = f"{median(peaks[file, size]):10.1f}" if file != LOOP else ""
        print(f"{file:14}{size:10,}{rate:10,.0f}{beside:8.2f}{peak}")
    for file in NAMES:
        small, large = (median(peaks[file, size]) for size in SIZES)
        print(f"{file:14}peak of {SIZES[1]:,} over that of {SIZES[0]:,}: {large / small:.3f}")


def run_loop(url: str, folder: Path, size: int) -> float:
    """Seconds of anybody's own loop."""
    started, count = time.perf_counter(), 0
    with (folder / "loop.jsonl").open("w") as file, httpx.Client(timeout=60) as http:
        for _ in range(DAYS):
            with http.stream("GET", at(url, size)) as answer:
                for line in answer.raise_for_status().iter_lines():
                    file.write(json.dumps(json.loads(line)) + "\n")
                    count += 1
    assert count == size // DAYS * DAYS, count
    return time.perf_counter() - started


def run_tool(url: str, folder: Path, size: int, file: str) -> tuple[float, float]:
    """Seconds of the tool in a server of its own, and that server's peak of memory in MB."""
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
        started = time.perf_counter()
        count = exported(server, file)
        seconds = time.perf_counter() - started
        assert count == size // DAYS * DAYS, count
        return seconds, peak_of(server.process.pid)


def exported(server: Lines, file: str) -> int:
    """How many events the tool wrote."""
    days = {"from_date": "2025-01-01", "to_date": f"2025-01-{DAYS}"}
    # The plain loop leaves events as they came, too.
    raw = file.startswith("raw")
    text = server.call("stream_events", {**days, "output_file": file, "raw": raw})
    return int(json.loads(text.partition("\n\n")[2])["events"])


def peak_of(pid: int) -> float:
    """The most memory that a process ever held, in MB."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


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


def serve(port: "multiprocessing.Queue[int]") -> None:
    """Answer until the process is ended; the answers are prepared first."""
    for size in SIZES:
        answer(size // DAYS)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Prepared)
    port.put(server.server_port)
    server.serve_forever()


@contextmanager
def served() -> Generator[str]:
    """The URL of the prepared answers."""
    port: multiprocessing.Queue[int] = multiprocessing.Queue()
    process = multiprocessing.Process(target=serve, args=(port,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{port.get()}"
    finally:
        process.terminate()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
