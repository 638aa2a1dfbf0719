"""Imports into a Mixpanel that fails: nothing lost, nothing doubled, and an exact account."""

import gzip
import json
from pathlib import Path
from typing import Any

import anyio
import pytest
from faulty_front import (
    Answer,
    Fault,
    Forward,
    cut_after,
    cut_before,
    faulty,
    no_json,
    status,
    well,
)
from job_client import refused, told
from recorder import Recorded

pytestmark = pytest.mark.anyio

ROWS = 4500
FILE = "rows.jsonl"
IDS = sorted(f"i-{number}" for number in range(ROWS))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file of three batches."""
    lines = (json.dumps(event(number)) for number in range(ROWS))
    (tmp_path / FILE).write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def event(number: int, **properties: Any) -> dict[str, Any]:
    """An event that is known by its number."""
    own = {"time": 1767268800 + number, "distinct_id": "u", "$insert_id": f"i-{number}"}
    return {"event": "Ping", "properties": {**own, **properties}}


PASSING: dict[str, tuple[list[Fault], list[float]]] = {
    "429 with Retry-After": ([status(429, **{"retry-after": "3"})], [3]),
    "429 without": ([status(429), status(429)], [2, 4]),
    "502": ([status(502)], [2]),
    "503": ([status(503)], [2]),
    "cut before it was stored": ([cut_before], [2]),
    "cut after it was stored": ([cut_after], [2]),
    "lost twice": ([well, cut_after, cut_after], [2, 4]),
    "too large": ([well, status(413)], []),
    "too large, and its half too": ([status(413), status(413)], []),
}


@pytest.mark.parametrize(("faults", "waits"), PASSING.values(), ids=PASSING.keys())
async def test_fault_that_passes_costs_nothing_but_time(
    folder: Path, faults: list[Fault], waits: list[float]
) -> None:
    """The batch is sent again, in halves if it was too large; each event is stored once."""
    async with faulty(folder, *faults) as (client, front):
        answer = await told(client, "import_file", file_path=FILE, parallel=1)
        assert (answer["num_records_imported"], answer["refused"]) == (ROWS, 0)
        assert front.waits == waits
        assert not front.faults
        assert front.stored() == IDS


async def test_events_in_hand_pass_the_same_faults(folder: Path) -> None:
    """Of three batches one is too large, and the answer to another is lost."""
    async with faulty(folder, well, status(413), well, well, cut_after) as (client, front):
        events = [event(number) for number in range(ROWS)]
        answer = await told(client, "import_events", events=events)
        assert answer == {"num_records_imported": ROWS, "failed_records": [], "batches": 4}
        assert front.waits == [2]
        assert front.stored() == IDS


LASTING: dict[str, tuple[list[Fault], str]] = {
    "500": ([status(500)], "SERVER_ERROR"),
    "503 for too long": ([status(503)] * 3, "SERVER_ERROR"),
    "429 for too long": ([status(429, **{"retry-after": "60"})], "RATE_LIMITED"),
    "cut for too long": ([cut_after] * 3, "HTTP_ERROR"),
    "an answer that is no JSON": ([no_json], "INVALID_RESPONSE"),
    "401": ([status(401)], "AUTH_FAILED"),
}


@pytest.mark.parametrize(("faults", "code"), LASTING.values(), ids=LASTING.keys())
async def test_fault_that_lasts_is_accounted_for_and_gone_on_from(
    folder: Path, faults: list[Fault], code: str
) -> None:
    """The error says what is in and where to go on; then all is in, and nothing twice."""
    async with faulty(folder, well, *faults) as (client, front):
        error = await refused(client, "import_file", file_path=FILE, parallel=1)
        assert error["code"] == code
        assert error["details"]["imported_so_far"] == {
            "num_records_imported": 2000,
            "refused": 0,
            "requests": 1,
        }
        assert error["details"]["start_row"] == 2001
        assert "2,000 events were imported before that" in error["message"]
        answer = await told(client, "import_file", file_path=FILE, start_row=2001)
        assert answer["num_records_imported"] == ROWS - 2000
        assert front.stored() == IDS


@pytest.mark.parametrize("tool", ["import_file", "import_events"])
async def test_lost_answer_to_the_first_batch_is_not_taken_for_a_failure(
    folder: Path, tool: str
) -> None:
    """Where nobody knows what was taken, the error says so, and that calling again is safe."""
    async with faulty(folder, *[cut_after] * 3) as (client, front):
        events = [event(number) for number in range(ROWS)]
        in_file = {"file_path": FILE, "parallel": 1}
        given = in_file if tool == "import_file" else {"events": events}
        error = await refused(client, tool, **given)
        assert error["message"].endswith(
            "If events arrived all the same, a call again does not double them."
        )
        assert "imported_so_far" not in error["details"]
        assert len(front.stored()) == 2000
        await told(client, tool, **given)
        assert front.stored() == IDS


async def test_others_under_way_are_waited_for_when_one_fails(folder: Path) -> None:
    """Of requests side by side one fails: what the others brought is counted, not guessed."""
    async with faulty(folder, status(500)) as (client, front):
        error = await refused(client, "import_file", file_path=FILE, parallel=3)
        taken = error["details"]["imported_so_far"]["num_records_imported"]
        assert taken == len(front.stored()) == ROWS - [2000, 2000, 500][first_failed(error)]
        await told(client, "import_file", file_path=FILE, start_row=error["details"]["start_row"])
        assert front.stored() == IDS


def first_failed(error: dict[str, Any]) -> int:
    """Which of the three batches failed."""
    return (error["details"]["start_row"] - 1) // 2000


@pytest.mark.parametrize("tool", ["import_file", "import_events"])
async def test_refused_record_of_a_later_batch_has_its_place_in_the_whole(
    folder: Path, tool: str
) -> None:
    """The third batch holds two events that Mixpanel refuses; all others are in."""
    events = [event(number) for number in range(ROWS)]
    events[4100] = event(4100, time=1)
    events[4400] = event(4400, distinct_id="null")
    (folder / FILE).write_text("\n".join(map(json.dumps, events)), encoding="utf-8")
    async with faulty(folder) as (client, front):
        given = {"events": events} if tool == "import_events" else {"file_path": FILE}
        answer = await told(client, tool, **given)
        assert answer["num_records_imported"] == ROWS - 2
        if tool == "import_events":
            places = [(each["index"], each["insert_id"]) for each in answer["failed_records"]]
        else:
            places = [(each["row"] - 1, each["insert_id"]) for each in answer["failed_rows"]]
        assert places == [(4100, "i-4100"), (4400, "i-4400")]
        assert front.stored() == sorted(set(IDS) - {"i-4100", "i-4400"})


async def test_event_that_no_request_can_carry_is_refused_alone(folder: Path) -> None:
    """A 413 for a single event is that event's fault; the others are in."""
    events = [event(number) for number in range(3)]
    async with faulty(folder, status(413), status(413)) as (client, front):
        answer = await told(client, "import_events", events=events)
        assert answer == {
            "num_records_imported": 2,
            "failed_records": [
                {"index": 0, "insert_id": "i-0", "field": None, "message": "told to fail"}
            ],
            "batches": 2,
        }
        assert front.stored() == ["i-1", "i-2"]


async def test_file_that_breaks_off_is_told_with_what_is_in(folder: Path) -> None:
    """Half a gzip: what came before the break is in, and no row is doubled by the whole file."""
    lines = b"\n".join(json.dumps(event(n, x=str(hash(str(n))))).encode() for n in range(ROWS))
    whole = gzip.compress(lines, 1)
    (folder / "half.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    async with faulty(folder) as (client, front):
        error = await refused(client, "import_file", file_path="half.jsonl.gz")
        assert error["code"] in ("UNREADABLE_FILE", "INVALID_INPUT")
        (folder / "half.jsonl.gz").write_bytes(whole)
        await told(client, "import_file", file_path="half.jsonl.gz")
        assert front.stored() == IDS


async def test_cancelled_import_leaves_nothing_behind_that_a_second_one_doubles(
    folder: Path,
) -> None:
    """Whoever gives up in the middle calls again, and all is in once."""
    reached = anyio.Event()

    async def held(_request: Recorded, forward: Forward) -> Answer:
        await forward()
        reached.set()
        await anyio.sleep_forever()
        raise AssertionError

    async with faulty(folder, well, held) as (client, front):
        async with anyio.create_task_group() as group:

            async def give_up() -> None:
                await reached.wait()
                group.cancel_scope.cancel()

            group.start_soon(give_up)
            await client.call_tool("import_file", {"file_path": FILE, "parallel": 1})
        assert len(front.stored()) == 4000
        await told(client, "import_file", file_path=FILE)
        assert front.stored() == IDS
