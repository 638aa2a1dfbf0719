"""How events are counted: which aggregations need a property, refuse one, or count users."""

from collections.abc import Iterator
from typing import get_args

from .problems import Problem
from .vocabulary import FunnelMathType, MathType, PerUserAggregation, RetentionMathType

MATHS = frozenset(get_args(MathType)) - {"percentile"} | {"custom_percentile"}
TAKES_NO_PROPERTY = frozenset(["unique", "dau", "wau", "mau", "cumulative_unique", "sessions"])
# `total` counts without a property and sums with one; all others aggregate one.
NEEDS_PROPERTY = (MATHS | {"percentile"}) - TAKES_NO_PROPERTY - {"total"}
COUNTS_USERS = frozenset(("dau", "wau", "mau", "unique"))
PER_USER = frozenset(get_args(PerUserAggregation)) | {"session_replay_id_value"}

FUNNEL_MATHS = frozenset(get_args(FunnelMathType)) | {"general", "session", "conversion_rate"}
FUNNEL_NEEDS_PROPERTY = frozenset(
    ["average", "median", "min", "max", "p25", "p75", "p90", "p99", "histogram"]
)
FUNNEL_TAKES_NO_PROPERTY = FUNNEL_MATHS - FUNNEL_NEEDS_PROPERTY - {"total"}

RETENTION_MATHS = frozenset(get_args(RetentionMathType))


def wire_math(math: str) -> str:
    """The word of the wire for an aggregation."""
    return "custom_percentile" if math == "percentile" else math


def needs_property(math: str, has_property: bool, code: str, path: str) -> Iterator[Problem]:
    """An aggregation of values without a property to take them from."""
    if math in NEEDS_PROPERTY and not has_property:
        yield Problem(code, path, f'math {math!r} needs a property, e.g. "amount".')


def refuses_property(math: str, has_property: bool, code: str, path: str) -> Iterator[Problem]:
    """A count of users or sessions with a property that it cannot use."""
    if math in TAKES_NO_PROPERTY and has_property:
        message = f'math {math!r} takes no property; leave it out or choose e.g. "average".'
        yield Problem(code, path, message)


def needs_percentile(math: str, percentile: object, path: str) -> Iterator[Problem]:
    """A percentile that is not told."""
    if math == "percentile" and percentile is None:
        message = 'math "percentile" needs percentile_value, e.g. 95.'
        yield Problem("V26_PERCENTILE_REQUIRES_VALUE", path, message)


def needs_per_user(math: str, per_user: str | None, path: str) -> Iterator[Problem]:
    """A histogram without the number per user that it distributes."""
    if math == "histogram" and per_user is None:
        message = 'math "histogram" needs per_user, e.g. "total".'
        yield Problem("V27_HISTOGRAM_REQUIRES_PER_USER", path, message)


def per_user_problems(
    math: str, per_user: str | None, has_property: bool, path: str
) -> Iterator[Problem]:
    """An aggregation per user where users are counted, or without a property."""
    if per_user is None:
        return
    if math in COUNTS_USERS:
        message = f"per_user cannot be combined with math {math!r}, which counts users itself."
        yield Problem("V3_PER_USER_INCOMPATIBLE", path, message)
    if not has_property:
        message = "per_user needs a property to aggregate for each user."
        yield Problem("V3B_PER_USER_REQUIRES_PROPERTY", path, message)
