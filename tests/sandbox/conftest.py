"""Fixtures of the sandbox's tests."""

import sys
from collections.abc import Generator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sandbox_client import Client, Clock, open_empty


@pytest.fixture
def clock() -> Clock:
    """The sandbox's clock, which a test may move: the first of March 2026."""
    return Clock()


@pytest.fixture
def client(clock: Clock) -> Generator[Client]:
    """A client of an empty sandbox at that time."""
    with open_empty(clock) as sandbox:
        yield Client(sandbox)
