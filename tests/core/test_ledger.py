"""What is sent is counted against Mixpanel's limits, by all processes of one user together."""

import asyncio
import contextlib
import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mixpanel_mcp_core.counts import Files
from mixpanel_mcp_core.errors import RateLimitError
from mixpanel_mcp_core.http import Request
from mixpanel_mcp_core.ledger import Ledger, Project
from mixpanel_mcp_core.limits import QUERY, Standing
from mixpanel_mcp_core.metering import Meter

pytestmark = pytest.mark.anyio

SHOP = Project("https://mixpanel.com", "12345")
APP = "https://mixpanel.com/api/app"
INSIGHTS = Request("POST", "https://mixpanel.com/api/query/insights")
EXPORT = Request("GET", "https://data.mixpanel.com/api/2.0/export")
JQL = Request("POST", "https://eu.mixpanel.com/api/query/jql")
IMPORT = Request("POST", "https://api.mixpanel.com/import", unpacked=10_000_000)
TABLE = Request("PUT", "https://api.mixpanel.com/lookup-tables/t", body=b"id\n1\n")
SYNC = Request("PUT", f"{APP}/projects/1/warehouse-sources/imports/3/manual-sync")
ENTRIES = Request("POST", f"{APP}/projects/1/schemas", echo={"entries": [{}] * 1500})
RETRIEVAL = Request("POST", f"{APP}/data-retrievals/v3.0/")

# A request; how many of it are taken at once; seconds until the next; what its refusal says.
FAMILIES = [
    (INSIGHTS, 60, 3600, "60 queries of a project in one hour, of which project 12345 has 0 left"),
    (JQL, 60, 3600, "60 queries of a project in one hour, of which project 12345 has 0 left"),
    (IMPORT, 200, 60, "2 GB of records of a project in one minute, of which project 12345 has 0 "),
    (TABLE, 100, 86_400, "100 replacements of lookup tables of a project in one day, of which "),
    (SYNC, 5, 3600, "5 syncs of imports of a project in one hour, of which project 12345 has 0 "),
    (ENTRIES, 2, 60, "4000 changes of schemas of a project in one minute, of which project 12345 "),
    (
        Request("GET", f"{APP}/workspaces/7/schemas/event"),
        5,
        60,
        "5 requests about schemas of a project in one minute, of which project 12345 has 0 left",
    ),
]
NAMES = [each[0].url.rpartition("/")[2] for each in FAMILIES]
FREE = [
    Request("GET", f"{APP}/projects/1/dashboards"),
    Request("POST", f"{APP}/projects/1/import"),
    Request("GET", "https://api.mixpanel.com/lookup-tables"),
    Request("GET", "https://api.mixpanel.com/flags"),
]


class Clock:
    """A clock that pauses do not move on."""

    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.pauses: list[float] = []
        self.notes: list[str] = []

    def now(self) -> float:
        return self.time

    async def note(self, waits_for: str | None) -> None:
        self.notes += [waits_for] if waits_for else []

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


def ledger(folder: Path, now: Callable[[], float], *, everywhere: bool = False) -> Ledger:
    """The counts of a user whose storage is this folder, as another process has them."""
    return Ledger(Files(folder / "limits", folder), everywhere, now)


def files(folder: Path) -> list[Path]:
    """The files with counts."""
    return list(folder.glob("limits/*.json"))


def meter(counts: Ledger, clock: Clock, project: str = "12345") -> Meter:
    """What counts the requests of a session."""
    return Meter(counts, project, {}, clock.pause, clock.note)


async def ask(
    counts: Ledger, clock: Clock, request: Request = INSIGHTS, project: str = "12345"
) -> float:
    """Take one turn; how much is left of the first limit."""
    counting = meter(counts, clock, project)
    async with counting.turn(request):
        return next(iter(counting.standings.values()), Standing(QUERY, -1, 0)).left


async def refusal(counts: Ledger, clock: Clock, request: Request = INSIGHTS) -> RateLimitError:
    """Why a turn is not to be had."""
    with pytest.raises(RateLimitError) as caught:
        await ask(counts, clock, request)
    return caught.value


def in_another_process(work: Callable[..., Any], *arguments: Any) -> None:
    """Have a process of its own do something, to its end."""
    process = multiprocessing.get_context("fork").Process(
        target=lambda: asyncio.run(work(*arguments))
    )
    process.start()
    process.join()
    assert process.exitcode == 0


async def test_sixty_queries_an_hour_are_let_through_and_the_next_told_when(tmp_path: Path) -> None:
    """As the first grows an hour old, one more is taken; another project has its own."""
    clock = Clock()
    for number in range(60):
        assert await ask(ledger(tmp_path, clock.now), clock) == 59 - number
        clock.time += 10
    refused = await refusal(ledger(tmp_path, clock.now), clock)
    assert (refused.retry_after, refused.message) == (
        3000,
        "Mixpanel takes 60 queries of a project in one hour, of which project 12345 has 0 left: "
        "nothing was sent. Retry after 3000 seconds.",
    )
    assert await ask(ledger(tmp_path, clock.now), clock, project="2") == 59
    clock.time += 3000
    assert await ask(ledger(tmp_path, clock.now), clock) == 0
    assert clock.pauses == []


@pytest.mark.parametrize(("request_", "most", "seconds", "told"), FAMILIES, ids=NAMES)
async def test_each_family_has_its_limit_over_two_processes(
    request_: Request, most: int, seconds: int, told: str, tmp_path: Path
) -> None:
    """One process sends all but one, another the last; the next is refused with the seconds."""
    clock = Clock()

    async def nearly_all() -> None:
        for _ in range(most - 1):
            await ask(ledger(tmp_path, clock.now), clock, request_)

    in_another_process(nearly_all)
    counts = ledger(tmp_path, clock.now)
    await ask(counts, clock, request_)
    refused = await refusal(counts, clock, request_)
    assert (refused.retry_after, told in refused.message) == (seconds, True), refused.message
    clock.time += seconds
    await ask(counts, clock, request_)


@pytest.mark.parametrize("request_", FREE, ids=lambda each: each.url.rpartition("/")[2])
async def test_what_has_no_documented_limit_is_not_counted(
    request_: Request, tmp_path: Path
) -> None:
    """Also where its path looks like one that has."""
    assert await ask(ledger(tmp_path, Clock().now), Clock(), request_) == -1
    assert files(tmp_path) == []


async def test_a_request_that_one_limit_refuses_counts_against_none(tmp_path: Path) -> None:
    """4,000 changes are spent with two requests of five."""
    clock = Clock()
    counts = ledger(tmp_path, clock.now)
    for _ in range(3):
        await asyncio.gather(ask(counts, clock, ENTRIES), return_exceptions=True)
    reading = meter(counts, clock)
    async with reading.turn(Request("GET", f"{APP}/projects/1/schemas")):
        assert reading.standings["schemas"].left == 2


async def test_more_than_a_limit_at_once_is_left_to_mixpanel(tmp_path: Path) -> None:
    """It is sent where nothing was sent before it."""
    clock = Clock()
    whole = Request("POST", ENTRIES.url, echo={"entries": [{}] * 9000})
    counts = ledger(tmp_path, clock.now)
    assert await ask(counts, clock, whole) == 0
    assert (await refusal(counts, clock, ENTRIES)).retry_after == 60


async def test_many_small_requests_are_remembered_together(tmp_path: Path) -> None:
    """What is counted by its bytes makes no long file."""
    clock = Clock()
    for _ in range(90):
        await ask(ledger(tmp_path, clock.now), clock, IMPORT)
        clock.time += 0.1
    (file,) = files(tmp_path)
    assert len(json.loads(file.read_text())["sent"]) == 13
    assert await ask(ledger(tmp_path, clock.now), clock, IMPORT) == 2e9 - 91 * 1e7


async def test_what_mixpanel_asked_for_is_kept_to(tmp_path: Path) -> None:
    """After its 429 nothing is sent until the time is over, though it says a shorter one later."""
    clock = Clock()
    counts = ledger(tmp_path, clock.now)
    for seconds in ("90", "30"):
        meter(counts, clock).learn(INSIGHTS, 429, {"retry-after": seconds})
    assert (await refusal(ledger(tmp_path, clock.now), clock)).message == (
        "Mixpanel has asked for no queries of project 12345 for a while: nothing was sent. "
        "Retry after 90 seconds."
    )
    clock.time += 90
    assert await ask(counts, clock) == 59


async def test_a_refusal_of_one_request_about_people_says_nothing_of_others(tmp_path: Path) -> None:
    """Too much to be looked through can last for hours; how far the rest is can be asked."""
    clock = Clock()
    counts = ledger(tmp_path, clock.now)
    meter(counts, clock).learn(RETRIEVAL, 429, {"retry-after": "3600"})
    assert [await ask(counts, clock, RETRIEVAL) for _ in range(6)] == [0] * 6
    assert clock.pauses == [1, 2, 3, 4, 5]
    assert (await refusal(counts, clock, RETRIEVAL)).retry_after == 6


async def test_the_fourth_export_of_a_second_waits_for_the_next(tmp_path: Path) -> None:
    """Each begins when Mixpanel takes it; exports spend no queries."""
    clock = Clock()
    counts = ledger(tmp_path, clock.now)
    assert [await ask(counts, clock, EXPORT) for _ in range(7)] == [59, 58, 57, 56, 55, 54, 53]
    assert clock.pauses == [1, 1, 1, 2]
    assert await ask(counts, clock) == 59


@pytest.mark.parametrize(("request_", "places"), [(INSIGHTS, 5), (IMPORT, 20)], ids=["5", "20"])
async def test_so_many_run_at_once_and_others_wait_in_order(
    request_: Request, places: int, tmp_path: Path
) -> None:
    """One that gives up while it waits has sent and counted nothing, and holds nobody up."""
    clock = Clock()
    counts, begun, go_on = ledger(tmp_path, clock.now), list[int](), asyncio.Event()

    async def query(number: int) -> None:
        async with meter(counts, clock).turn(request_):
            begun.append(number)
            await go_on.wait()

    tasks = [asyncio.create_task(query(number)) for number in range(places + 3)]
    await asyncio.sleep(0.01)
    assert begun == list(range(places))
    assert [each[:30] for each in clock.notes] == [
        f"waiting in line: Mixpanel runs {places}"[:30]
    ] * 3
    tasks[places].cancel()
    go_on.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert begun == [*range(places), places + 1, places + 2]
    (file,) = files(tmp_path)
    sent = json.loads(file.read_text())["sent"]
    assert sum(amount for _, amount in sent) == (places + 2) * (request_.unpacked or 1)


async def test_places_are_shared_and_free_as_soon_as_their_process_dies(tmp_path: Path) -> None:
    """Five that another process holds keep a query waiting, until it is killed in mid-query."""
    clock = Clock()
    context = multiprocessing.get_context("fork")
    holding = context.Event()

    async def hold() -> None:
        async with contextlib.AsyncExitStack() as turns:
            for _ in range(5):
                counts = meter(ledger(tmp_path, clock.now), clock)
                await turns.enter_async_context(counts.turn(INSIGHTS))
            holding.set()
            await asyncio.sleep(60)

    other = context.Process(target=lambda: asyncio.run(hold()))
    other.start()
    assert holding.wait(10)
    query = asyncio.create_task(ask(ledger(tmp_path, clock.now), clock))
    await asyncio.sleep(0.1)
    assert not query.done()
    other.kill()
    async with asyncio.timeout(5):
        assert await query == 54
    other.join()


async def test_of_a_gateway_on_this_machine_nothing_is_told_and_nothing_refused(
    tmp_path: Path,
) -> None:
    """Its limits are not known, unless the server is told to keep to them; bursts are slowed."""
    clock = Clock()
    near = Request("POST", "http://127.0.0.1:9000/mixpanel.com/api/query/insights")
    counts = ledger(tmp_path, clock.now)
    assert {await ask(counts, clock, near) for _ in range(62)} == {-1}
    export = Request("GET", "http://127.0.0.1:9000/data.mixpanel.com/api/2.0/export")
    for _ in range(4):
        await ask(counts, clock, export)
    assert (clock.pauses, files(tmp_path)) == ([1], [])
    strict = ledger(tmp_path, clock.now, everywhere=True)
    assert [await ask(strict, clock, near) for _ in range(60)][-1] == 0
    await refusal(strict, clock, near)


@pytest.mark.parametrize(
    "torn",
    [
        "",
        "{",
        "[]",
        '{"sent": [[1, 1e400]]}',
        '{"sent": [[1, "x"]], "until": 0}',
        '{"sent": 1}',
        '{"sent": [1], "until": 0}',
    ],
)
async def test_a_file_that_is_torn_counts_nothing(torn: str, tmp_path: Path) -> None:
    """It is written anew, for its owner only, and holds times and numbers alone."""
    clock = Clock()
    await ask(ledger(tmp_path, clock.now), clock)
    (file,) = files(tmp_path)
    file.write_text(torn)
    assert await ask(ledger(tmp_path, clock.now), clock) == 59
    assert json.loads(file.read_text()) == {"sent": [[clock.time, 1]], "since": 0, "until": 0}
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("back", [3000, 90_000])
async def test_a_clock_that_is_set_back_stops_no_request(back: float, tmp_path: Path) -> None:
    """Neither what it counted in times to come counts, nor what Mixpanel asked for then."""
    clock = Clock()
    for _ in range(60):
        await ask(ledger(tmp_path, clock.now), clock)
    meter(ledger(tmp_path, clock.now), clock).learn(INSIGHTS, 429, {"retry-after": "600"})
    clock.time -= back
    assert await ask(ledger(tmp_path, clock.now), clock) == 59


async def test_a_folder_that_cannot_be_written_stops_no_request(tmp_path: Path) -> None:
    """What cannot be counted is sent all the same."""
    (tmp_path / "limits").write_text("a file where the folder should be")
    assert await ask(ledger(tmp_path, Clock().now), Clock()) == 59


async def test_several_queries_are_asked_for_before_the_first(tmp_path: Path) -> None:
    """Three that are left do for three, and not for four; asking counts none."""
    clock = Clock()
    counts = ledger(tmp_path, clock.now)
    for _ in range(57):
        await ask(counts, clock)
    assert [counts.wait(QUERY, SHOP, more)[0] for more in (1, 3, 4)] == [0, 0, 3600]
    assert await ask(counts, clock) == 2
