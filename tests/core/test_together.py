"""Calls that run at once."""

import asyncio

import pytest

from mixpanel_mcp_core.errors import MixpanelError
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
