"""Attempts at a funnel where the clocks of devices differ."""

from mixpanel_mcp_sandbox.attempts import Attempt, Occurrence, Rules, attempts


def test_the_tolerance_counts_from_the_latest_step() -> None:
    """A step may come two seconds before the latest of those done, not before the last of them."""
    third, second, first = Occurrence(7_500, 4), Occurrence(9_000, 2), Occurrence(10_000, 1)
    tries = attempts([third, second, first], Rules(3, 60_000), 0, 60_000)
    assert list(tries) == [Attempt((first, second), (2, 1), 3)]
