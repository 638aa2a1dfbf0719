"""Processes that this one starts."""

import os
import sys

# No secret of this process is any of their business.
_NEEDED = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def environment() -> dict[str, str]:
    """The variables that another Python needs to find what this one found."""
    known = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    return known | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
