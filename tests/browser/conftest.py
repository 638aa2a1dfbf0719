"""Fixtures of what is seen in a real browser."""

import sys
from collections.abc import Generator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from chromium import found, launch
from login_ports import login_ports
from playwright.sync_api import Browser, Playwright, sync_playwright
from served import Served, served


@pytest.fixture(scope="module")
def library() -> Generator[Playwright]:
    """What starts browsers; while it is open, asyncio runs in this process."""
    found()
    with sync_playwright() as library:
        yield library


@pytest.fixture(scope="module")
def browser(library: Playwright) -> Generator[Browser]:
    """A real browser."""
    with launch(library) as browser:
        yield browser


@pytest.fixture(scope="module")
def sandbox() -> Generator[Served]:
    """The sandbox in a process of its own."""
    with served("empty") as sandbox:
        yield sandbox


@pytest.fixture
def ports() -> Generator[None]:
    """The ports that a login comes back to, for this test alone."""
    with login_ports():
        yield
