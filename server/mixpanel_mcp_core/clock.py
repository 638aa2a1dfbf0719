"""Moments: the present one, for those who may be told another, numbers for them, and times."""

from datetime import UTC, datetime

# Mixpanel reads numbers below as seconds, from there on as milliseconds.
MILLISECONDS_FROM = 100_000_000_000


def lasting(seconds: float) -> str:
    """A time in the largest unit that leaves at least one whole."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{seconds:.0f} s"


def utc_now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)
