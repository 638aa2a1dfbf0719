"""`mixpanel-mcp sandbox load`: a file of events becomes a sandbox that can be asked."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from processes import environment, warm

from mixpanel_mcp.__main__ import main
from mixpanel_mcp.commands import load as load_command

JANUARY = 1767268800  # 2026-01-01T12:00:00Z


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that commands are typed in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def parquet(name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """A Parquet file with these rows, whose types DuckDB finds out."""
    Path("rows.json").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with duckdb.connect() as connection:
        connection.execute(f"copy (from read_json('rows.json', format='nd')) to '{name}'")


def order(number: int, **columns: Any) -> dict[str, Any]:
    """A row of a shop's table."""
    known = {"at": JANUARY + 86_400 * number, "who": f"u{number % 2}", "id": f"o-{number}"}
    return {**known, "price": number / 2, **columns}


ORDERS = ["--event-name", "Order", "--time-column", "at", "--distinct-id-column", "who"]
KNOWN = [*ORDERS, "--insert-id-column", "id"]


def load(capsys: pytest.CaptureFixture[str], *typed: str) -> list[str]:
    """What `sandbox load` prints, without how long it took."""
    main(["sandbox", "load", *typed, "--sandbox", "shop.duckdb"])
    told = capsys.readouterr()
    lines = (told.out or told.err).splitlines()
    return [re.sub(" in [0-9.]+ s, [0-9,]+ a second", "", line) for line in lines]


def asked(statement: str) -> list[Any]:
    """The answer of the sandbox's file to SQL."""
    with duckdb.connect("shop.duckdb", read_only=True) as connection:
        return connection.execute(statement).fetchall()


def test_interrupted_load_stores_nothing_and_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the middle, when the rows are stored and their copies are looked for."""
    parquet("orders.parquet", [order(1)])

    def say(text: str) -> None:
        print(text, file=sys.stderr)
        if text == "looking for copies":
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(load_command, "_say", say)
    told = load(capsys, "orders.parquet", *KNOWN)
    assert told[-1] == "interrupted: nothing of these files was stored"
    assert asked("select count(*) from events") == [(0,)]


def test_days_are_those_of_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    """Its time zone is given once, and kept; one that there is not is told with the nearest."""
    parquet("orders.parquet", [order(1, at=JANUARY + 3 * 3600), order(2, at=JANUARY - 14 * 3600)])
    zone = ["--project-timezone", "Asia/Tokyo"]
    (*_, days) = load(capsys, "orders.parquet", *KNOWN, *zone, "--dry-run")
    assert days == "  days        2, from 2026-01-01 to 2026-01-02"
    assert load(capsys, "orders.parquet", *KNOWN, "--project-timezone", "Asia/Tokio") == [
        "mixpanel-mcp: There is no time zone 'Asia/Tokio'; one is 'Asia/Tokyo'."
    ]


def test_a_table_becomes_a_sandbox_that_answers(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What one process loaded another is asked about, and what is wrong is told by rows."""
    rows = [order(number) for number in range(1, 5)]
    parquet(
        "orders.parquet", [*rows, order(5, id="no_id"), order(6, at=None), order(7, who="null")]
    )
    command = [*warm(), "sandbox", "load", "orders.parquet", "--sandbox", "shop.duckdb", *KNOWN]
    done = subprocess.run(command, cwd=here, env=environment(), capture_output=True, text=True)
    assert re.sub(" in .* second", "", done.stdout).splitlines() == [
        "shop.duckdb has 4 events of these files.",
        "  rows        7",
        "  people      2",
        "  days        4, from 2026-01-02 to 2026-01-05",
        "  refused     3",
        "           1  'properties.$insert_id' is invalid: must be 1 to 36 letters, digits or "
        "hyphens: row 5",
        "           1  'properties.time' is invalid: must be seconds or milliseconds since 1970, "
        "or ISO 8601: row 6",
        "           1  'properties.distinct_id' is invalid: must not be a placeholder such as "
        "'undefined': row 7",
        "Ask it: mixpanel-mcp call --sandbox shop.duckdb events",
    ]
    days = ["from_date=2026-01-01", "to_date=2026-01-31", "unit=month"]
    question = ["call", "segmentation", "event=Order", *days, "--format", "csv"]
    main([*question, "--sandbox", "shop.duckdb"])
    assert capsys.readouterr().out.splitlines()[-1] == "2026-01-01,Order,4"


def test_what_is_loaded_again_is_set_aside(capsys: pytest.CaptureFixture[str]) -> None:
    """Without ids of its own a row has one of its content, and rows that are alike stay two."""
    parquet("orders.parquet", [order(1), order(1), order(2)])
    load(capsys, "orders.parquet", *ORDERS)
    told = load(capsys, "orders.parquet", *ORDERS)
    assert "  copies      3 of the same $insert_id: the last ones count" in told
    assert asked("select count(*), count(distinct insert_id) from events") == [(3, 3)]


def test_several_files_of_any_kind_are_one_load(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is named twice counts once; JSON lines and CSV are taken row by row."""
    parquet("a.parquet", [order(1), order(2, at=None)])
    Path("b.csv").write_text("at,who,id,price\nnever,u1,o-3,1.5\n", encoding="utf-8")
    Path("c.jsonl").write_text(json.dumps(order(4, price=None)) + "\n[]\n", encoding="utf-8")
    told = load(capsys, "a.parquet", "?.*", *KNOWN)
    assert told[:2] == ["shop.duckdb has 2 events of these files.", "  rows        5"]
    assert [line.rpartition(": ")[2] for line in told[5:7]] == [
        "a.parquet row 2, b.csv row 1",
        "c.jsonl row 2",
    ]
    stored = asked("select insert_id, props::json::varchar from events order by seq")
    assert stored == [("o-1", '{"price":0.5}'), ("o-4", '{"price":null}')]


def test_a_dry_run_keeps_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """It tells what a load would do, and the sandbox stays as it was."""
    parquet("orders.parquet", [order(1), order(2, at=None)])
    told = load(capsys, "orders.parquet", *KNOWN, "--dry-run")
    assert told[0] == "shop.duckdb would have 1 event of these files."
    assert asked("select count(*) from events") == [(0,)]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["no.parquet"], "There is no file no.parquet."),
        (["*.avro"], "There is no file *.avro."),
        (["."], "The folder . is no file: give what is in it, e.g. './*.parquet'."),
        (["orders.parquet", "--distinct-id-column", "wo"], "no column 'wo'; did you mean 'who'?"),
        (["orders.parquet", "--event-name", "Order"], "--time-column: no column is called time"),
        (["orders.parquet", *KNOWN, "--time-zone", "Berlin"], "Did you mean Europe/Berlin?"),
        (["orders.parquet", *KNOWN, "--rename", "at"], "--rename: 'at' is not COLUMN=NAME"),
        (["broken.parquet", *KNOWN], "broken.parquet cannot be read: Invalid Input Error: File "),
        (["orders.parquet", *KNOWN, "--sandbox", "demo"], "demo is no file of your own"),
    ],
)
def test_what_cannot_be_loaded_is_said_before_a_sandbox_is_made(
    here: Path, capsys: pytest.CaptureFixture[str], typed: list[str], told: str
) -> None:
    """Options are named as they are typed, with the nearest name where one does not exist."""
    parquet("orders.parquet", [order(1)])
    Path("broken.parquet").write_text("no table", encoding="utf-8")
    assert main(["sandbox", "load", "--sandbox", "shop.duckdb", *typed]) == 2
    assert told in capsys.readouterr().err
    assert not (here / "shop.duckdb").exists()


def test_a_file_that_is_torn_leaves_a_sandbox_as_it_was(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """All of a load is kept, or nothing."""
    with duckdb.connect() as connection:
        rows = f"select {JANUARY} as at, 'u' as who, 'o-' || i as id from range(6000) r(i)"
        connection.execute(f"copy ({rows}) to 'orders.parquet' (row_group_size 2048)")
    whole = Path("orders.parquet").read_bytes()
    torn = len(whole) * 3 // 5
    Path("orders.parquet").write_bytes(whole[:torn] + b"\xff" * 100 + whole[torn + 100 :])
    assert load(capsys, "orders.parquet", *KNOWN)[-1].startswith("mixpanel-mcp: Nothing was loaded")
    assert asked("select count(*) from events") == [(0,)]


def test_a_sandbox_that_is_served_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever has the file open keeps it."""
    parquet("orders.parquet", [order(1)])
    with duckdb.connect("shop.duckdb"):
        assert load(capsys, "orders.parquet", *KNOWN) == [
            "mixpanel-mcp: shop.duckdb is open in another server."
        ]
