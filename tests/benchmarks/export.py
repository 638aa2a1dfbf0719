"""`stream_events` into a file beside a plain loop: events a second, and memory that stays flat.

Run with `uv run python tests/benchmarks/export.py [rounds]`. The first minute fills a sandbox
with a million events, 10,000 on each of a hundred days.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import httpx
from client import Lines, connected
from imports import Event, post

sys.path.insert(0, str(Path(__file__).parents[1]))
from flights import batches, flights
from processes import COMMAND
from served import USER, Served, served

A_DAY = 10_000
SIZES = (100_000, 500_000, 1_000_000)
FIRST = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass
class Figures:
    """What exports of one size took."""

    tool: list[float] = field(default_factory=list[float])
    loop: list[float] = field(default_factory=list[float])
    peaks: list[float] = field(default_factory=list[float])


def main(rounds: int) -> None:
    """Print a line for each size, and how the peak grows from the first to the last."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with served(str(folder / "events.db")) as sandbox:
            fill(sandbox, max(SIZES))
            taken = {size: Figures() for size in SIZES}
            for _ in range(rounds):
                for size, figures in taken.items():
                    measure(sandbox, folder, size, figures)
    print(
        f"{'events':>10}{'tool/s':>10}{'loop/s':>10}{'ratio':>8}{'peak MB':>10}{'min':>8}{'max':>8}"
    )
    for size, figures in taken.items():
        tool, loop, peak = median(figures.tool), median(figures.loop), median(figures.peaks)
        speed = f"{size:10,}{size / tool:10,.0f}{size / loop:10,.0f}{loop / tool:10.2f}"
        print(f"{speed}{peak:10.1f}{min(figures.peaks):10.1f}{max(figures.peaks):10.1f}")
    grown = median(taken[SIZES[-1]].peaks) / median(taken[SIZES[0]].peaks)
    print(f"peak of {SIZES[-1]:,} events over that of {SIZES[0]:,}: {grown:.3f}")


def fill(sandbox: Served, amount: int) -> None:
    """Real flights, as often as needed, one every 8.64 seconds."""
    with httpx.Client(auth=USER, timeout=60) as http:
        url = sandbox.at("api.mixpanel.com/import")
        events = islice(_timed(), amount)
        while part := list(islice(events, 20_000)):
            post(http, url, part)


def _timed() -> Iterator[Event]:
    frame = flights()
    events = cycle(event for part in batches(frame, 20_000) for event in part)
    for number, event in enumerate(events):
        at = FIRST + timedelta(days=1) / A_DAY * number
        own = {"time": int(at.timestamp()), "$insert_id": f"event-{number}"}
        yield {**event, "properties": {**event["properties"], **own}}


def measure(sandbox: Served, folder: Path, size: int, figures: Figures) -> None:
    """One export through the tool, in a server of its own, and one with a plain loop."""
    days = (FIRST.date(), (FIRST + timedelta(days=size // A_DAY - 1)).date())
    command = [*COMMAND, "serve", "--toolsets", "all", "--files", str(folder)]
    with connected(command, sandbox.environ()) as server:
        # The start of the process is measured elsewhere.
        server.call("top_events", {})
        started = time.perf_counter()
        told = exported(server, str(days[0]), str(days[1]))
        figures.tool.append(time.perf_counter() - started)
        figures.peaks.append(peak(server.process.pid))
        assert told == size, told
    started = time.perf_counter()
    assert looped(sandbox, folder, str(days[0]), str(days[1])) == size
    figures.loop.append(time.perf_counter() - started)


def exported(server: Lines, first: str, last: str) -> int:
    """How many events the tool wrote."""
    days = {"from_date": first, "to_date": last}
    text = server.call("stream_events", {**days, "output_file": "tool.jsonl"})
    return int(json.loads(text.partition("\n\n")[2])["events"])


def looped(sandbox: Served, folder: Path, first: str, last: str) -> int:
    """How many events anybody's own loop wrote."""
    query = {"project_id": "1", "from_date": first, "to_date": last}
    url, count = sandbox.at("data.mixpanel.com/api/2.0/export"), 0
    with (
        (folder / "loop.jsonl").open("w") as file,
        httpx.stream("GET", url, params=query, auth=USER, timeout=60) as answer,
    ):
        for line in answer.raise_for_status().iter_lines():
            file.write(json.dumps(json.loads(line)) + "\n")
            count += 1
    return count


def peak(pid: int) -> float:
    """The most memory that a process ever held, in MB."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
