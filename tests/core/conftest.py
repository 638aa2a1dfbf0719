"""The client on its own: real sockets on this machine in Mixpanel's place."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

NETWORK = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"]


@pytest.fixture(autouse=True)
def plain_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies and certificates of the machine that runs the tests are not theirs."""
    for name in NETWORK:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
