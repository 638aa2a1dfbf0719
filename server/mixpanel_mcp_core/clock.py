"""Moments: the present one, for those who may be told another, and numbers for them."""

from datetime import UTC, datetime

# Mixpanel reads numbers below as seconds, from there on as milliseconds.
MILLISECONDS_FROM = 100_000_000_000


def utc_now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)
