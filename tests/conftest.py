"""What tests stand on: a recorder in Mixpanel's place, and real clients of the real server."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

# An example that takes long tells that the machine is busy, and nothing of the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_configure(config: pytest.Config) -> None:
    """All workers share one cache folder, in which the demo is built once; it is not the user's."""
    if hasattr(config, "workerinput"):
        return
    folder = tempfile.mkdtemp(prefix="cache-of-tests-")
    os.environ["XDG_CACHE_HOME"] = folder
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.fixture
def anyio_backend() -> str:
    """asyncio is what the server runs on."""
    return "asyncio"
