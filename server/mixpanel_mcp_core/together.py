"""Several calls at once, of which the first that fails ends them all."""

import asyncio
import sys
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def all_of(calls: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The results in the order of the calls, which run at once; raises the first error as it is.

    `asyncio.gather` is no way to send requests: where a client gives a call up, it cancels what
    closes the connections, too.
    """
    task = asyncio.current_task()
    cancelled = task.cancelling() if task else 0
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call) for call in calls]
    except ExceptionGroup as failures:
        # Before Python 3.13 a group that fails leaves its caller marked as being cancelled.
        if sys.version_info < (3, 13) and task and task.cancelling() > cancelled:
            task.uncancel()
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
