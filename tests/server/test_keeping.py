"""What an answer has no room for is kept, where it may be, and the answer says how to go on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mixpanel_mcp.keeping import digest, keeper, store_of
from mixpanel_mcp.listing import Listing
from mixpanel_mcp.results import Renderer
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_core.tables import Table

SHORT = Renderer("csv", 500)


@dataclass
class Keeping:
    """Notes what it is to keep."""

    kept: list[Table] = field(default_factory=list[Table])

    def __call__(self, table: Table) -> str:
        """Keep a table."""
        self.kept.append(table)
        return "go on with it"


@dataclass
class Drawn:
    """A table of many rows, that people see another way."""

    rows: Sequence[list[Any]]

    def table(self) -> Table:
        """A row for each."""
        return Table(["n"], list(self.rows))

    def wide(self) -> Table:
        """What a person would draw."""
        return Table(["many", "n"], [["x", *row] for row in self.rows])


@pytest.mark.parametrize("form", ["csv", "table"])
def test_what_is_cut_is_kept_whole(form: Any) -> None:
    """All rows, and the same columns whoever reads the answer."""
    keep, rows = Keeping(), [[number] for number in range(999)]
    text = Renderer(form, 500).render("query", Drawn(rows), None, keep=keep)
    assert re.match(r"query · shown \d+ of 999 rows; go on with it\n", text)
    assert keep.kept == [Table(["n"], rows)]


def test_what_fits_is_not_kept() -> None:
    """There is nothing to go on with."""
    keep = Keeping()
    assert SHORT.render("query", Drawn([[1]]), None, keep=keep).startswith("query · 1 row\n")
    assert keep.kept == []


def test_a_list_of_names_is_a_table_of_one_column() -> None:
    """Names can be filtered, too."""
    keep, names = Keeping(), [f"Event {number}" for number in range(999)]
    SHORT.render("events", names, None, keep=keep)
    assert keep.kept == [Table(["value"], [[name] for name in names])]


def test_lists_of_objects_inside_of_an_answer_are_tables() -> None:
    """Each that was cut is told with its name; a list of other things is none."""
    events = [{"name": f"Event {number}", "tags": []} for number in range(200)]
    value = {"title": "Lexicon", "events": events, "ids": list(range(200, 900))}
    keep = Keeping()
    context, _, _ = SHORT.render("export", value, None, keep=keep).partition("\n")
    assert re.fullmatch(
        r"export · events: shown \d+ of 200 · ids: shown \d+ of 700 · events: go on with it",
        context,
    )
    assert keep.kept == [Table(["name", "tags"], [[each["name"], []] for each in events])]


def test_a_result_that_cannot_be_kept_is_cut_as_ever() -> None:
    """A full disk costs the handle, not the answer."""
    text = SHORT.render("query", Drawn([[1]] * 999), None, keep=lambda _: None)
    assert "of 999 rows; narrow the question to see the rest" in text


def going_on(**settings: Any) -> str | None:
    """How a server of these settings says that one may go on, without the handle."""
    listing = Listing(Settings(**settings))
    keep = keeper(listing, Sessions(listing.settings), "query", {"events": ["A"]}, None)
    return keep and re.sub(r"handle r\w{16}", "handle H", keep(Table(["n"], [[1]])) or "")


def test_only_what_the_server_runs_is_offered() -> None:
    """Listed or through the catalogue; where nothing may read results, none are kept."""
    sql = "go on with handle H: query_result (SQL)"
    assert going_on() == f"{sql} or read_result (page, filter, sort, through run_read_operation)"
    assert going_on(toolsets=("all",)) == f"{sql} or read_result (page, filter, sort)"
    assert going_on(exclude_tools=("read_result",)) == sql
    assert going_on(exclude_tools=("query_result",)) == (
        "go on with handle H: read_result (page, filter, sort, through run_read_operation)"
    )
    assert going_on(tools=("query",)) is None


def test_answers_that_are_credentials_are_not_kept() -> None:
    """Nothing that signs or logs in lies in a cache."""
    listing = Listing(Settings(toolsets=("all",)))
    assert keeper(listing, Sessions(listing.settings), "sign_replays", {}, None) is None


def test_kept_results_lie_in_the_cache_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They can be asked for again, and every server of the user reads them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    listing = Listing(Settings())
    store = store_of(listing, Sessions(listing.settings))
    handle = store.keep("query", "", None, Table(["n"], [[1]]))
    assert [each.relative_to(tmp_path) for each in tmp_path.rglob("*.jsonl")] == [
        Path(f"mixpanel-mcp/results/{handle}.jsonl")
    ]
    again = store_of(listing, Sessions(listing.settings))
    assert again.find(handle or "").table() == Table(["n"], [[1]])


def test_odd_numbers_and_texts_are_told_apart_like_all_others() -> None:
    """A number of more than 64 bits, and half of a pair of characters."""
    odd = [{"value": each} for each in (10**20, 10**20 + 1, "\ud800", "", date(2026, 1, 1))]
    assert len({digest(each) for each in odd}) == len(odd)
    assert digest({"a": 1, "b": 10**20}) == digest({"b": 10**20, "a": 1})
