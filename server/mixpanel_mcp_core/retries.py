"""When a request is worth another attempt, and how long to wait before it. Pure."""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# More digits than this are no number of seconds, and int() refuses thousands of them.
_SECONDS = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Retry:
    """Which statuses are worth another attempt, and the first wait, doubled each time."""

    statuses: frozenset[int] = frozenset({429})
    first_wait: float = 1
    network: bool = False
    attempts: int = 4
    longest_wait: float = 60


RATE_LIMIT_ONLY = Retry()
SAFE_WRITE = Retry(statuses=frozenset({429, 502, 503}), first_wait=2)
# For what does the same when it comes twice: an answer that was lost does not matter.
RECOGNISED_WRITE = Retry(statuses=SAFE_WRITE.statuses, first_wait=2, network=True)
NEVER = Retry(attempts=1)


def retry_after(headers: Mapping[str, str]) -> int | None:
    """The seconds of a `Retry-After` header; a date or other text counts as none."""
    value = headers.get("retry-after", "").strip()
    return int(value) if _SECONDS.fullmatch(value) else None


def next_wait(retry: Retry, attempt: int, told: int | None, jitter: float) -> float:
    """Seconds before the next attempt; `jitter` from 0 to 1 adds up to a tenth."""
    if told is not None:
        return min(told, retry.longest_wait)
    wait = min(retry.first_wait * 2**attempt, retry.longest_wait)
    return wait * (1 + jitter / 10)


class Attempts:
    """The attempts of one request: how many are left, and how long they may still wait.

    `max_wait` bounds the seconds of all waits together.
    """

    def __init__(
        self, retry: Retry, max_wait: float, jitter: Callable[[], float] = random.random
    ) -> None:
        self._retry = retry
        self._left = max_wait
        self._jitter = jitter
        self._made = 0

    def wait_after(self, status: int | None, told: int | None = None) -> float | None:
        """Seconds until the next attempt, or None when this outcome is the last.

        `status` is None after a failure of the network; `told` is what `Retry-After` said.
        """
        worth = self._retry.network if status is None else status in self._retry.statuses
        wait = next_wait(self._retry, self._made, told, self._jitter())
        if not worth or self._made + 1 >= self._retry.attempts or wait > self._left:
            return None
        self._made += 1
        self._left -= wait
        return wait
