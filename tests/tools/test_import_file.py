"""Files of rows become events: found out, looked at first, sent once, and gone on with."""

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from job_client import at_work, refused, told
from mcp import Client

pytestmark = pytest.mark.anyio

DAYS = {"from_date": "2026-01-01", "to_date": "2026-01-31"}
JANUARY = 1767268800  # 2026-01-01T12:00:00Z


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """A client of a server on an empty sandbox, which may use the files of a folder."""
    async with at_work("empty", files=tmp_path) as connected:
        yield connected


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """As everywhere, but for a server that all refusals of this module share."""
    return "asyncio"


@pytest.fixture(scope="module")
async def refusing(
    anyio_backend: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Client]:
    """A client for calls that send nothing, with a table, a text and a broken file."""
    folder = tmp_path_factory.mktemp("refusing")
    written(folder, "table.csv", "time,who,amount", f"{JANUARY},u,1")
    written(folder, "notes.txt", "x")
    written(folder, "notes.jsonl", event(1))
    written(folder, "broken.parquet", "no parquet at all")
    async with at_work("empty", files=folder) as connected:
        yield connected


def written(folder: Path, name: str, *lines: Any) -> str:
    """A file of lines, what is no text as JSON; its name."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / name).write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return name


async def stored(client: Client) -> list[dict[str, Any]]:
    """The events of January as Mixpanel has them, in order of time."""
    return await told(client, "stream_events", raw=True, **DAYS)


async def held(client: Client) -> list[dict[str, Any]]:
    """The same, without the ids that were made."""
    events = await stored(client)
    return [
        {
            "event": each["event"],
            **{k: v for k, v in each["properties"].items() if k != "$insert_id"},
        }
        for each in events
    ]


def event(number: int, **properties: Any) -> dict[str, Any]:
    """An event in the form in which Mixpanel exports them."""
    own = {"time": JANUARY + number, "distinct_id": f"u{number}", "$insert_id": f"i-{number}"}
    return {"event": "Ping", "properties": {**own, **properties}}


async def test_exported_events_go_in_as_they_are(client: Client, tmp_path: Path) -> None:
    """Mixpanel's own export needs no mapping, and comes out as it went in, nulls included."""
    events = [event(1, plan="pro", seats=3, ok=True), event(2, plan=None, tags=["a"], o={"x": 1})]
    answer = await told(client, "import_file", file_path=written(tmp_path, "raw.jsonl", *events))
    assert answer == {
        "rows": 2,
        "num_records_imported": 2,
        "refused": 0,
        "reasons": [],
        "failed_rows": [],
        "requests": 1,
        "failures_file": None,
    }
    assert await stored(client) == events


@pytest.mark.parametrize("name", ["all.jsonl", "all.csv", "all.parquet", "all.jsonl.gz"])
async def test_own_exports_come_back_without_a_mapping(
    client: Client, tmp_path: Path, name: str
) -> None:
    """Whatever format `stream_events` wrote, importing it again changes nothing."""
    events = [event(1, plan="pro", seats=3, price=1.5), event(2, tags=["a"], zip="007")]
    await told(client, "import_file", file_path=written(tmp_path, "raw.jsonl", *events))
    await told(client, "stream_events", output_file=name, **DAYS)
    async with at_work("empty", files=tmp_path) as second:
        await told(second, "import_file", file_path=name)
        assert await stored(second) == events


async def test_csv_columns_become_what_all_their_values_are(client: Client, tmp_path: Path) -> None:
    """Numbers, truth values and JSON are read where a whole column is; 007 stays a text."""
    table = written(
        tmp_path,
        "table.csv",
        "when,who,amount,code,zip,vip,tags,long",
        '2026-01-05T10:00:00,u1,1.5,007,10115,true,"[1,2]",1234567890123456',
        "2026-01-05 11:00:00+02:00,u2,2,08,20095,FALSE,,7",
        f'{JANUARY}000,u3,,"",x,,"{{}}",',
    )
    given = {
        "event_name": "Sale",
        "time_column": "when",
        "distinct_id_column": "who",
        "time_zone": "Europe/Berlin",
        "rename": {"amount": "Amount"},
    }
    await told(client, "import_file", file_path=table, **given)
    assert await held(client) == [
        {
            "event": "Sale",
            "time": JANUARY,
            "distinct_id": "u3",
            "code": "",
            "tags": {},
            "zip": "x",
        },
        {
            "event": "Sale",
            "time": 1767603600,
            "distinct_id": "u1",
            "Amount": 1.5,
            "code": "007",
            "long": "1234567890123456",
            "tags": [1, 2],
            "vip": True,
            "zip": "10115",
        },
        {
            "event": "Sale",
            "time": 1767603600,
            "distinct_id": "u2",
            "Amount": 2,
            "code": "08",
            "long": "7",
            "vip": False,
            "zip": "20095",
        },
    ]


async def test_parquet_columns_keep_their_types(client: Client, tmp_path: Path) -> None:
    """Timestamps are times and dates, lists and structs are JSON, an empty cell is no property."""
    typed = tmp_path / "typed.parquet"
    duckdb.execute(
        "copy (select timestamptz '2026-01-05 10:00:00.25+00' as time, 7::bigint as distinct_id, "
        "'Sale' as event, 1.50::decimal(9, 2) as amount, date '2026-02-03' as due, "
        "timestamp '2026-02-03 04:05:06' as at, [1, 2] as tags, {'x': 1} as o, null::int as gone) "
        f"to '{typed}'"
    )
    await told(client, "import_file", file_path="typed.parquet")
    (line,) = await held(client)
    assert line == {
        "event": "Sale",
        "time": 1767607200,
        "distinct_id": "7",
        "amount": 1.5,
        "at": "2026-02-03T04:05:06",
        "due": "2026-02-03",
        "o": {"x": 1},
        "tags": [1, 2],
    }


@pytest.mark.parametrize("header", ["event,time,distinct_id", "event,amount,distinct_id,time"])
async def test_table_without_rows_is_none_at_all(
    client: Client, tmp_path: Path, header: str
) -> None:
    """Whether all its columns are texts by their names or not."""
    answer = await told(client, "import_file", file_path=written(tmp_path, "none.csv", header))
    assert (answer["rows"], answer["num_records_imported"]) == (0, 0)


async def test_values_of_any_size_are_told(client: Client, tmp_path: Path) -> None:
    """A time beyond 64 bits, and a list where a text should be."""
    lines = (event(1, time=2**90), event(2, distinct_id=["user"] * 50))
    dry = {"file_path": written(tmp_path, "odd.jsonl", *lines), "dry_run": True}
    answer = await told(client, "import_file", **dry)
    number, users = (each["value"] for each in answer["failed_rows"])
    assert (number, len(users), users[:16]) == (2**90 // 10**6, 101, '["user","user","')


async def test_look_ahead_tells_what_would_come_and_sends_nothing(
    client: Client, tmp_path: Path
) -> None:
    """A dry run counts, dates and refuses, and shows the first event as it would be sent."""
    lines = (event(1), '{"broken', "", event(2, distinct_id="unknown"), event(3, time="soon"))
    dry = {"file_path": written(tmp_path, "mixed.jsonl", *lines), "dry_run": True}
    answer = await told(client, "import_file", **dry)
    placeholder = "'properties.distinct_id' is invalid: must not be a placeholder such as "
    no_time = (
        "'properties.time' is invalid: must be seconds or milliseconds since 1970, or ISO 8601"
    )
    assert {
        **answer,
        "reasons": [(each["message"], each["examples"]) for each in answer["reasons"]],
    } == {
        "rows": 4,
        "would_send": 1,
        "would_be_refused": 3,
        "reasons": [
            ("the row is no JSON", ["row 2"]),
            (f"{placeholder}'undefined'", ["row 4"]),
            (no_time, ["row 5"]),
        ],
        "failed_rows": [
            {"row": 2, "message": "the row is no JSON"},
            {
                "row": 4,
                "insert_id": "i-2",
                "field": "properties.distinct_id",
                "message": f"{placeholder}'undefined'",
                "value": "unknown",
            },
            {
                "row": 5,
                "insert_id": "i-3",
                "field": "properties.time",
                "message": no_time,
                "value": "soon",
            },
        ],
        "first_event": event(1),
        "first_time": "2026-01-01T12:00:01+00:00",
        "last_time": "2026-01-01T12:00:01+00:00",
        "events": [{"event": "Ping", "rows": 1}],
        "events_without_insert_id": 0,
    }
    assert await stored(client) == []


async def test_refused_rows_are_those_that_were_foretold(client: Client, tmp_path: Path) -> None:
    """Mixpanel refuses what the dry run said it would; the good rows are in all the same."""
    odd = {
        "future": event(1, time=4_000_000_000),
        "old": event(2, time=1),
        "nobody": event(3, distinct_id="undefined"),
        "no id": event(4, **{"$insert_id": "not/an/id"}),
        "deep": event(5, a={"b": {"c": {"d": {}}}}),
        "wide": event(6, a=list(range(256))),
        "many": event(7, **{f"p{number}": 1 for number in range(256)}),
        "nameless": {**event(8), "event": ""},
        "large": event(9, text="x" * (1 << 20)),
    }
    file = written(tmp_path, "odd.jsonl", *odd.values(), event(10))
    foretold = await told(client, "import_file", file_path=file, dry_run=True)
    done = await told(client, "import_file", file_path=file, failures_file="why.jsonl")
    assert [(each["row"], each["field"], each["message"]) for each in done["failed_rows"]] == [
        (each["row"], each["field"], each["message"]) for each in foretold["failed_rows"]
    ]
    assert (done["num_records_imported"], done["refused"]) == (1, len(odd))
    assert foretold["would_send"] == 1
    assert await stored(client) == [event(10)]
    lines = [json.loads(line) for line in (tmp_path / "why.jsonl").read_text().splitlines()]
    assert sorted(line["row"] for line in lines) == list(range(1, len(odd) + 1))


async def test_refused_rows_go_in_once_they_are_corrected(client: Client, tmp_path: Path) -> None:
    """The file of refused rows, corrected by hand, is imported as the first file was."""
    rows = (f"{JANUARY},u1,1", "soon,u2,2", f"{JANUARY + 2},null,3")
    named = {
        "event_name": "E",
        "distinct_id_column": "who",
        "property_columns": ["n"],
        "rename": {"n": "N"},
    }
    table = written(tmp_path, "table.csv", "time,who,n", *rows)
    await told(client, "import_file", file_path=table, failures_file="left.jsonl", **named)
    left = (tmp_path / "left.jsonl").read_text("utf-8")
    corrected = left.replace('"time":"soon"', f'"time":{JANUARY + 1}').replace('"null"', '"u3"')
    (tmp_path / "left.jsonl").write_text(corrected, encoding="utf-8")
    answer = await told(client, "import_file", file_path="left.jsonl", **named)
    assert (answer["num_records_imported"], answer["refused"]) == (2, 0)
    assert [(each["distinct_id"], each["N"]) for each in await held(client)] == [
        ("u1", 1),
        ("u2", 2),
        ("u3", 3),
    ]


async def test_repeated_import_doubles_nothing_and_twins_stay_apart(
    client: Client, tmp_path: Path
) -> None:
    """Rows alike to the letter are several events, and the same ones each time."""
    rows = [{"event": "A", "time": JANUARY, "distinct_id": "u", "n": n % 3} for n in range(4500)]
    file = written(tmp_path, "twins.jsonl", *rows)
    for start in (1, 1, 3000):
        await told(client, "import_file", file_path=file, start_row=start)
    await told(client, "stream_events", output_file="out.jsonl", **DAYS)
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    ids = [json.loads(line)["insert_id"] for line in lines]
    assert len(set(ids)) == 4500


async def test_progress_counts_rows_and_events(client: Client, tmp_path: Path) -> None:
    """Whoever waits is told after each request how far it is."""
    file = written(tmp_path, "many.jsonl", *(event(number) for number in range(4500)))
    reports: list[str | None] = []

    async def report(progress: float, total: float | None, message: str | None) -> None:
        reports.append(message)

    arguments = {"file_path": file, "parallel": 1}
    await client.call_tool("import_file", arguments, progress_callback=report)
    assert reports == [
        f"{rows:,} rows done, {rows:,} events imported" for rows in (2000, 4000, 4500)
    ]


async def test_several_files_are_one_and_rows_are_told_by_file(
    client: Client, tmp_path: Path
) -> None:
    """A pattern takes the files in order of their names; a refused row names its file."""
    (tmp_path / "days").mkdir()
    (tmp_path / "days" / "1.jsonl.gz").write_bytes(gzip.compress(json.dumps(event(1)).encode()))
    written(tmp_path, "days/2.jsonl", event(2), event(3, distinct_id="null"))
    written(tmp_path, "days/3.jsonl")
    flat = {"event": "Flat", "time": JANUARY + 9, "distinct_id": "u"}
    written(tmp_path, "days/4.jsonl", flat, {**flat, "distinct_id": "null"})
    answer = await told(client, "import_file", file_path="days/*")
    assert (answer["rows"], answer["num_records_imported"]) == (5, 3)
    assert answer["reasons"][0]["examples"] == ["2.jsonl row 2", "4.jsonl row 2"]
    assert [each["event"] for each in await stored(client)] == ["Ping", "Ping", "Flat"]


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({}, {"event_name": "which event", "distinct_id_column": "without_person"}),
        ({"event_name": "E", "distinct_id_column": "whom"}, {"distinct_id_column": "'who'"}),
        ({"event_name": "E", "event_column": "who"}, {"event_column": "leave it out"}),
        ({"event_name": "E", "rename": {"amuont": "x"}}, {"rename": "'amount'"}),
        ({"event_name": "E", "rename": {"who": "amount"}}, {"rename": "another column"}),
        (
            {"event_name": "E", "distinct_id_column": "who", "start_row": 2, "dry_run": False},
            {"start_row": "number 1"},
        ),
        ({"failures_file": "left.csv"}, {"failures_file": "must end with .jsonl"}),
        (
            {"file_path": "*.jsonl", "failures_file": "notes.jsonl"},
            {"failures_file": "another name"},
        ),
        ({"time_zone": "Europe/Berlim"}, {"time_zone": "Europe/Berlin"}),
        ({"file_path": "no.csv"}, {"file_path": "no file"}),
        ({"file_path": "*.xlsx"}, {"file_path": "no file"}),
        ({"file_path": "notes.txt"}, {"file_path": ".parquet"}),
        ({"file_path": "broken.parquet"}, {"file_path": "cannot be read"}),
    ],
    ids=lambda value: next(iter(value), "nothing") if isinstance(value, dict) else None,
)
async def test_wrong_argument_is_named_with_what_there_is(
    refusing: Client, given: dict[str, Any], problems: dict[str, str]
) -> None:
    """Nothing is sent; the refusal names the argument and the nearest column."""
    error = await refused(refusing, "import_file", **{"file_path": "table.csv", **given})
    assert error["code"] == "INVALID_INPUT"
    found = {each["field"]: each["problem"] for each in error["details"]["problems"]}
    assert found.keys() >= problems.keys()
    for field, text in problems.items():
        assert text in found[field]


async def test_files_outside_the_folder_stay_unread(refusing: Client) -> None:
    """Neither a name nor a pattern leads out of the folder."""
    for name in ("../secret.csv", "/etc/*.csv", "../*.csv"):
        error = await refused(refusing, "import_file", file_path=name)
        assert error["code"] == "NOT_PERMITTED"
