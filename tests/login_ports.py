"""The ports that a browser login comes back to are fixed: one login at a time on this machine."""

import fcntl
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def login_ports() -> Generator[None]:
    """Hold the fixed ports against other test processes."""
    with (Path(tempfile.gettempdir()) / "mixpanel-mcp-login-ports").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
