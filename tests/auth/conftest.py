"""Logins with a browser, played on this machine: nothing of a real home or proxy is theirs."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from login_ports import login_ports

PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"]


@pytest.fixture(autouse=True)
def plain_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies of the machine that runs the tests are not theirs."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def ports() -> Iterator[None]:
    """The fixed ports of logins, held against other tests."""
    with login_ports():
        yield
