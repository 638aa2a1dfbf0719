"""Requests are counted against Mixpanel's limits, by all processes of one user together."""

import asyncio
import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest

from mixpanel_mcp_core.counts import Files
from mixpanel_mcp_core.errors import RateLimitError
from mixpanel_mcp_core.ledger import Ledger, Project
from mixpanel_mcp_core.limits import QUERY, limits_of
from mixpanel_mcp_core.metering import Meter

pytestmark = pytest.mark.anyio

SHOP = Project("https://mixpanel.com", "12345")
INSIGHTS = "https://mixpanel.com/api/query/insights"
EXPORT = "https://data.mixpanel.com/api/2.0/export"


class Clock:
    """A clock that pauses move on."""

    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.pauses: list[float] = []

    def now(self) -> float:
        return self.time

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


def ledger(folder: Path, now: Callable[[], float], *, everywhere: bool = False) -> Ledger:
    """The counts of a user whose storage is this folder."""
    return Ledger(Files(folder / "limits", folder), everywhere, now)


def files(folder: Path) -> list[Path]:
    """The files with counts."""
    return list(folder.glob("limits/*.json"))


async def ask(counts: Ledger, clock: Clock, url: str = INSIGHTS, project: str = "12345") -> int:
    """Take one turn; how many requests of the first limit are left."""
    meter = Meter(counts, project, {}, clock.pause)
    async with meter.turn(url):
        return next(iter(meter.standings.values())).left


async def test_sixty_queries_an_hour_are_let_through_and_the_next_told_when(tmp_path: Path) -> None:
    """Another process finds them counted; as the first grows an hour old, one more is taken."""
    clock = Clock()
    for number in range(60):
        assert await ask(ledger(tmp_path, clock.now), clock) == 59 - number
        clock.time += 10
    with pytest.raises(RateLimitError) as caught:
        await ask(ledger(tmp_path, clock.now), clock)
    assert (caught.value.retry_after, caught.value.message) == (
        3000,
        "Mixpanel takes 60 queries of a project in one hour, of which project 12345 has 0 left: "
        "nothing was sent. Retry after 3000 seconds.",
    )
    assert await ask(ledger(tmp_path, clock.now), clock, project="2") == 59
    clock.time += 3000
    assert await ask(ledger(tmp_path, clock.now), clock) == 0
    assert clock.pauses == []


async def test_what_mixpanel_asked_for_is_kept_to(tmp_path: Path) -> None:
    """After its 429 nothing is sent until the time that it told is over."""
    clock = Clock()
    counts = ledger(tmp_path, clock.now)
    Meter(counts, "12345", {}, clock.pause).learn(INSIGHTS, 429, {"retry-after": "90"})
    with pytest.raises(RateLimitError) as caught:
        await ask(counts, clock)
    assert caught.value.message == (
        "Mixpanel has asked for no queries of project 12345 for a while: nothing was sent. "
        "Retry after 90 seconds."
    )
    clock.time += 90
    assert await ask(counts, clock) == 59


async def test_the_fourth_export_of_a_second_waits_for_the_next(tmp_path: Path) -> None:
    """Each begins when Mixpanel takes it; exports spend no queries."""
    clock = Clock()
    counts = ledger(tmp_path, clock.now)
    assert [await ask(counts, clock, EXPORT) for _ in range(7)] == [59, 58, 57, 56, 55, 54, 53]
    assert clock.pauses == [1, 1, 1, 2]
    assert await ask(counts, clock) == 59


async def test_five_queries_run_at_once_and_others_wait(tmp_path: Path) -> None:
    """Also those of another process, whose places are free as soon as it ends."""
    clock = Clock()
    running = most = 0

    async def query(counts: Ledger) -> None:
        nonlocal running, most
        async with Meter(counts, "12345", {}, clock.pause).turn(INSIGHTS):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1

    processes = [ledger(tmp_path, clock.now), ledger(tmp_path, clock.now)]
    await asyncio.gather(*(query(processes[number % 2]) for number in range(14)))
    assert most == 5
    other = multiprocessing.get_context("fork").Process(target=_die_in_places, args=(tmp_path,))
    other.start()
    other.join()
    assert await ask(processes[0], clock) == 45


def _die_in_places(folder: Path) -> None:
    async def hold() -> None:
        counts = ledger(folder, Clock().now)
        for _ in range(5):
            await counts.files.place("any", 5)

    asyncio.run(hold())


async def test_a_gateway_on_this_machine_is_counted_in_memory_and_refuses_nothing(
    tmp_path: Path,
) -> None:
    """Its limits are not known, unless the server is told to keep to Mixpanel's."""
    clock = Clock()
    near = "http://127.0.0.1:9000/mixpanel.com/api/query/insights"
    counts = ledger(tmp_path, clock.now)
    assert [await ask(counts, clock, near) for _ in range(62)][-4:] == [1, 0, 0, 0]
    assert files(tmp_path) == []
    strict = ledger(tmp_path, clock.now, everywhere=True)
    assert [await ask(strict, clock, near) for _ in range(60)][-1] == 0
    with pytest.raises(RateLimitError):
        await ask(strict, clock, near)


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"sent": [1, "x"], "until": 0}', '{"sent": 1}'])
async def test_a_file_that_is_torn_counts_nothing(torn: str, tmp_path: Path) -> None:
    """It is written anew, for its owner only, and holds times alone."""
    clock = Clock()
    await ask(ledger(tmp_path, clock.now), clock)
    (file,) = files(tmp_path)
    file.write_text(torn)
    assert await ask(ledger(tmp_path, clock.now), clock) == 59
    assert json.loads(file.read_text()) == {"sent": [clock.time], "until": 0}
    assert file.stat().st_mode & 0o777 == 0o600


async def test_a_folder_that_cannot_be_written_stops_no_request(tmp_path: Path) -> None:
    """What cannot be counted is sent all the same."""
    (tmp_path / "limits").write_text("a file where the folder should be")
    assert await ask(ledger(tmp_path, Clock().now), Clock()) == 59


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("https://eu.mixpanel.com/api/query/jql", ["query", "jql"]),
        ("https://eu.mixpanel.com/api/query/engage/stats", ["query"]),
        ("https://data-eu.mixpanel.com/api/2.0/export", ["export"]),
        ("https://mixpanel.com/api/app/projects/1/schemas/event", ["schemas"]),
        ("https://mixpanel.com/api/app/projects/1/dashboards", []),
        ("https://api.mixpanel.com/import", []),
    ],
)
def test_each_api_has_its_own_limit(url: str, names: list[str]) -> None:
    """JQL counts as a query beside."""
    assert [each.name for each in limits_of(url)] == names


async def test_several_queries_are_asked_for_before_the_first(tmp_path: Path) -> None:
    """Three that are left do for three, and not for four; asking counts none."""
    clock = Clock()
    counts = ledger(tmp_path, clock.now)
    for _ in range(57):
        await ask(counts, clock)
    assert [counts.wait(QUERY, SHOP, more)[0] for more in (1, 3, 4)] == [0, 0, 3600]
    assert await ask(counts, clock) == 2
