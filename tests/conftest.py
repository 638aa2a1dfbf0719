"""What tests stand on: a recorder in Mixpanel's place, and real clients of the real server."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))
from figures import KEY, told

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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the figures that tests of any worker have recorded."""
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.getreports(kind)]
    found = [value for each in reports for key, value in each.user_properties if key == KEY]
    if found:
        terminalreporter.section("weight of tools and answers")
        terminalreporter.write_line("\n".join(told(found)))


@pytest.fixture
def anyio_backend() -> str:
    """asyncio is what the server runs on."""
    return "asyncio"
