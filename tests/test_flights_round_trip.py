"""Real flights the whole way: from Parquet in, by day to Parquet out, in again; no total moves."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from flights import EVENT, flights
from job_client import at_work, told
from mcp import Client

pytestmark = pytest.mark.anyio

# Two weeks, in which planes fly again and again.
FIRST, LAST = "2013-03-01", "2013-03-14"
DAYS = {"from_date": FIRST, "to_date": LAST}
MAPPING = {"event_name": EVENT, "distinct_id_column": "tail"}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """As everywhere, but for servers that all tests of this module share."""
    return "asyncio"


@pytest.fixture(scope="module")
def departed() -> pl.DataFrame:
    """The flights that go the way: those of two weeks in UTC."""
    start, end = datetime(2013, 3, 1, tzinfo=UTC), datetime(2013, 3, 15, tzinfo=UTC)
    return flights().filter(pl.col("time").is_between(start, end, "left"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, departed: pl.DataFrame) -> Path:
    """The folder of both servers, with the flights as polars writes them."""
    made = tmp_path_factory.mktemp("round-trip")
    departed.write_parquet(made / "flights.parquet")
    return made


@pytest.fixture(scope="module")
async def servers(anyio_backend: str, folder: Path) -> AsyncIterator[tuple[Client, Client]]:
    """Two servers on sandboxes of their own: the first was filled from the file, the second
    from what the first exported."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(at_work("empty", folder))
        second = await stack.enter_async_context(at_work("empty", folder))
        await told(first, "import_file", file_path="flights.parquet", **MAPPING)
        await told(first, "stream_events", output_file="days/{date}.parquet", **DAYS)
        await told(second, "import_file", file_path="days/*.parquet")
        yield first, second


async def test_every_day_has_a_file_with_its_flights(
    servers: tuple[Client, Client], folder: Path, departed: pl.DataFrame
) -> None:
    """The files are one for each day, and hold what the frame has of it, nothing less."""
    days = pl.col("time").dt.date().cast(pl.String)
    expected = departed.group_by(days.alias("day")).len().sort("day").rows()
    files = sorted((folder / "days").iterdir())
    assert [(file.stem, pl.read_parquet(file).height) for file in files] == expected


@pytest.mark.parametrize(
    "question",
    [
        {"events": [EVENT], "unit": "day"},
        {"events": [EVENT], "group_by": "carrier", "mode": "total"},
        {"events": [{"event": EVENT, "math": "unique"}], "unit": "day"},
        {"events": [{"event": EVENT, "math": "total", "property": "dep_delay"}], "unit": "day"},
        {"events": [{"event": EVENT, "math": "p90", "property": "distance"}], "group_by": "origin"},
        {
            "events": [EVENT],
            "where": {"property": "dep_delay", "operator": "is_not_set"},
            "unit": "day",
        },
    ],
    ids=["events", "carriers", "planes", "delays", "distances", "cancelled"],
)
async def test_no_answer_changes_on_the_way(
    servers: tuple[Client, Client], question: dict[str, Any]
) -> None:
    """Both sandboxes give the same answer, which is not an empty one."""
    first, second = [await told(each, "query", **question, **DAYS) for each in servers]
    assert first["series"] == second["series"]
    assert any(figures(first["series"]))


def figures(series: Any) -> list[float]:
    """All numbers in a series, however deep."""
    if isinstance(series, dict):
        return [number for each in series.values() for number in figures(each)]  # pyright: ignore[reportUnknownVariableType]
    return [series] if isinstance(series, (int, float)) else []


async def test_totals_are_those_of_the_frame(
    servers: tuple[Client, Client], departed: pl.DataFrame, folder: Path
) -> None:
    """What arrived at the far end is, flight by flight, what polars read at the start."""
    _, second = servers
    await told(second, "stream_events", output_file="arrived.jsonl", **DAYS)
    arrived = pl.read_ndjson(folder / "arrived.jsonl").unnest("properties")
    keys = ["time", "tail", "carrier", "origin", "dest", "dep_delay", "distance"]
    known = arrived.select(
        pl.col("event_time").str.to_datetime(time_zone="UTC", time_unit="us").alias("time"),
        pl.col("distinct_id").replace({"": None}).alias("tail"),
        *keys[2:],
    )
    wanted = departed.select(keys).cast({"time": pl.Datetime("us", "UTC")})
    assert known.sort(keys).equals(wanted.sort(keys))


async def test_the_way_gone_twice_doubles_nothing(
    servers: tuple[Client, Client], departed: pl.DataFrame
) -> None:
    """Ids that were made of the rows' content are the same when the file comes again."""
    first, second = servers
    for client, file in ((first, "flights.parquet"), (second, "days/*.parquet")):
        given = MAPPING if file == "flights.parquet" else {}
        await told(client, "import_file", file_path=file, **given)
    questions = {"events": [EVENT], "mode": "total", **DAYS}
    counts = [(await told(each, "query", **questions))["series"] for each in servers]
    assert counts[0] == counts[1]
    assert sum(figures(counts[0])) == len(departed)
