"""Fixtures of the sandbox's tests."""

import sys
from collections.abc import Generator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sandbox_client import Client, open_empty


@pytest.fixture
def client() -> Generator[Client]:
    """A client of an empty sandbox on the first of March 2026."""
    with open_empty() as sandbox:
        yield Client(sandbox)
