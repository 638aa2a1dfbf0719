"""Attempts at a funnel where the clocks of devices differ, and where days end."""

from collections.abc import Sequence

from mixpanel_mcp_sandbox.attempts import Attempt, Rules, Stretch, attempts, order_of
from mixpanel_mcp_sandbox.occurrences import Occurrence
from mixpanel_mcp_sandbox.windows import SessionWindow, TimeWindow

MINUTE = TimeWindow(60_000)


def tried(events: Sequence[Occurrence], rules: Rules) -> list[Attempt]:
    """The attempts that begin in the first minute."""
    return list(attempts(events, rules, 0, 60_000))


def test_the_tolerance_counts_from_the_latest_step() -> None:
    """A step may come two seconds before the latest of those done, not before the last of them."""
    third, second, first = Occurrence(7_500, 4), Occurrence(9_000, 2), Occurrence(10_000, 1)
    found = tried([third, second, first], Rules(order_of([False] * 3), MINUTE))
    assert found == [Attempt((first, second), (2, 1), 3)]


def test_an_exclusion_just_before_the_next_step_does_not_count() -> None:
    """It ends the attempt when it comes more than two seconds before, and after, a step."""
    rules = Rules(order_of([False, False]), MINUTE, (Stretch(0, 1, 2),))
    first, after, second = Occurrence(0, 1), Occurrence(2_000, 0, 1), Occurrence(10_000, 2)
    near, far = Occurrence(8_000, 0, 1), Occurrence(7_999, 0, 1)
    assert tried([first, after, near, second], rules) == [Attempt((first, second), (0, 3), 4)]
    assert tried([first, after, far, second], rules) == [Attempt((first,), (0,), 3)]


def test_the_tolerance_does_not_reach_into_the_session_before() -> None:
    """Midnight parts the sessions of two events of the same second."""
    rules = Rules(order_of([False, False]), SessionWindow(1))
    before, first = Occurrence(0, 2, session=1), Occurrence(500, 1, session=2)
    assert tried([before, first], rules) == [Attempt((first,), (1,), 2)]


def test_an_event_without_a_session_does_not_end_a_window_of_sessions() -> None:
    """It lies where its neighbours do."""
    rules = Rules(order_of([False, False]), SessionWindow(1))
    first, outside = Occurrence(0, 1, session=1), Occurrence(1_000, 0, 1)
    second, later = Occurrence(2_000, 2, session=1), Occurrence(9_000, 1, session=2)
    assert tried([first, outside, second, later], rules) == [
        Attempt((first, second), (0, 2), 3),
        Attempt((later,), (3,), 4),
    ]


def test_free_steps_that_stand_together_are_a_block() -> None:
    """A step in its place parts the blocks around it."""
    assert order_of([True, True, False, True]) == (0b11, 0b11, 0b100, 0b1000)
