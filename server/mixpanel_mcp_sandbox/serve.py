"""The sandbox on a port of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .sandbox import Sandbox


def serve(sandbox: Sandbox, host: str, port: int) -> None:
    """Answer requests until the process is told to stop, then close the sandbox."""
    import uvicorn

    with sandbox:
        uvicorn.run(sandbox.app, host=host, port=port, log_level="warning")
