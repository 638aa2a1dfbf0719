"""Calls that run at once, and work in threads: nothing of either goes on when it is given up."""

import asyncio
import threading
import time

import anyio
import pytest

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.threads import stoppable
from mixpanel_mcp_core.together import all_of

pytestmark = pytest.mark.anyio


async def told(number: int) -> int:
    """The number, the smaller the later."""
    await asyncio.sleep(0.01 / number)
    return number


async def failing() -> int:
    """Nothing but an error."""
    raise MixpanelError("no")


async def test_results_keep_the_order_of_the_calls() -> None:
    """Whichever is ready first."""
    assert await all_of(map(told, (1, 3, 2))) == [1, 3, 2]


async def test_the_first_failure_is_raised_as_it_is() -> None:
    """Not as a group, and nobody waits for the others."""
    never = asyncio.Event()
    with pytest.raises(MixpanelError, match="no"):
        await all_of([never.wait(), failing()])


async def test_whoever_asked_for_what_failed_goes_on() -> None:
    """A failure later than the first await does not count as the caller's being given up."""

    async def failing_later() -> None:
        await asyncio.sleep(0)
        raise MixpanelError("no")

    with pytest.raises(MixpanelError, match="no"):
        await all_of([failing_later()])
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_thread_has_ended_when_its_call_has() -> None:
    """Though a server gives calls up again and again, nothing is closed under the thread."""
    ended: list[bool] = []

    def work(stop: threading.Event) -> None:
        stop.wait(10)
        time.sleep(0.02)
        ended.append(True)

    async with anyio.create_task_group() as group:
        group.start_soon(stoppable, work)
        await asyncio.sleep(0.01)
        group.cancel_scope.cancel()
    assert ended == [True]


async def test_calls_that_are_given_up_come_to_their_end() -> None:
    """What each has to do at its end it does, whatever that waits for."""
    ended: list[int] = []

    async def call(number: int) -> None:
        try:
            await asyncio.sleep(10)
        finally:
            with anyio.CancelScope(shield=True):
                await asyncio.sleep(0.01)
            ended.append(number)

    async with anyio.create_task_group() as group:
        group.start_soon(all_of, [call(1), call(2)])
        await asyncio.sleep(0.01)
        group.cancel_scope.cancel()
    assert sorted(ended) == [1, 2]
