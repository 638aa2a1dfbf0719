"""Long results are kept: privately, for a day, within bounds, and open to nothing but SELECT."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mixpanel_mcp_core.errors import InvalidInputError
from mixpanel_mcp_core.handles import asking
from mixpanel_mcp_core.handles.asking import ask
from mixpanel_mcp_core.handles.paging import Condition, View, read_page
from mixpanel_mcp_core.handles.store import Kept, Store
from mixpanel_mcp_core.handles.worker import answered
from mixpanel_mcp_core.tables import Table
from mixpanel_mcp_tools.results import query_result

pytestmark = pytest.mark.anyio

SOURCE = {"account": "acme", "project": "1", "workspace": None, "region": "us", "sandbox": False}
ROWS: list[list[Any]] = [
    ["2026-01-01", "Sign Up", 5, None],
    ["2026-01-02", "Order, Completed", 7, ["a"]],
    ["2026-01-03", "order \ud83d", None, []],
]
TABLE = Table(["date", "event", "count", "Date"], ROWS)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Where nothing is kept yet, at a path that looks like a pattern."""
    return Store(folder=tmp_path / "results [of] 'ours'*")


@pytest.fixture
def kept(store: Store) -> Kept:
    """A table of three rows that was kept."""
    return store.find(put(store, TABLE))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQL runs in this process: what matters is the answer."""

    async def here(request: Mapping[str, Any]) -> Mapping[str, Any]:
        return answered(request)

    monkeypatch.setattr(asking, "_answered", here)


def put(store: Store, table: Table) -> str:
    """The handle of a table that is kept now."""
    handle = store.keep("query", "digest", SOURCE, table)
    assert handle is not None
    return handle


def backdated(path: Path, hours: float) -> Path:
    """A file that was written so long ago."""
    then = time.time() - hours * 3600
    os.utime(path, (then, then))
    return path


def test_kept_result_is_known_by_its_handle_alone(store: Store, kept: Kept) -> None:
    """Tool, source, rows and columns, whose names and types are those of SQL."""
    assert kept.header.model_dump(exclude={"created"}) == {
        "tool": "query",
        "digest": "digest",
        "source": SOURCE,
        "columns": [
            {"name": "date", "type": "DATE"},
            {"name": "event", "type": "VARCHAR"},
            {"name": "count", "type": "BIGINT"},
            {"name": "Date_2", "type": "JSON"},
        ],
        "rows": 3,
        "owner": None,
    }
    assert kept.table().rows[:2] == ROWS[:2]
    assert put(store, TABLE) != kept.handle


def test_only_the_user_can_read_what_is_kept(kept: Kept) -> None:
    """Results are as private as the project they came from."""
    assert (kept.path.stat().st_mode & 0o777, kept.path.parent.stat().st_mode & 0o777) == (
        0o600,
        0o700,
    )


async def test_columns_have_the_type_of_all_their_cells(store: Store) -> None:
    """SQL sums numbers and compares days; what is mixed is text, and no cell is lost."""
    columns: list[tuple[str, list[Any]]] = [
        ("DATE", ["2026-01-01", None]),
        ("TIMESTAMP", ["2026-01-01T10:00:00", "2026-01-02T00:00:00"]),
        ("VARCHAR", ["2026-01-01T10:00:00Z", None]),
        ("VARCHAR", ["2026-01-01 10:00:00.5", None]),
        ("VARCHAR", ["2026-02-31", "2026-02-01"]),
        ("DOUBLE", [1, 2.5]),
        ("BOOLEAN", [True, None]),
        ("VARCHAR", [2**63, 1]),
        ("VARCHAR", [1, "x"]),
        ("VARCHAR", [{"a": 1}, "x"]),
        ("JSON", [{"a": 1}, [2]]),
        ("VARCHAR", [None, None]),
    ]
    names = [f"c{place}" for place in range(len(columns))]
    rows = [[values[row] for _, values in columns] for row in range(2)]
    found = store.find(put(store, Table(names, rows)))
    assert [each.type for each in found.header.columns] == [kind for kind, _ in columns]
    counts = ", ".join(f"count({name})" for name in names)
    counted = await ask({"result": found}, f"select {counts} from result", most=1)
    present = [sum(each is not None for each in values) for _, values in columns]
    assert counted.rows == [present]


@pytest.mark.parametrize("handle", ["", "rabc", "../../etc/passwd", "r" + "a" * 16, "R" * 17])
def test_a_handle_that_is_none_leads_nowhere(store: Store, kept: Kept, handle: str) -> None:
    """A guessed one, a path and an old one are answered alike: ask again."""
    with pytest.raises(InvalidInputError, match=r"handle: no result is kept as .* ask again"):
        store.find(handle)


def test_a_result_is_over_after_a_day(store: Store, kept: Kept) -> None:
    """It is refused at once, and its file goes with the next result that is kept."""
    backdated(kept.path, 24.1)
    with pytest.raises(InvalidInputError, match="24 hours"):
        store.find(kept.handle)
    put(store, TABLE)
    assert not kept.path.exists()


def test_the_oldest_results_make_room(store: Store, kept: Kept) -> None:
    """All together take 200 MB at most; what a killed process left behind goes too."""
    folder = kept.path.parent
    large = [folder / f"r{letter * 16}.jsonl" for letter in "abcd"]
    for hours, path in enumerate(large, 1):
        path.touch()
        os.truncate(path, 60_000_000)
        backdated(path, hours)
    torn = folder / f"{kept.path.name}.tmp.1.2"
    torn.touch()
    backdated(torn, 2)
    newest = store.find(put(store, TABLE)).path
    assert set(folder.iterdir()) == {kept.path, newest, *large[:3]}


def test_what_is_too_large_is_not_kept(store: Store) -> None:
    """Nor does a folder that cannot be written end a call: the answer just has no handle."""
    assert store.keep("query", "", SOURCE, Table(["x"], [["y" * 1_000_000]] * 51)) is None
    nowhere = Store(folder=Path(os.devnull) / "results")
    assert nowhere.keep("query", "", SOURCE, TABLE) is None


def test_a_file_that_is_damaged_is_none(store: Store, kept: Kept) -> None:
    """Whatever stands in the folder, a handle leads to a result or to a refusal."""
    kept.path.write_bytes(b"[1]\n")
    with pytest.raises(InvalidInputError, match="no result is kept"):
        store.find(kept.handle)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/hostname')",
        "select * from '/etc/passwd'",
        "select * from glob('/*')",
        "select * from query('copy result to ''/tmp/x''')",
        "select getenv('HOME')",
        "select * from request",
        "select * from duckdb_secrets()",
        "select * from enable_logging()",
        "with x as (insert into result values (1) returning *) select * from x",
        "insert into result values (1)",
        "copy result to '/tmp/x.csv'",
        "attach '/tmp/x.db'",
        "install httpfs",
        "load httpfs",
        "pragma database_list",
        "set memory_limit = '9GB'",
        "call enable_logging()",
        "create table y as select 1",
        "select 1; select 2",
        "-- nothing",
        "",
    ],
)
def test_sql_reaches_nothing_but_the_results(sql: str) -> None:
    """No file, network, setting, environment or second statement."""
    request = {"tables": ["create table result as select 1 as n"], "parameters": [], "most": 9}
    assert list(answered({**request, "sql": sql})) == ["error"]
    good = {"columns": ["n"], "rows": [[1]], "complete": True}
    assert answered({**request, "sql": "from result"}) == good


def test_sql_may_answer_with_values_of_any_kind() -> None:
    """All become JSON: exact whole numbers, days, lists, objects; no number is none."""
    sql = (
        "select 2::hugeint ** 70, 1.50::decimal(9,2), date '2026-01-02', [1, null], {'a': 1}, "
        "'nan'::double, interval 1 day, sum(2::bigint), timestamp '2026-01-02 03:04:05'"
    )
    told = answered({"tables": [], "sql": sql, "parameters": [], "most": 1})
    assert told["rows"] == [
        [
            float(2**70),
            1.5,
            "2026-01-02",
            [1, None],
            {"a": 1},
            None,
            "1 day, 0:00:00",
            2,
            "2026-01-02T03:04:05",
        ]
    ]


async def test_sql_that_takes_too_much_memory_is_stopped(kept: Kept) -> None:
    """Also where DuckDB itself would take gigabytes and not listen."""
    with pytest.raises(InvalidInputError, match="more than 512 MB of memory"):
        await ask({"result": kept}, "select length(repeat('x', 3000000000))", most=1)


async def test_sql_that_takes_too_long_is_stopped(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process is ended, whatever it is doing."""
    monkeypatch.setattr(asking, "SECONDS", 0.5)
    endless = "with recursive t(n) as (select 1 union all select n + 1 from t) select max(n) from t"
    with pytest.raises(InvalidInputError, match=r"sql: it takes more than 0\.5 seconds"):
        await ask({"result": kept}, endless, most=1)


async def test_sql_without_an_end_is_cut(kept: Kept) -> None:
    """The first rows come, and that there are more is told."""
    found = await ask({"result": kept}, "select * from range(100000000000)", most=2)
    assert found == (["range"], [[0], [1]], False)


@pytest.mark.usefixtures("quick")
async def test_mistakes_in_sql_are_told_with_place_and_nearest_names(kept: Kept) -> None:
    """Whoever wrote it can put it right at once."""
    with pytest.raises(InvalidInputError) as refused:
        await ask({"result": kept}, "select evnt,\n  count from result", most=1)
    assert refused.value.message == (
        'sql: Binder Error: Referenced column "evnt" not found in FROM clause!\n'
        "\n"
        "LINE 1: select evnt,\n"
        "               ^^^^\n"
        'Did you mean "event"?\n'
        "result has: date, event, count, Date_2"
    )


@pytest.mark.parametrize(
    ("column", "operator", "value", "rows"),
    [
        ("event", "equals", "Sign Up", [1]),
        ("event", "not_equals", "Sign Up", [2, 3]),
        ("event", "contains", "ORDER", [2, 3]),
        ("event", "not_contains", "order", [1]),
        ("count", ">", "5", [2]),
        ("count", "at_least", "5", [1, 2]),
        ("count", "less_than", "5.5", [1]),
        ("count", "not_equals", "5", [2, 3]),
        ("count", "is_not_set", "", [3]),
        ("date", "at_most", "2026-01-02", [1, 2]),
        ("Date_2", "is_set", "", [2, 3]),
    ],
)
@pytest.mark.usefixtures("quick")
async def test_conditions_choose_rows(
    kept: Kept, column: str, operator: Any, value: str, rows: list[int]
) -> None:
    """Text without its case where parts are looked for; a cell without a value is another one."""
    where = [Condition(column=column, operator=operator, value=value)]
    page = await read_page(kept, View(columns=["date"], where=where, sort=()), 9, None)
    assert page.rows == [[f"2026-01-0{row}"] for row in rows]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("sort", "counts"),
    [
        (["count"], [5, 7, None]),
        (["-count"], [7, 5, None]),
        (["count desc"], [7, 5, None]),
        (["Date_2", "date asc"], [7, None, 5]),
        ([], [5, 7, None]),
    ],
)
async def test_rows_are_sorted_as_one_says_it(
    kept: Kept, sort: list[str], counts: list[int | None]
) -> None:
    """What has no value comes last, and without a wish rows come as they were answered."""
    page = await read_page(kept, View(columns=["count"], where=(), sort=sort), 9, None)
    assert page.rows == [[each] for each in counts]


@pytest.mark.usefixtures("quick")
async def test_pages_follow_each_other_to_the_end(kept: Kept) -> None:
    """Sorted, without a row twice; a cursor goes with its own question only."""
    view = View(columns=["event", "count"], where=(), sort=["-count"])
    first = await read_page(kept, view, 2, None)
    assert (first.rows, first.total) == ([["Order, Completed", 7], ["Sign Up", 5]], 3)
    cursor = first.cursor(shown=1)
    second = await read_page(kept, view, 9, cursor)
    assert second.rows == [["Sign Up", 5], ["order ?", None]]
    assert second.cursor(shown=2) is None
    with pytest.raises(InvalidInputError, match="cursor: it belongs to another question"):
        await read_page(kept, View(columns=(), where=(), sort=()), 9, cursor)


@pytest.mark.usefixtures("quick")
async def test_all_that_is_wrong_with_a_page_is_told_together(kept: Kept) -> None:
    """Columns with the nearest that there are, and values that do not fit theirs."""
    where = [
        Condition(column="evnt", operator="equals", value="x"),
        Condition(column="count", operator="at_least", value="many"),
    ]
    with pytest.raises(InvalidInputError) as refused:
        await read_page(kept, View(columns=["day"], where=where, sort=["-Count"]), 9, None)
    there = "There are: date, event, count, Date_2"
    assert refused.value.message == (
        f"columns: there is no column 'day'. {there}; "
        f"where: there is no column 'evnt'. Did you mean 'event'? {there}; "
        f"sort: there is no column 'Count'. Did you mean 'count'? {there}; "
        "where: count is BIGINT, which 'many' is not"
    )


async def test_results_of_several_projects_are_asked_together(store: Store, kept: Kept) -> None:
    """Each is a table, named in order or by its handle, and the answer tells whose it is."""
    other = {**SOURCE, "project": "2"}
    handle = store.keep("query", "", other, Table(["count"], [[7]])) or ""
    sql = f"select count(*) from {handle} join result using (count)"
    told = await query_result(store, sql, [kept.handle])
    assert (told.rows, told.origin) == ([[1]], None)
    assert told.remarks() == ["result: acme/1", "result_2: acme/2"]
    alone = await query_result(store, f"select count(*) from {handle}")
    assert (alone.rows, alone.origin, alone.remarks()) == ([[1]], other, [])


async def test_sql_needs_results_and_takes_five() -> None:
    """Nothing is run without them."""
    with pytest.raises(InvalidInputError, match="handles: give the handle of at least one"):
        await query_result(Store(), "select 1")
    with pytest.raises(InvalidInputError, match="handles: at most 5"):
        await query_result(Store(), "select 1", list("abcdef"))
