"""Work in a thread that ends soon when whoever waits for it is cancelled."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

import anyio

T = TypeVar("T")


class Stopped(Exception):
    """The work was stopped before its end."""


async def stoppable(work: Callable[[threading.Event], T], stop: threading.Event | None = None) -> T:
    """The result of `work`, done in a thread; it is to end soon when its argument is set.

    That is done on cancellation, and the thread's end waited for, so that nothing is closed or
    removed under it.
    """
    stop = stop or threading.Event()
    running = asyncio.ensure_future(asyncio.to_thread(work, stop))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        stop.set()
        # Whoever gives up a call says so again and again until it has ended.
        with anyio.CancelScope(shield=True):
            await asyncio.wait({running})
        # What it raised is of no interest any more.
        running.exception()
        raise
