"""The sandbox's four engines over millions of events, beside the same computed in polars.

Run with `uv run python tests/benchmarks/engine.py [events] [rounds]`. Made-up events, 40 for each
person on 90 days, with nine properties, lie in a sandbox's file and in a Parquet file. Each
question is asked of the sandbox as a client asks it, and computed by polars from the Parquet file;
both must come to the same numbers.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1] / "sandbox"))
from report_bodies import between, body, funnel, group, metric
from retention_asked import Asked
from sandbox_client import Client

from mixpanel_mcp_sandbox import open_sandbox

# Behind the last event, so that neither side has to leave any out.
NOW = datetime(2026, 4, 1, tzinfo=UTC)
FIRST, LAST = "2026-01-01", "2026-03-31"
STEPS = ("Visit", "Search", "View", "Cart", "Order")
DAY = 86_400_000
WEEK = 7 * DAY
# DuckDB may hold no more than this, so that a laptop can run the sandbox.
MEMORY = "3GB"
PARQUET, DATABASE = "events.parquet", "events.db"

FILL = """
insert into own.events
select hash(who), t, event, 'i' || n, n, who,
  {{'plan': plan, 'country': country, 'amount': amount, 'os': os, 'page': page, 'price': price,
    'items': items, 'ok': ok, 'ref': ref}}::variant
from read_parquet('{path}') order by hash(who), t, n
"""
MAKE = """
copy (
  with drawn as (
    select i as n, 'user-' || (i // 40) as who, (hash(i * 7 + 1) % 1000000) / 1e6 as a,
      hash(i * 7 + 2) as b, hash(i // 40) as own from range({events}) r(i))
  select n, who, epoch_ms(timestamp '2026-01-01') + (hash(n * 7 + 3) % {days})::bigint as t,
    case when a < .20 then 'Visit' when a < .38 then 'View' when a < .46 then 'Search'
         when a < .52 then 'Cart' when a < .55 then 'Order' else 'Other ' || (b // 23 % 15) end
      as event,
    ['free', 'plus', 'team'][1 + (own % 3)::int] as plan,
    ['US', 'GB', 'DE', 'FR', 'BR', 'JP', 'CA', 'IN'][1 + (own // 3 % 8)::int] as country,
    (b % 100000)::int as amount, ['ios', 'android', 'web'][1 + (b // 7 % 3)::int] as os,
    'p' || (b // 11 % 500) as page, (b % 977) / 10 as price, (b // 13 % 9)::int as items,
    b % 2 = 0 as ok, 'r' || (b // 17 % 40) as ref
  from drawn
) to '{path}' (format parquet)
"""


@dataclass(frozen=True)
class Question:
    """One question, as a request to the sandbox and as a computation of polars."""

    name: str
    ask: Callable[[Client], Any]
    compute: Callable[[pl.LazyFrame], Any]


def main(events: int, rounds: int) -> None:
    """Print how long each question takes on both sides, and the most memory held."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # In a process of its own, so that the memory which sorting takes is told apart.
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            seconds, held = pool.submit(fill, folder, events).result()
        print(f"{events:,} events, filled in {seconds:.1f} s with {held:,.0f} MB at most")
        print(f"{'question':34}{'sandbox s':>10}{'polars s':>10}{'ratio':>8}")
        with open_sandbox(str(folder / DATABASE), now=lambda: NOW) as sandbox:
            with sandbox.store.write() as database:
                database.run(f"set global memory_limit = '{MEMORY}'")
            frame = pl.scan_parquet(folder / PARQUET)
            for question in QUESTIONS:
                compare(question, Client(sandbox), frame, rounds)
    print(f"peak memory of both together {peak():,.0f} MB")


def fill(folder: Path, events: int) -> tuple[float, float]:
    """Make the events, put them into a sandbox's file, and tell seconds and peak memory."""
    path = folder / PARQUET
    duckdb.sql("set enable_progress_bar = false")
    duckdb.sql(MAKE.format(events=events, days=90 * DAY, path=path))
    with (
        open_sandbox(str(folder / DATABASE), now=lambda: NOW) as sandbox,
        sandbox.store.write() as database,
    ):
        database.run(f"set global memory_limit = '{MEMORY}'")
        started = time.perf_counter()
        database.run(FILL.format(path=path))
        return time.perf_counter() - started, peak()


def compare(question: Question, client: Client, frame: pl.LazyFrame, rounds: int) -> None:
    """Ask and compute in turns, and print the medians; the answers must be the same."""
    asked: list[float] = []
    computed: list[float] = []
    for _ in range(rounds + 1):
        answer, seconds = timed(lambda: question.ask(client))
        asked.append(seconds)
        expected, seconds = timed(lambda: question.compute(frame))
        computed.append(seconds)
        assert answer == expected, f"{question.name}: {answer} is not {expected}"
    ours, theirs = median(asked[1:]), median(computed[1:])
    print(f"{question.name:34}{ours:10.2f}{theirs:10.2f}{ours / theirs:8.2f}")


def timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """What something returns, and the seconds that it took."""
    started = time.perf_counter()
    return run(), time.perf_counter() - started


def series(client: Client, request: dict[str, Any]) -> Any:
    """What stands under the only metric of a report."""
    answer = client.post("/api/query/insights", request)
    assert answer.status_code == 200, answer.text
    [node] = answer.json()["series"].values()
    return node


def daily(math: str) -> Callable[[Client], Any]:
    """Ask for a number by day and plan."""
    days = [between(FIRST, LAST)]
    request = body(metric("View", math), time=days, group=[group("plan")])

    def ask(client: Client) -> Any:
        node = series(client, request)
        return {name: list(line.values()) for name, line in sorted(node.items())}

    return ask


def daily_in_polars(math: str) -> Callable[[pl.LazyFrame], Any]:
    """The same numbers."""
    of_day = pl.len() if math == "total" else pl.col("who").n_unique()

    def compute(frame: pl.LazyFrame) -> Any:
        views = frame.filter(pl.col("event") == "View").with_columns(day=pl.col("t") // DAY)
        split = views.group_by("plan", "day").agg(n=of_day).sort("day").collect()
        whole = views.group_by("day").agg(n=of_day).sort("day").collect()
        lines = {name: split.filter(pl.col("plan") == name)["n"].to_list() for name in PLANS}
        return {"$overall": whole["n"].to_list(), **lines}

    return compute


PLANS = ("free", "plus", "team")


def funnel_steps(client: Client) -> Any:
    """Ask how many people go all five steps, each at most two weeks after the first."""
    behavior = {"conversionWindowDuration": 14, "conversionWindowUnit": "day"}
    request = body(funnel(*STEPS, **behavior), time=[between(FIRST, LAST)], chart="funnel-steps")
    return [cell["all"] for cell in series(client, request)["count"].values()]


def funnel_in_polars(frame: pl.LazyFrame) -> Any:
    """Chained joins: right only because no event is two of the steps."""
    at = {name: frame.filter(pl.col("event") == name).select("who", "t") for name in STEPS}
    reached = (
        at[STEPS[0]]
        .group_by("who")
        .agg(first=pl.col("t").min())
        .with_columns(latest=pl.col("first"))
    )
    counts = [reached]
    for name in STEPS[1:]:
        reached = (
            reached.join(at[name], on="who")
            .filter(
                (pl.col("t") >= pl.col("latest") - 2000)
                & (pl.col("t") <= pl.col("first") + 14 * DAY)
            )
            .group_by("who", "first", "latest")
            .agg(t=pl.col("t").min())
            .select("who", "first", latest=pl.max_horizontal("latest", "t"))
        )
        counts.append(reached)
    return [each.height for each in pl.collect_all(counts)]


def retained(client: Client) -> Any:
    """Ask how many of each week's searchers order in the weeks after."""
    asked = Asked("Search", "Order", first=FIRST, last=LAST, unit="week", retention_unit="week")
    node = series(client, asked.body())
    return [cohort["counts"][:10] for day, cohort in sorted(node.items()) if day != "$average"]


def retained_in_polars(frame: pl.LazyFrame) -> Any:
    """The first search of everybody in a week, and the orders behind it."""
    monday = (pl.col("t") // DAY + 3) // 7
    born = (
        frame.filter(pl.col("event") == "Search")
        .with_columns(week=monday)
        .group_by("who", "week")
        .agg(first=pl.col("t").min())
    )
    orders = frame.filter(pl.col("event") == "Order").select("who", "t")
    bracket = (pl.col("t") - pl.col("first")) // WEEK
    counted = (
        born.join(orders, on="who")
        .filter((pl.col("t") > pl.col("first")) & (bracket < 10))
        .with_columns(bracket=bracket)
        .group_by("week", "bracket")
        .agg(n=pl.struct("who").n_unique())
        .collect()
    )
    weeks = born.select(pl.col("week").unique().sort()).collect()["week"].to_list()
    table = {(week, k): n for week, k, n in counted.rows()}
    return [[table.get((week, k), 0) for k in range(10)] for week in weeks]


def flow(client: Client) -> Any:
    """Ask for the three events after a cart."""
    step = {"event": "Cart", "forward": 3, "reverse": 0, "bool_op": "and"}
    request = {
        "bookmark": {
            "steps": [{**step, "step_label": "Cart", "property_filter_params_list": []}],
            "date_range": {"type": "between", "from_date": FIRST, "to_date": LAST},
            "chartType": "sankey",
            "flows_merge_type": "graph",
            "count_type": "unique",
            "cardinality_threshold": 50,
            "version": 2,
            "conversion_window": {"unit": "day", "value": 7},
            "anchor_position": 1,
            "collapse_repeated": False,
            "hidden_events": [],
            "exclusions": [],
        },
        "project_id": 1,
        "query_type": "flows_sankey",
    }
    answer = client.post("/api/query/arb_funnels", request)
    assert answer.status_code == 200, answer.text
    return [
        {node["event"]: int(node["totalCount"]) for node in step["nodes"]}
        for step in answer.json()["steps"]
    ]


def flow_in_polars(frame: pl.LazyFrame) -> Any:
    """The first cart of everybody, and what comes up to a week behind it."""
    carts = frame.filter(pl.col("event") == "Cart").select("who", first="t", at="n")
    anchors = carts.sort("first", "at").group_by("who", maintain_order=True).first()
    behind = (
        frame.select("who", "t", "n", "event")
        .join(anchors, on="who")
        .filter(
            (pl.col("t") > pl.col("first"))
            | ((pl.col("t") == pl.col("first")) & (pl.col("n") > pl.col("at"))),
            pl.col("t") <= pl.col("first") + WEEK,
        )
        .sort("who", "t", "n")
        .with_columns(place=pl.int_range(1, pl.len() + 1).over("who"))
        .filter(pl.col("place") <= 3)
    )
    people = anchors.select(pl.len()).collect().item()
    counted = behind.group_by("place", "event").agg(n=pl.len()).collect()
    columns: list[dict[str, int]] = [{"Cart": people}]
    for place in (1, 2, 3):
        here = counted.filter(pl.col("place") == place)
        column = dict(zip(here["event"], here["n"], strict=True))
        going_on = sum(n for name, n in columns[-1].items() if name != "DROPOFF")
        column["DROPOFF"] = going_on - sum(column.values())
        columns.append(column)
    return columns


QUESTIONS = (
    Question("insights, total by day and plan", daily("total"), daily_in_polars("total")),
    Question("insights, unique by day and plan", daily("unique"), daily_in_polars("unique")),
    Question("funnel of five steps", funnel_steps, funnel_in_polars),
    Question("retention by week", retained, retained_in_polars),
    Question("flow of three steps", flow, flow_in_polars),
)


def peak() -> float:
    """The most memory that this process ever held, in MB."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*(given + [1_000_000, 3][len(given) :]))
