"""Times as files write them become the numbers that Mixpanel takes."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mixpanel_mcp_core.imports.times import wire_time

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        (1767268800, 1767268800),
        (1767268800.0, 1767268800),
        (1767268800.25, 1767268800250),
        ("1767268800", 1767268800),
        (" 1767268800.5 ", 1767268800500),
        (1767268800123, 1767268800123),
        (1767268800000, 1767268800),
        (1767268800123456, 1767268800123),
        (1767268800123456789, 1767268800123),
        ("2026-01-01T12:00:00Z", 1767268800),
        ("2026-01-01T12:00:00.5+00:00", 1767268800500),
        ("2026-01-01 13:00:00", 1767268800),
        ("2026-01-01 12:00:00+00", 1767268800),
        ("2026-01-01", 1767222000),
        ("20260101", 1767222000),
        ("1972-01-01T00:00:00.5Z", 63072000),
    ],
)
def test_time_is_sent_as_seconds_or_with_a_fraction_as_milliseconds(
    written: Any, sent: int
) -> None:
    """Numbers are known by their size, texts without an offset are Berlin's here."""
    assert wire_time(written, BERLIN) == sent


@pytest.mark.parametrize("written", [None, True, "", "soon", "01/02/2026", [1], {}, "inf", "nan"])
def test_what_is_no_time_is_refused(written: Any) -> None:
    """Nothing is guessed."""
    with pytest.raises((ValueError, OverflowError)):
        wire_time(written, BERLIN)
