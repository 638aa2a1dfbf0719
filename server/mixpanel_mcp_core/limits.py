"""The limits that Mixpanel documents, and what remains of one. Pure.

No number is documented for other requests: entities, flags, service accounts, pipelines.
"""

import math
import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from mixpanel_mcp_core.clock import lasting

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_PERIODS = {1: "second", _MINUTE: "minute", _HOUR: "hour", _DAY: "day"}
# What is counted by more than this is not remembered one by one.
_MANY = 1000


class Sent(NamedTuple):
    """How much was sent at a time."""

    at: float
    amount: int = 1


class Limit(NamedTuple):
    """How much of a kind a project takes in so many seconds.

    `counts` tells what of a request is counted: itself, what it is made of, or its bytes before
    they are packed, in units of `one`. Beside that, how many requests in one second, and how many
    at once. A refusal that does not `hold` says nothing about other requests.
    """

    name: str
    things: str
    most: int
    seconds: int = _HOUR
    a_second: int | None = None
    at_once: int | None = None
    counts: Literal["requests", "entries", "bytes"] = "requests"
    one: int = 1
    holds: bool = True

    @property
    def period(self) -> str:
        """What its seconds are called."""
        return _PERIODS[self.seconds]

    @property
    def grain(self) -> float:
        """Within how many seconds what was sent is remembered as one."""
        return self.seconds / 100 if self.most > _MANY else 0

    def wait(self, sent: Sequence[Sent], now: float, more: int = 1) -> float:
        """Seconds until so much more may be sent, after what was `sent`, oldest first.

        More than may ever be sent waits until all before it is forgotten: Mixpanel decides.
        """
        free = _free(sent, more - self.most, self.seconds)
        if self.a_second:
            free = max(free, _free(sent, more - self.a_second, 1))
        return max(0.0, free - now)

    def standing(self, sent: Sequence[Sent], now: float) -> "Standing":
        """What remains after what was `sent`, nothing of it older than `seconds`."""
        refill = math.ceil(sent[0].at + self.seconds - now) if sent else 0
        return Standing(self, max(0, self.most - sum(each.amount for each in sent)), refill)

    def told(self, amount: int) -> str:
        """An amount in units that a person would use."""
        return f"{round(amount / self.one, 1):g}"


class Standing(NamedTuple):
    """How much is left of a limit, and in how many seconds there is more."""

    limit: Limit
    left: int
    refill: int

    @property
    def matters(self) -> bool:
        """Whether a reader should know: of an hour or a day always, of a minute when it is scarce.

        A second is over before anybody has read of it.
        """
        scarce = self.left * 3 < self.limit.most
        return self.limit.seconds > _MINUTE or (self.limit.seconds == _MINUTE and scarce)

    def words(self) -> str:
        """What is left, for whoever should spend it with care."""
        limit, more = self.limit, "more" if self.limit.one > 1 else "one more"
        left = f"{limit.told(self.left)} of {limit.told(limit.most)} {limit.things} left"
        return f"{left} this {limit.period}, {more} in {lasting(self.refill)}"

    def told(self) -> dict[str, int]:
        """The same for a program."""
        return {"most": self.limit.most, "left": self.left, "refill_seconds": self.refill}


QUERY = Limit("query", "queries", 60, at_once=5)
_JQL = Limit("jql", "JQL scripts", 60)
_EXPORT = Limit("export", "exports", 60, a_second=3, at_once=100)
_INGESTION = Limit(
    "ingestion", "GB of records", 2 * 10**9, _MINUTE, at_once=20, counts="bytes", one=10**9
)
_SCHEMAS = Limit("schemas", "requests about schemas", 5, _MINUTE)
_ENTRIES = Limit("schema_entries", "changes of schemas", 4000, _MINUTE, counts="entries")
# Refused for hours where too much is to be looked through, which status and cancelling do not add.
_GDPR = Limit("gdpr", "requests about people's data", 1, 1, holds=False)
_LOOKUPS = Limit("lookup_tables", "replacements of lookup tables", 100, _DAY)
_SYNCS = Limit("warehouse_syncs", "syncs of imports", 5)

_LIMITS: Sequence[tuple[str, tuple[Limit, ...]]] = [
    # JQL counts as a query too.
    (r"\w+ (.*)/api/query/jql", (QUERY, _JQL)),
    (r"\w+ (.*)/api/query(?:/.*)?", (QUERY,)),
    (r"GET (.*)/api/2\.0/export", (_EXPORT,)),
    (r"(?:POST|PATCH) (.*)/api/app/\w+/\d+/schemas\b.*", (_ENTRIES, _SCHEMAS)),
    (r"\w+ (.*)/api/app/\w+/\d+/schemas\b.*", (_SCHEMAS,)),
    (r"\w+ (.*)/api/app/data-(?:retrievals|deletions)/.*", (_GDPR,)),
    (r"PUT (.*)/api/app/.*/imports/[^/]+/manual-sync", (_SYNCS,)),
    (r"PUT ((?:(?!/api/).)*)/lookup-tables/[^/]+", (_LOOKUPS,)),
    (r"POST ((?:(?!/api/).)*)/(?:track|import|engage|groups)", (_INGESTION,)),
]
_PATTERNS = [(re.compile(pattern), limits) for pattern, limits in _LIMITS]


def limits_of(method: str, url: str) -> tuple[str, tuple[Limit, ...]]:
    """The origin that a request goes to, and the limits that it counts against, if any."""
    asked = f"{method} {url}"
    matches = ((pattern.fullmatch(asked), limits) for pattern, limits in _PATTERNS)
    return next(((match[1], limits) for match, limits in matches if match), ("", ()))


def _free(sent: Sequence[Sent], over: int, length: float) -> float:
    """When enough of what was sent is older than `length` to be below a limit by `over`."""
    over += sum(each.amount for each in sent)
    free = 0.0
    for each in sent:
        if over <= 0:
            break
        over -= each.amount
        free = each.at + length
    return free
