"""A year of real flights goes in at once; every number that comes out is counted anew."""

import io
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pytest
from anyio import run_process
from flights import EVENT, FIRST, LAST, batches, flights
from mcp import Client
from polars.testing import assert_frame_equal
from processes import environment, over_stdio, warm

pytestmark = pytest.mark.anyio

Unit = Literal["day", "week", "month"]

YEAR = {"from_date": FIRST, "to_date": LAST}
UNITS: list[Unit] = ["day", "week", "month"]
BATCH = 5_000
# Enough for a row per carrier and day: here no answer is to be cut.
TOKENS = "200000"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """As everywhere, but for a server that all tests of this module share."""
    return "asyncio"


@pytest.fixture(scope="module")
def departed() -> pl.DataFrame:
    """All flights, which are what the answers are held against."""
    return flights()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the imported file and the exported one lie."""
    return tmp_path_factory.mktemp("flights")


@pytest.fixture(scope="module")
async def client(anyio_backend: str, departed: pl.DataFrame, folder: Path) -> AsyncIterator[Client]:
    """A client of a server process whose sandbox holds every flight."""
    id_column = pl.format("flight-{}", "number").alias("$insert_id")
    rows = departed.with_row_index("number").select(pl.exclude("number"), id_column)
    rows.write_parquet(folder / "flights.parquet")
    place = ["--sandbox", str(folder / "flights.duckdb")]
    mapping = ["--event-name", EVENT, "--distinct-id-column", "tail"]
    loaded = await run_process(
        [*warm(), "sandbox", "load", *place, *mapping, str(folder / "flights.parquet")],
        env=environment(),
    )
    assert f"has {len(departed):,} events of these files" in loaded.stdout.decode()
    arguments = [*place, "--toolsets", "all", "--max-tokens", TOKENS, "--files", str(folder)]
    async with over_stdio(arguments) as opened:
        yield opened


async def said(client: Client, tool: str, **arguments: Any) -> str:
    """The body of a good answer, below its context."""
    result = await client.call_tool(tool, arguments)
    text = "".join(getattr(block, "text", "") for block in result.content)
    assert not result.is_error, text
    return text.partition("\n\n")[2]


async def asked(client: Client, tool: str, **arguments: Any) -> pl.DataFrame:
    """The table of a good answer."""
    return pl.read_csv(io.StringIO(await said(client, tool, **arguments)))


def assert_same(answer: pl.DataFrame, expected: pl.DataFrame) -> None:
    """Both tables hold the same rows, whatever their order and the width of their integers."""
    rows = expected.select(answer.columns)
    # Answers write ten digits of a number.
    assert_frame_equal(answer, rows, check_row_order=False, check_dtypes=False, rel_tol=1e-9)


def counted(rows: pl.DataFrame, unit: Unit, value: pl.Expr, by: Sequence[str] = ()) -> pl.DataFrame:
    """`value` in every period of the year, 0 in those without a flight, `by` each segment."""
    period = (pl.col("time").dt.truncate(f"1{unit[0]}{'o' * (unit == 'month')}")).dt.date()
    every = pl.date_range(pl.date(2013, 1, 1), pl.date(2014, 1, 1), "1d", eager=True)
    periods = pl.DataFrame({"time": every}).select(period.alias("date")).unique()
    grid = periods.join(rows.select(by).unique(), how="cross") if by else periods
    found = rows.group_by(period.alias("date"), *by).agg(value.alias("count"))
    filled = grid.join(found, on=["date", *by], how="left").with_columns(
        pl.col("count").fill_null(0), pl.col("date").cast(pl.String), event=pl.lit(EVENT)
    )
    return filled.rename(dict.fromkeys(by, "segment"))


def with_overall(segments: pl.DataFrame, overall: pl.DataFrame) -> pl.DataFrame:
    """The rows of the segments and those across all of them."""
    total = overall.with_columns(segment=pl.lit("$overall")).select(segments.columns)
    return pl.concat([segments, total], how="vertical_relaxed")


def tails() -> pl.Expr:
    """Distinct tail numbers; a flight without one belongs to nobody."""
    return pl.col("tail").drop_nulls().n_unique()


async def test_daily_totals_are_those_of_the_frame(client: Client, departed: pl.DataFrame) -> None:
    """`query` and `segmentation` count every flight on its day in UTC."""
    expected = counted(departed, "day", pl.len())
    assert expected["count"].sum() == 336_776

    assert_same(await asked(client, "query", events=[EVENT], **YEAR), expected)
    segmentation = await asked(client, "segmentation", event=EVENT, **YEAR)
    assert_same(segmentation, expected.with_columns(segment="event"))


@pytest.mark.parametrize("unit", UNITS)
async def test_planes_are_counted_once_a_period(
    client: Client, departed: pl.DataFrame, unit: Unit
) -> None:
    """Unique tail numbers by day, week (from Monday) and month, without the flights of nobody."""
    planes = [{"event": EVENT, "math": "unique"}]
    answer = await asked(client, "query", events=planes, unit=unit, **YEAR)
    assert_same(answer, counted(departed, unit, tails()))


@pytest.mark.parametrize("unit", UNITS)
async def test_late_flights_from_jfk_split_by_carrier(
    client: Client, departed: pl.DataFrame, unit: Unit
) -> None:
    """Filters on a number and a text, and a breakdown, with every carrier in every period."""
    late = departed.filter(pl.col("dep_delay") > 60, pl.col("origin") == "JFK")
    overall = counted(late, unit, pl.len())
    answer = await asked(
        client,
        "query",
        events=[EVENT],
        where=[
            {"property": "dep_delay", "operator": "greater_than", "value": 60},
            {"property": "origin", "operator": "equals", "value": "JFK"},
        ],
        group_by="carrier",
        unit=unit,
        **YEAR,
    )
    assert_same(answer, with_overall(counted(late, unit, pl.len(), ["carrier"]), overall))


@pytest.mark.parametrize("unit", UNITS)
async def test_segmentation_splits_and_filters_by_expressions(
    client: Client, departed: pl.DataFrame, unit: Unit
) -> None:
    """The older endpoint counts the same flights by carrier."""
    late = departed.filter(pl.col("dep_delay") > 60, pl.col("origin") == "JFK")
    answer = await asked(
        client,
        "segmentation",
        event=EVENT,
        on="carrier",
        where='properties["dep_delay"] > 60 and properties["origin"] == "JFK"',
        unit=unit,
        **YEAR,
    )
    assert_same(answer, counted(late, unit, pl.len(), ["carrier"]))


async def test_planes_of_the_year_are_counted_once_beside_every_carrier(
    client: Client, departed: pl.DataFrame
) -> None:
    """A plane that flew for two carriers counts under both, and once overall."""
    answer = await asked(
        client,
        "query",
        events=[{"event": EVENT, "math": "unique"}],
        group_by="carrier",
        mode="total",
        **YEAR,
    )
    carriers = departed.group_by(pl.col("carrier").alias("segment")).agg(count=tails())
    overall = departed.select(count=tails())
    assert_same(answer, with_overall(carriers, overall).with_columns(event=pl.lit(EVENT)))


async def test_distances_fall_into_buckets(client: Client, departed: pl.DataFrame) -> None:
    """Numbers are split into buckets of 500 miles, the lower end included."""
    answer = await asked(
        client,
        "query",
        events=[EVENT],
        group_by={
            "property": "distance",
            "property_type": "number",
            "bucket_size": 500,
            "bucket_min": 0,
            "bucket_max": 5000,
        },
        unit="month",
        **YEAR,
    )
    low = pl.col("distance") // 500 * 500
    names = {each: f"{each:,} - {each + 500:,}" for each in range(0, 5000, 500)}
    labelled = departed.with_columns(bucket=low.replace_strict(names, return_dtype=pl.String))
    buckets = counted(labelled, "month", pl.len(), ["bucket"])
    assert_same(answer, with_overall(buckets, counted(departed, "month", pl.len())))


MEASURES: dict[str, pl.Expr] = {
    "total": pl.col("dep_delay").sum(),
    "average": pl.col("dep_delay").mean(),
    "median": pl.col("dep_delay").median(),
    "p90": pl.col("dep_delay").quantile(0.9, "linear"),
    "min": pl.col("dep_delay").min(),
    "max": pl.col("dep_delay").max(),
}


@pytest.mark.parametrize("math", MEASURES)
async def test_delays_are_measured_by_month_and_carrier(
    client: Client, departed: pl.DataFrame, math: str
) -> None:
    """Sums, means and quantiles are of the flights that have a delay."""
    answer = await asked(
        client,
        "query",
        events=[{"event": EVENT, "math": math, "property": "dep_delay"}],
        group_by="carrier",
        unit="month",
        **YEAR,
    )
    carriers = counted(departed, "month", MEASURES[math], ["carrier"])
    overall = counted(departed, "month", MEASURES[math])
    assert_same(answer, with_overall(carriers, overall))


async def test_cancelled_flights_are_those_without_a_delay(
    client: Client, departed: pl.DataFrame
) -> None:
    """What was never sent is not set."""
    where = {"property": "dep_delay", "operator": "is_not_set"}
    answer = await asked(client, "query", events=[EVENT], where=where, unit="week", **YEAR)
    cancelled = departed.filter(pl.col("dep_delay").is_null())
    assert_same(answer, counted(cancelled, "week", pl.len()))


async def test_spring_comes_out_as_it_went_in(
    client: Client, departed: pl.DataFrame, folder: Path
) -> None:
    """An export holds every flight of three months with all that is known of it."""
    days = {"from_date": "2013-03-01", "to_date": "2013-05-31"}
    await said(client, "stream_events", output_file="spring.jsonl", **days)
    first, end = pl.datetime(2013, 3, 1, time_zone="UTC"), pl.datetime(2013, 6, 1, time_zone="UTC")
    known = departed.with_row_index("number").select(
        pl.exclude("number", "tail", "time"),
        event_name=pl.lit(EVENT),
        event_time=pl.col("time").dt.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        distinct_id=pl.col("tail").fill_null(""),
        insert_id=pl.format("flight-{}", "number"),
    )
    spring = known.filter(departed.select(pl.col("time").is_between(first, end, "left"))["time"])
    assert_same(pl.read_ndjson(folder / "spring.jsonl").unnest("properties"), spring)


async def test_flights_sent_again_count_once(client: Client, departed: pl.DataFrame) -> None:
    """Flights that come again, now from the caller's hand, change no number."""
    again = next(batches(departed, BATCH))
    imported = await said(client, "import_events", events=again)
    assert json.loads(imported) == {
        "num_records_imported": BATCH,
        "failed_records": [],
        "batches": 3,
    }
    answer = await asked(client, "query", events=[EVENT], **YEAR)
    assert_same(answer, counted(departed, "day", pl.len()))
