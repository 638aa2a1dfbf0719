"""Attempts at a funnel where the clocks of devices differ."""

from mixpanel_mcp_sandbox.attempts import Attempt, Rules, attempts, order_of
from mixpanel_mcp_sandbox.occurrences import Occurrence
from mixpanel_mcp_sandbox.windows import TimeWindow


def test_the_tolerance_counts_from_the_latest_step() -> None:
    """A step may come two seconds before the latest of those done, not before the last of them."""
    third, second, first = Occurrence(7_500, 4), Occurrence(9_000, 2), Occurrence(10_000, 1)
    rules = Rules(order_of([False] * 3), TimeWindow(60_000))
    tries = attempts([third, second, first], rules, 0, 60_000)
    assert list(tries) == [Attempt((first, second), (2, 1), 3)]
