"""The limits that Mixpanel documents, and what remains of one. Pure."""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

_HOUR = 3600
_PERIODS = {60: "minute", _HOUR: "hour"}


class Limit(NamedTuple):
    """How many requests of a kind a project takes in so many seconds.

    Beside that, how many in one second, and how many at once; None where more than this server
    ever sends.
    """

    name: str
    things: str
    most: int
    seconds: int = _HOUR
    a_second: int | None = None
    at_once: int | None = None

    @property
    def period(self) -> str:
        """What its seconds are called."""
        return _PERIODS[self.seconds]

    def wait(self, sent: Sequence[float], now: float, more: int = 1) -> float:
        """Seconds until so many more may be sent, after those `sent`, oldest first."""
        windows = [(self.most - more + 1, self.seconds), (self.a_second or 0, 1)]
        ends = [sent[-most] + length for most, length in windows if 0 < most <= len(sent)]
        return max(0.0, *(end - now for end in ends)) if ends else 0.0

    def standing(self, sent: Sequence[float], now: float) -> "Standing":
        """What remains after those `sent`, none of them older than `seconds`."""
        refill = math.ceil(sent[0] + self.seconds - now) if sent else 0
        return Standing(self, max(0, self.most - len(sent)), refill)


class Standing(NamedTuple):
    """How many requests are left of a limit, and in how many seconds there is one more."""

    limit: Limit
    left: int
    refill: int

    @property
    def scarce(self) -> bool:
        """Whether less than a third is left."""
        return self.left * 3 < self.limit.most

    def told(self) -> dict[str, int]:
        """The same for a program."""
        return {"most": self.limit.most, "left": self.left, "refill_seconds": self.refill}


QUERY = Limit("query", "queries", 60, at_once=5)
_JQL = Limit("jql", "JQL scripts", 60)
_EXPORT = Limit("export", "exports", 60, a_second=3)
_SCHEMAS = Limit("schemas", "requests about schemas", 5, seconds=60)

_LIMITS: Sequence[tuple[re.Pattern[str], tuple[Limit, ...]]] = [
    # JQL counts as a query too.
    (re.compile(r".*/api/query/jql$"), (QUERY, _JQL)),
    (re.compile(r".*/api/query/"), (QUERY,)),
    (re.compile(r".*/api/2\.0/export$"), (_EXPORT,)),
    (re.compile(r".*/api/app/projects/\d+/schemas\b"), (_SCHEMAS,)),
]


def limits_of(url: str) -> tuple[Limit, ...]:
    """The limits that a request to this URL counts against."""
    return next((limits for pattern, limits in _LIMITS if pattern.match(url)), ())
