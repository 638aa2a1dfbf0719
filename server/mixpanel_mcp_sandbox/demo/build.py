"""Fill a sandbox database with the demo's people and events; no property of theirs is null."""

from datetime import datetime
from importlib import resources

import duckdb

from .calendar import epoch

GENERATOR_VERSION = 4
SEED = 20260202
PEOPLE = 9_200
"""Customers that sign up within the eighteen weeks."""

STAGES = (
    "draws",
    "calendar",
    "people",
    "releases",
    "sessions",
    "browsing",
    "buying",
    "oddities",
    "events",
    "profiles",
)
LAST_STAGES = ("apart",)


def build(
    connection: duckdb.DuckDBPyConnection, *, now: datetime, people: int | None = None
) -> None:
    """Insert all that happened up to now into events, superseded_events, links and profiles.

    The tables must exist and be visible to other cursors of the connection: the stages run on
    a cursor of their own, which takes its staging tables with it. Days before today come out
    the same whenever the demo is built within one week, whatever the number of threads.

    Args:
        connection: A database with the sandbox's empty tables.
        now: The instant, with time zone, after which nothing has happened yet.
        people: Customers that sign up within the eighteen weeks; visitors, scrapers and
            heartbeats shrink with them. All PEOPLE when absent.

    Raises:
        ValueError: now has no time zone.
        duckdb.Error: The tables are missing or the disk is full; the database is of no use then.
    """
    settings = _settings(now, PEOPLE if people is None else people)
    with connection.cursor() as workshop:
        for name, value in settings.items():
            workshop.execute(f"set variable {name} = {value}::bigint")
        for stages in (STAGES, LAST_STAGES):
            workshop.begin()
            for stage in stages:
                workshop.execute(_statements(stage))
            workshop.commit()


def _settings(now: datetime, people: int) -> dict[str, int]:
    return {
        "seed": SEED,
        "epoch": _milliseconds(epoch(now)),
        "now": _milliseconds(now),
        "customers": people,
        "visitors": people * 3_000 // PEOPLE,
        "scrapers": max(1, people * 40 // PEOPLE),
        "heartbeats": max(1, people * 300 // PEOPLE),
    }


def _statements(stage: str) -> str:
    folder = resources.files("mixpanel_mcp_sandbox") / "demo" / "sql"
    return (folder / f"{stage}.sql").read_text(encoding="utf-8")


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
