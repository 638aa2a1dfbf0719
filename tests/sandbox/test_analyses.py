"""Rolling means and running sums of series."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixpanel_mcp_sandbox.analyses import cumulative, rolling

SERIES = st.lists(st.integers(-1000, 1000), min_size=1, max_size=20)
WINDOWS = st.integers(1, 25)


@given(points=SERIES)
def test_the_steps_of_a_running_sum_are_the_series(points: list[float]) -> None:
    """Differences undo the sum, which begins with the first point."""
    summed = cumulative(points)
    assert summed[0] == points[0]
    assert [after - before for before, after in pairwise(summed)] == points[1:]


@given(points=SERIES, window=WINDOWS)
def test_a_rolling_mean_is_a_difference_of_running_sums(points: list[float], window: int) -> None:
    """Each mean, times the points in it, is what the running sum grew by within the window."""
    summed = [0, *cumulative(points)]
    sizes = [min(place, window) for place in range(1, len(points) + 1)]
    grown = [summed[end] - summed[end - size] for end, size in enumerate(sizes, start=1)]
    means = rolling(points, window)
    assert [(m or 0) * n for m, n in zip(means, sizes, strict=True)] == pytest.approx(grown)


def test_gaps_count_neither_in_means_nor_in_sums() -> None:
    """A point that divides by zero is left out; a window of nothing else stays null."""
    assert rolling([None, None, 4, None, 2], 2) == [None, None, 4, 4, 2]
    assert cumulative([None, 4, None, 2]) == [0, 4, 4, 6]
