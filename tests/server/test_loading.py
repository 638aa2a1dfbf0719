"""Events of files in a sandbox: by `sandbox load`, and what `/import` would have made of them."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "sandbox"))

from sandbox_client import NOW, Client, open_empty, results_of

from mixpanel_mcp.loading import Loading
from mixpanel_mcp_core.imports.columns import Asked
from mixpanel_mcp_core.imports.rows import opened
from mixpanel_mcp_core.imports.sources import reading
from mixpanel_mcp_sandbox.identity import Model
from mixpanel_mcp_sandbox.sandbox import Sandbox

SECONDS = int(NOW.timestamp())
Rule = tuple[str, str, object]
WHOLE = "select uid, t, event, distinct_id, insert_id, props::json from own.{} order by seq"


def held(client: Client) -> dict[str, Any]:
    """All that a sandbox knows of events and people; ids that were made are numbers.

    What they are made of need not be written alike where a number or a character is odd.
    """
    made: dict[str, int] = {}

    def read(row: Sequence[Any]) -> list[Any]:
        *known, own_id, properties = row
        short = own_id if len(own_id) < 10 else made.setdefault(own_id, len(made))
        return [*known, short, json.loads(properties)]

    with client.sandbox.store.read() as database:
        events = {
            table: list(map(read, database.rows(WHOLE.format(table))))
            for table in ("events", "superseded_events")
        }
        links = sorted(database.rows("select * from all_links"))
        return {**events, "links": links, "nulls": database.rows("select * from all_nulls")}


def governed(sandbox: Sandbox, rules: Iterable[Rule]) -> Client:
    """A client of the sandbox, in which rules hold now."""
    client = Client(sandbox)
    for method, path, body in rules:
        results_of(
            client.request(method, f"/api/app/projects/1/data-definitions/{path}/", json=body)
        )
    return client


def imported(folder: Path, identity: Model, zone: tzinfo, *rules: Rule) -> tuple[Any, list[str]]:
    """What `/import` makes of the rows of all files, and why it refuses which."""
    with open_empty(identity=identity) as sandbox, reading() as connection:
        client, refused = governed(sandbox, rules), list[str]()
        for load in opened(connection, sorted(folder.iterdir()), Asked(), zone).loads(1):
            refused += [f"{each.place} {each.message}" for each in load.refused]
            for batch in load.batches:
                body = b"[" + b",".join(each.data for each in batch) + b"]"
                answer = client.request("POST", "/import", content=body).json()
                refused += [
                    f"{batch[each['index']].place} {each['message']}"
                    for each in answer.get("failed_records", ())
                ]
        return held(client), sorted(refused)


def loaded(folder: Path, identity: Model, zone: tzinfo, *rules: Rule) -> tuple[Any, list[str]]:
    """What `sandbox load` makes of them."""
    with open_empty(identity=identity) as sandbox, reading() as connection:
        client = governed(sandbox, rules)
        rows = opened(connection, sorted(folder.iterdir()), Asked(), zone)
        loading = Loading(sandbox, rows, lambda _: None)
        loading.run()
        refused = [f"{each.row} {each.message}" for each in loading.refusals.first()]
        return held(client), sorted(refused)


def sql(value: Any) -> str:
    """A value as SQL."""
    match value:
        case None:
            return "null"
        case bool() | int() | Decimal():
            return str(value)
        case float():
            return f"'{value!r}'::double"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case datetime() | date():
            return f"'{value.isoformat()}'"
        case list():
            return f"[{', '.join(map(sql, value))}]"
        case dict():
            return f"{{{', '.join(f'{sql(k)}: {sql(v)}' for k, v in value.items())}}}"
        case _:
            raise TypeError(f"no SQL is written for {value!r}")


def write(path: Path, types: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """A Parquet file of columns with these types."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    values = ", ".join(f"({', '.join(map(sql, row))})" for row in rows)
    with duckdb.connect() as connection:
        connection.execute(f"create table t ({columns})")
        connection.execute(f"insert into t values {values}")
        connection.execute(f"copy t to '{path}' (format parquet)")


ALMOST = st.integers(-(10**9), 4000)
MOMENTS = st.builds(
    lambda s, us: NOW + timedelta(seconds=s, microseconds=us), ALMOST, st.integers(0, 10**6)
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
IDS = st.sampled_from(["", "a", "b", "c", "undefined", "x" * 40, "é"])
TIMES = {
    "BIGINT": st.one_of(
        ALMOST.map(lambda s: SECONDS + s),
        st.sampled_from(
            [
                0,
                -5,
                10**8,
                10**18,
                SECONDS * 1000 + 5,
                SECONDS * 10**6 - 7000,
                SECONDS * 10**9 - 10**9,
                -(2**63),
                2**63 - 1,
            ]
        ),
    ),
    "DOUBLE": st.floats(-1e9, 4000).map(lambda s: SECONDS + s)
    | st.sampled_from([float("nan"), float("inf"), SECONDS * 1000.5]),
    "TIMESTAMP": MOMENTS.map(lambda m: m.replace(tzinfo=None)),
    "TIMESTAMP_NS": MOMENTS.map(lambda m: m.replace(tzinfo=None)),
    "TIMESTAMPTZ": MOMENTS,
    "DATE": MOMENTS.map(datetime.date),
    "VARCHAR": st.one_of(
        MOMENTS.map(datetime.isoformat),
        MOMENTS.map(lambda m: f"{m:%Y-%m-%d %H:%M:%S}"),
        ALMOST.map(lambda s: str(SECONDS + s)),
        st.sampled_from(
            [
                "",
                "soon",
                "20260101",
                "2026-02-30T00:00:00",
                "2026-02-01T00:00:00+99:99",
                " 2026-01-01T00:00:00Z",
            ]
        ),
    ),
    "BOOLEAN": st.booleans(),
}
PROPERTIES = {
    "INTEGER": st.integers(-5, 5),
    "BIGINT": st.integers(-(2**63), 2**63 - 1),
    "UBIGINT": st.sampled_from([0, 7, 2**64 - 1]),
    "DOUBLE": st.floats() | st.sampled_from([1.0, 1.5]),
    "DECIMAL(10,2)": st.decimals(-100, 100, places=2),
    "DECIMAL(12,0)": st.integers(-100, 100),
    "DECIMAL(30,3)": st.decimals(-(10**20), 10**20, places=3),
    "BOOLEAN": st.booleans(),
    "VARCHAR": TEXTS | st.sampled_from(["x" * 255, "é" * 256, "x" * 300_000, "x" * 1_100_000]),
    "DATE": st.dates(date(1970, 1, 1), date(2100, 1, 1)),
    "TIMESTAMP": st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)),
    "TIMESTAMPTZ": MOMENTS,
    "VARCHAR[]": st.lists(TEXTS | st.none(), max_size=3) | st.just(["y" * 300] * 40),
    "DOUBLE[]": st.lists(st.floats() | st.none(), max_size=3),
    "STRUCT(a INTEGER, b STRUCT(c VARCHAR[]))": st.just({"a": None, "b": {"c": ["x"]}}),
    "STRUCT(a STRUCT(b STRUCT(c INTEGER[])))": st.just({"a": {"b": {"c": [1]}}}),
    "JSON": st.sampled_from(['{"a": [1, {"b": null}]}', '"x"', "[]", "null", "12"]),
    "UUID": st.uuids().map(str),
    "TIME": st.times().map(str),
}
PERSONS = {"VARCHAR": IDS, "BIGINT": st.integers(-1, 3), "DOUBLE": st.just(1.5)}


@st.composite
def files(draw: st.DrawFn) -> tuple[dict[str, str], list[list[Any]]]:
    """A table of a dozen rows: types of its columns, and values."""
    known = {
        "event": {
            "VARCHAR": st.sampled_from(["A", "B", "$identify", "$create_alias", "", "x" * 256])
        },
        "time": TIMES,
        "distinct_id": PERSONS,
        "$user_id": PERSONS,
        "$device_id": PERSONS,
        "$insert_id": {"VARCHAR": st.sampled_from(["i-1", "i-2", "i-3", "", "no", "_", "null"])},
        **dict.fromkeys(("p", "q", "r s", "$identified_id", "A"), PROPERTIES),
    }
    chosen = draw(st.lists(st.sampled_from(list(known)), unique=True))
    types, values = {}, []
    for name in dict.fromkeys(["event", "time", "distinct_id", *chosen]):
        kind, strategy = draw(st.sampled_from(list(known[name].items())))
        types[name] = kind
        empty = name in "pq" and draw(st.booleans())
        values.append(strategy | st.none() if empty else strategy)
    return types, draw(st.lists(st.tuples(*values).map(list), min_size=20, max_size=20))


@given(
    files(),
    st.sampled_from(["simplified", "original"]),
    st.sampled_from([UTC, ZoneInfo("America/New_York")]),
)
@settings(max_examples=3)
def test_what_is_loaded_is_what_an_import_would_store(
    tmp_path_factory: pytest.TempPathFactory, table: Any, identity: Model, zone: tzinfo
) -> None:
    """The same rows make the same events, people and refusals, whichever way they go."""
    folder = tmp_path_factory.mktemp("same")
    write(folder / "a.parquet", *table)
    assert loaded(folder, identity, zone) == imported(folder, identity, zone)


# Names that statements give to columns of their own.
ODD_NAMES = ("r", "place", "file", "twin", "number", "line", "load_twins", "File_Row_Number")


@pytest.mark.parametrize("names", [ODD_NAMES[:-1], ODD_NAMES], ids=["told in SQL", "row by row"])
def test_columns_may_have_any_name(tmp_path: Path, names: Sequence[str]) -> None:
    """Whatever a column is called, it has its own values, beside rows that are alike too."""
    known = {"event": "VARCHAR", "time": "BIGINT", "distinct_id": "VARCHAR"}
    values = [f"{name}'s" for name in names]
    rows = [["A", SECONDS - number // 2, "u", *values] for number in range(4)]
    write(tmp_path / "a.parquet", {**known, **dict.fromkeys(names, "VARCHAR")}, rows)
    stored, refused = loaded(tmp_path, "simplified", UTC)
    assert (stored, refused) == imported(tmp_path, "simplified", UTC)
    assert [row[-1] for row in stored["events"]] == [dict(zip(names, values, strict=True))] * 4


def test_moments_at_the_edges_are_those_of_an_import(tmp_path: Path) -> None:
    """Halves of a millisecond count as there, and what no clock shows is refused, and no more."""
    types = {"event": "VARCHAR", "time": "TIMESTAMP", "distinct_id": "VARCHAR"}
    halves = [NOW - timedelta(days=1, microseconds=500 * number) for number in range(2, 8)]
    times = [*halves, "294247-01-10 04:00:54.775806", "infinity"]
    naive = [time.replace(tzinfo=None) if isinstance(time, datetime) else time for time in times]
    write(tmp_path / "a.parquet", types, [["A", time, "u"] for time in naive])
    for zone in (UTC, ZoneInfo("America/New_York")):
        stored, refused = loaded(tmp_path, "simplified", zone)
        assert (stored, refused) == imported(tmp_path, "simplified", zone)
        assert (len(stored["events"]), len(refused)) == (6, 2)


def test_rows_that_are_alike_in_a_table_and_in_lines_stay_two(tmp_path: Path) -> None:
    """Files of several kinds share the numbers of what is alike."""
    types = {"event": "VARCHAR", "time": "BIGINT", "distinct_id": "VARCHAR"}
    write(tmp_path / "a.parquet", types, [["A", SECONDS, "u"]])
    line = json.dumps({"event": "A", "time": SECONDS, "distinct_id": "u"})
    (tmp_path / "b.jsonl").write_text(f"{line}\n{line}\n", encoding="utf-8")
    stored, refused = loaded(tmp_path, "simplified", UTC)
    assert (stored, refused) == imported(tmp_path, "simplified", UTC)
    assert len(stored["events"]) == 3


def test_lists_of_moments_are_told_in_utc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the machine stands."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    types = {"event": "VARCHAR", "time": "BIGINT", "distinct_id": "VARCHAR", "p": "TIMESTAMPTZ[]"}
    write(tmp_path / "a.parquet", types, [["A", SECONDS, "u", [NOW]]])
    stored, refused = loaded(tmp_path, "simplified", UTC)
    assert (stored, refused) == imported(tmp_path, "simplified", UTC)
    assert stored["events"][0][-1] == {"p": [f"{NOW:%Y-%m-%d %H:%M:%S}+00"]}


PRICED = {"property": "price", "operator": "equals", "value": "1"}
EXPECTED = {"events": [{"name": "A", "properties": [{"name": "price", "type": "string"}]}]}
RULES: dict[str, Rule] = {
    "a drop filter": ("POST", "events/drop-filters", {"event_name": "A", "filters": [PRICED]}),
    "an enforced schema": (
        "PUT",
        "schema",
        {
            "ruleEvent": "Warn and Drop",
            "notificationEmails": [],
            "commonProperties": [],
            "userProperties": [],
            **EXPECTED,
        },
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_what_the_project_drops_is_dropped(tmp_path: Path, rule: Rule) -> None:
    """What a sandbox filters and enforces holds for a load as for an import."""
    types = {"event": "VARCHAR", "time": "BIGINT", "distinct_id": "VARCHAR", "price": "BIGINT"}
    rows = [["A", SECONDS, "u", 1], ["A", SECONDS, "u", 2], ["B", SECONDS, "u", 1]]
    write(tmp_path / "a.parquet", types, rows)
    stored, _ = loaded(tmp_path, "simplified", UTC, rule)
    assert stored == imported(tmp_path, "simplified", UTC, rule)[0]
    assert len(stored["events"]) == 2


def test_an_id_that_is_made_is_that_of_an_import(tmp_path: Path) -> None:
    """So what was imported before is known again when it is loaded, rows that are alike too."""
    types = {"event": "VARCHAR", "time": "TIMESTAMP", "distinct_id": "BIGINT", "ü n": "DOUBLE"}
    row = ["A", datetime(2026, 1, 1, 12, 0, 0, 500_000), 7, 1.25]
    write(tmp_path / "a.parquet", types, [row, row, ["B", *row[1:3], None]])
    ids = "select insert_id from own.events order by seq"
    with open_empty() as sandbox, reading() as connection:
        rows = opened(connection, [tmp_path / "a.parquet"], Asked(), UTC)
        sent = [
            each.insert_id for load in rows.loads(1) for batch in load.batches for each in batch
        ]
        Loading(sandbox, rows, lambda _: None).run()
        with sandbox.store.read() as database:
            assert [row[0] for row in database.rows(ids)] == sent


def test_rows_that_have_few_columns_in_many_ways_are_all_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no statement tells any more is taken row by row; more columns than bits do no harm."""
    monkeypatch.setattr("mixpanel_mcp_sandbox.ordinary.MOST_PATTERNS", 2)
    monkeypatch.setattr("mixpanel_mcp_sandbox.ordinary.BITS", 2)
    own = {"event": "VARCHAR", "time": "BIGINT", "distinct_id": "VARCHAR"}
    rows = [
        ["A", SECONDS - number, "u", *(number if number >> bit & 1 else None for bit in range(5))]
        for number in range(12)
    ]
    write(tmp_path / "a.parquet", {**own, **dict.fromkeys("abcde", "BIGINT")}, rows)
    stored = loaded(tmp_path, "simplified", UTC)
    assert stored == imported(tmp_path, "simplified", UTC)
    assert len(stored[0]["events"]) == 12
