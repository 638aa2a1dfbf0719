"""How long to wait, and when to stop waiting."""

from hypothesis import given
from hypothesis import strategies as st

from mixpanel_mcp_core.retries import NEVER, RATE_LIMIT_ONLY, SAFE_WRITE, Attempts, Retry

statuses = st.sampled_from([None, 200, 400, 403, 429, 500, 502, 503])
seconds = st.none() | st.integers(0, 10**17)
outcomes = st.lists(st.tuples(statuses, seconds), max_size=9)


@given(
    st.sampled_from([RATE_LIMIT_ONLY, SAFE_WRITE, NEVER, Retry(network=True)]),
    st.floats(0, 1000),
    outcomes,
    st.floats(0, 1),
)
def test_waits_stay_within_all_their_bounds(
    retry: Retry, max_wait: float, outcomes: list[tuple[int | None, int | None]], jitter: float
) -> None:
    """Whatever happens: no more attempts, no longer waits, and together no more than allowed."""
    attempts = Attempts(retry, max_wait, lambda: jitter)
    waits = [attempts.wait_after(status, told) for status, told in outcomes]
    granted = [wait for wait in waits if wait is not None]
    assert len(granted) < retry.attempts
    assert all(0 <= wait <= retry.longest_wait * 1.1 for wait in granted)
    assert sum(granted) <= max_wait * (1 + 1e-9)


def test_without_a_header_the_wait_doubles_up_to_a_minute() -> None:
    """However many attempts a retry allows."""
    attempts = Attempts(Retry(attempts=9), 10**6, lambda: 0)
    waits = [attempts.wait_after(429) for _ in range(9)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, None]


def test_an_outcome_that_ends_a_request_uses_no_attempt_up() -> None:
    """An answer that opens well may still break off, and then counts once."""
    attempts = Attempts(Retry(network=True), 100, lambda: 0)
    waits = [attempts.wait_after(200), attempts.wait_after(None), attempts.wait_after(None)]
    assert waits == [None, 1, 2]
