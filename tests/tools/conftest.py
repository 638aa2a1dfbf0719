"""The client that most jobs are told with."""

from collections.abc import AsyncIterator

import pytest
from job_client import at_work
from mcp import Client


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client of a server on an empty sandbox."""
    async with at_work("empty") as connected:
        yield connected
