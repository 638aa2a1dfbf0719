"""The sandbox on a port of its own."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from .errors import SandboxError

if TYPE_CHECKING:
    from .sandbox import Sandbox


def serve(sandbox: Sandbox, host: str, port: int, ready: Callable[[int], None]) -> None:
    """Answer requests until the process is told to stop, then close the sandbox.

    `ready` is called with the port, chosen by the system for port 0, once requests are accepted.

    Raises:
        SandboxError: the address cannot be bound.
    """
    import uvicorn

    with sandbox, _listener(host, port) as listener:
        # Connections inherit it: an answer's body need not wait for the client's word on its head.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ready(listener.getsockname()[1])
        config = uvicorn.Config(sandbox.app, log_level="warning")
        uvicorn.Server(config).run(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        told = getattr(error, "strerror", None) or error
        raise SandboxError(f"Cannot serve on {host}:{port}: {told}.") from error
