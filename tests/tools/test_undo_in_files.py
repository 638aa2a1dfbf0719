"""What is changed in a sandbox that a file keeps can be undone as long as the file is there."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from job_client import told
from mcp import Client
from processes import away

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_sandbox import open_sandbox
from mixpanel_mcp_sandbox.cache import user_cache
from mixpanel_mcp_sandbox.kept_file import kept_file

pytestmark = pytest.mark.anyio

NOTE = {"date": "2026-01-01 00:00:00", "description": "Release"}


def at(where: Path) -> Client:
    """A client of a server of its own on a file."""
    tools = ("create_annotation", "delete_annotation", "list_changes", "undo_change")
    settings = Settings(sandbox=str(where), tools=tools, result_format="json", confirm="never")
    return Client(build(settings, away()))


async def changes(where: Path) -> list[Any]:
    """The tools that changed something in a file, as a server of its own lists them."""
    async with at(where) as client:
        return [each["tool"] for each in (await told(client, "list_changes"))["changes"]]


async def test_change_of_a_file_is_undone_by_another_server(tmp_path: Path) -> None:
    """Also where the file was moved; a copy and another file in its place have no changes."""
    file, moved, copy = tmp_path / "shop.duckdb", tmp_path / "moved", tmp_path / "copy"
    async with at(file) as client:
        await told(client, "create_annotation", **NOTE)
    shutil.copy(file, copy)
    file.rename(moved)
    async with at(moved) as client:
        [change] = (await told(client, "list_changes"))["changes"]
        undone = await told(client, "undo_change", change_id=change["id"])
    assert (change["about"], undone["did"]) == ('annotation 1 "Release"', ["delete_annotation"])
    assert [await changes(each) for each in (copy, file)] == [[], []]
    folder = user_cache() / "sandboxes"
    assert {each.stat().st_mode & 0o777 for each in folder.rglob("*.jsonl")} == {0o600}


async def test_what_is_not_kept_has_no_journal_that_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty sandbox is no file; where there is no cache, changes are made all the same."""
    with open_sandbox("empty") as sandbox:
        assert kept_file(sandbox.store) is None
    (tmp_path / "cache").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    async with at(tmp_path / "shop.duckdb") as client:
        await told(client, "create_annotation", **NOTE)
        assert len((await told(client, "list_changes"))["changes"]) == 1
    assert await changes(tmp_path / "shop.duckdb") == []
