"""Exports into files: which requests leave, and what the files of each format hold."""

import gzip
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import zstandard
from exporting import DAYS, Mixpanel, event, ids, names, serving, stored, whole

from mixpanel_mcp_core.errors import InvalidInputError
from mixpanel_mcp_core.exports.columns import EVENT_COLUMNS, columns_of
from mixpanel_mcp_core.exports.kinds import Kinds
from mixpanel_mcp_core.exports.plan import stretches
from mixpanel_mcp_core.exports.target import read_target

pytestmark = pytest.mark.anyio

ODD: dict[str, Any] = {
    "n": 1,
    "N": "case matters",
    "event": "taken",
    "": "no name",
    "qu\"o'te": [1, "a", None],
    "mixed": "5",
    "large": 2**63 + 5,
    "share": 1,
    "flag": True,
    "nothing": None,
    "/~x": {"deep": {"er": 1}},
}
OTHER: dict[str, Any] = {"n": 2, "mixed": 5, "share": 2.5, "emoji 😀": "\u2028ü\0", "large": 1}


async def export_of(mixpanel: Mixpanel, folder: Path, name: str) -> Any:
    """The result of an export of two odd events, and of days that have no others."""
    lines = [json.dumps(event(DAYS[0], number, **each)) for number, each in enumerate((ODD, OTHER))]
    text = "\n".join(lines).encode()
    mixpanel.faults = {DAYS[0]: [whole(text)], DAYS[1]: [whole(b"")], DAYS[2]: [whole(b"")]}
    return await mixpanel.export(folder, name)


async def test_parquet_keeps_every_value_under_the_narrowest_type(tmp_path: Path) -> None:
    """Whole numbers, fractions, truth and text are such; what is mixed or nested is JSON text."""
    async with serving() as mixpanel:
        written = await export_of(mixpanel, tmp_path, "e.parquet")
    assert written.columns == {
        "event": "VARCHAR",
        "time": "TIMESTAMPTZ",
        "distinct_id": "VARCHAR",
        "insert_id": "VARCHAR",
        "n": "BIGINT",
        "N_2": "VARCHAR",
        "event_2": "VARCHAR",
        "property": "VARCHAR",
        "qu\"o'te": "JSON",
        "mixed": "JSON",
        "large": "JSON",
        "share": "DOUBLE",
        "flag": "BOOLEAN",
        "nothing": "VARCHAR",
        "/~x": "JSON",
        "emoji 😀": "VARCHAR",
    }
    assert written.renamed == {"N_2": "N", "event_2": "event", "property": ""}
    rows = pl.read_parquet(tmp_path / "e.parquet").to_dicts()
    for row, given in zip(rows, (ODD, OTHER), strict=True):
        kept = {
            written.renamed.get(name, name): json.loads(value)
            if written.columns[name] == "JSON"
            else value
            for name, value in row.items()
            if value is not None and name not in ("event", "time", "distinct_id", "insert_id")
        }
        assert kept == {name: value for name, value in given.items() if value is not None}
    assert [str(row["time"]) for row in rows] == [
        "2026-05-01 00:00:00+00:00",
        "2026-05-01 01:00:00+00:00",
    ]
    assert [row["insert_id"] for row in rows] == ids()[:2]


async def test_parquet_tells_which_property_a_renamed_column_is(tmp_path: Path) -> None:
    """The file itself holds the names that no table can have side by side."""
    async with serving() as mixpanel:
        await export_of(mixpanel, tmp_path, "e.parquet")
    with duckdb.connect() as database:
        [[told]] = database.execute(
            "select value from parquet_kv_metadata(?) where key = 'mixpanel_properties'",
            [str(tmp_path / "e.parquet")],
        ).fetchall()
    assert json.loads(told) == {"N_2": "N", "event_2": "event", "property": ""}


async def test_csv_has_the_same_columns_as_text(tmp_path: Path) -> None:
    """Times are ISO 8601 in UTC, what is missing is empty, text without letters is quoted."""
    async with serving() as mixpanel:
        written = await export_of(mixpanel, tmp_path, "e.csv.gz")
    text = gzip.decompress((tmp_path / "e.csv.gz").read_bytes()).decode()
    first, second = pl.read_csv(text.encode(), infer_schema=False).to_dicts()
    assert (first["time"], first["share"], first["mixed"], first["nothing"]) == (
        "2026-05-01T00:00:00Z",
        "1",
        "5",
        None,
    )
    assert (second["n"], second["large"], second["N_2"]) == ("2", "1", None)
    assert (written.columns, written.renamed["N_2"]) == (None, "N")


@pytest.mark.parametrize("ending", ["gz", "zst"])
async def test_compressed_lines_are_one_file_in_the_order_of_days(
    ending: str, tmp_path: Path
) -> None:
    """Parts are joined as they are, and every reader takes them for one."""
    async with serving() as mixpanel:
        written = await mixpanel.export(tmp_path, f"e.jsonl.{ending}")
    packed = (tmp_path / f"e.jsonl.{ending}").read_bytes()
    if ending == "gz":
        text = gzip.decompress(packed)
    else:
        with zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as reader:
            text = reader.read()
    events = [json.loads(line) for line in text.splitlines()]
    assert [each["insert_id"] for each in events] == ids()
    assert written.bytes == len(packed)


async def test_a_date_in_the_name_makes_a_file_for_each_day(tmp_path: Path) -> None:
    """Each has its own day's events, also one without any, and all have the same columns."""
    async with serving() as mixpanel:
        mixpanel.faults[DAYS[2]] = [whole(b"")]
        mixpanel.faults[DAYS[1]] = [whole(json.dumps(event(DAYS[1], 0, plan="pro")).encode())]
        written = await mixpanel.export(tmp_path, "flights/{date}.parquet")
    assert names(tmp_path / "flights") == [f"{day}.parquet" for day in DAYS]
    files = [pl.read_parquet(tmp_path / "flights" / f"{day}.parquet") for day in DAYS]
    assert [frame.height for frame in files] == [4, 1, 0]
    assert len({tuple(frame.schema.items()) for frame in files}) == 1
    assert (written.files, written.events) == (3, 5)


async def test_any_name_of_a_file_will_do(tmp_path: Path) -> None:
    """What would be a pattern elsewhere is a name here, and a folder is no partition."""
    async with serving() as mixpanel:
        await mixpanel.export(tmp_path, "p=1/a*[1]?'{}\"é.parquet")
    frame = pl.read_parquet((tmp_path / "p=1" / "a*[1]?'{}\"é.parquet").read_bytes())
    assert frame["insert_id"].to_list() == ids()


async def test_a_limit_takes_one_request(tmp_path: Path) -> None:
    """The first events of the whole range are not the first of every day."""
    async with serving() as mixpanel:
        await mixpanel.export(tmp_path, limit=5)
    assert mixpanel.asked == [f"{DAYS[0]}..{DAYS[2]}"]
    assert stored(tmp_path / "e.jsonl") == ids()


@pytest.mark.parametrize(
    ("last", "options", "requests", "longest"),
    [
        ("2026-01-01", {}, 1, 1),
        ("2026-01-12", {}, 12, 1),
        ("2026-01-13", {}, 7, 2),
        ("2026-12-31", {}, 12, 31),
        ("2035-12-31", {}, 37, 100),
        ("2026-02-28", {"daily": True}, 59, 1),
        ("2026-12-31", {"whole": True}, 1, 365),
    ],
)
def test_a_long_range_takes_few_requests(
    last: str, options: dict[str, bool], requests: int, longest: int
) -> None:
    """Every day is asked for once, in order, within a fifth of what Mixpanel answers an hour."""
    plan = stretches("2026-01-01", last, **{"daily": False, "whole": False, **options})
    lengths = [(each.last - each.first).days + 1 for each in plan]
    assert (len(plan), max(lengths)) == (requests, longest)
    assert str(plan[0].first) == "2026-01-01"
    assert str(plan[-1].last) == last
    assert all((b.first - a.last).days == 1 for a, b in pairwise(plan))


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("e.jsonll", False, "did you mean .jsonl?"),
        ("e.xlsx", False, "ends in none of .jsonl"),
        ("events", False, "ends in none of .jsonl"),
        ("e.parquet.gz", False, "ends in none of .jsonl"),
        (".hidden.jsonl", False, "begins with a dot"),
        (".exports/e.jsonl", False, "begins with a dot"),
        ("{date}/e.jsonl", False, "not of a folder"),
        ("e.csv", True, "raw is for .jsonl"),
    ],
)
def test_a_name_that_says_no_format_is_refused(
    name: str, raw: bool, told: str, tmp_path: Path
) -> None:
    """The refusal names what there is, and the nearest."""
    with pytest.raises(InvalidInputError) as caught:
        read_target(tmp_path, name, raw=raw, may_be_daily=True)
    assert told in caught.value.message


def test_a_day_for_each_file_takes_whole_days(tmp_path: Path) -> None:
    """With a limit no day would be whole."""
    with pytest.raises(InvalidInputError, match="not with limit"):
        read_target(tmp_path, "{date}.jsonl", raw=False, may_be_daily=False)


def test_many_shapes_of_records_take_no_more_memory() -> None:
    """Kinds are summed up as they come, whatever the order of the properties."""
    kinds = Kinds()
    for number in range(3000):
        kinds.line("Ping", {f"p{number % 7}": number % 2 or None, f"q{number}": ""})
    found = kinds.settled()
    assert columns_of({"p0": found["p0"]}, EVENT_COLUMNS, text=False).types["p0"] == "BIGINT"
    assert len(found) == 3007


async def test_odd_events_stay_lines_of_json(tmp_path: Path) -> None:
    """What is no text, no time or no properties is an event all the same."""
    odd = b'{"event":"E","properties":{"time":"x","s":"\\ud800"}}\n{"event":"F","properties":[1]}'
    async with serving() as mixpanel:
        mixpanel.faults = {day: [whole(b"")] for day in DAYS} | {DAYS[0]: [whole(odd)]}
        written = await mixpanel.export(tmp_path, raw=False)
    lines = [json.loads(each) for each in (tmp_path / "e.jsonl").read_text("utf-8").splitlines()]
    assert (written.events, written.skipped) == (2, 0)
    assert [(each["event_time"], each["properties"]) for each in lines] == [
        ("1970-01-01T00:00:00+00:00", {"time": "x", "s": "\ud800"}),
        ("1970-01-01T00:00:00+00:00", {}),
    ]


async def test_half_a_surrogate_pair_has_no_place_in_a_table(tmp_path: Path) -> None:
    """A question mark stands in for what is no text."""
    text = b'{"event":"E","properties":{"time":1777593600,"s":"a\\ud800","x":NaN,"y":%d}}' % (
        1 << 70
    )
    async with serving() as mixpanel:
        mixpanel.faults = {day: [whole(b"")] for day in DAYS} | {DAYS[0]: [whole(text)]}
        await mixpanel.export(tmp_path, "e.parquet")
    [row] = pl.read_parquet(tmp_path / "e.parquet").to_dicts()
    assert (row["s"], row["x"], json.loads(row["y"])) == ("a?", None, 1 << 70)
