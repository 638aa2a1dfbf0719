"""The browser of this machine is opened by a program of its own."""

import sys
from pathlib import Path

import pytest

from mixpanel_mcp_core.auth.browser import open_page

pytestmark = pytest.mark.anyio

PAGE = "http://localhost:1/page?a=b&c=d"
NOTES_PAGE = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])"


@pytest.fixture(autouse=True)
def no_other_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Those of the machine that runs the tests are not found."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))


async def test_page_is_opened_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Query and all reach the browser that BROWSER names."""
    program, seen = tmp_path / "program.py", tmp_path / "seen"
    program.write_text(NOTES_PAGE)
    monkeypatch.setenv("BROWSER", f"{sys.executable} {program} {seen} %s")
    assert await open_page(PAGE)
    assert seen.read_text() == PAGE


async def test_machine_without_a_browser_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller is told, and can show the address instead."""
    monkeypatch.setenv("BROWSER", "no-such-browser %s")
    assert not await open_page(PAGE)


async def test_working_directory_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that was checked out somewhere has no say in what opens a login page."""
    (tmp_path / "webbrowser.py").write_text("import pathlib; pathlib.Path('ran').touch()")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BROWSER", "no-such-browser %s")
    await open_page(PAGE)
    assert not (tmp_path / "ran").exists()
