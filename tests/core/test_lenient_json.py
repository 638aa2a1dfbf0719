"""JSON that is odd but data, and JSON that is none."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mixpanel_mcp_core.lenient_json import parsed, written


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"\\ud83d"', "\ud83d"),
        (b'"M\xfcller"', "M�ller"),
        ("18446744073709551616", 2**64),
        ("[Infinity]", [float("inf")]),
    ],
)
def test_odd_values_are_read(text: bytes | str, value: Any) -> None:
    """What Mixpanel, or a program that was careless, wrote is kept as far as it has a meaning."""
    assert parsed(text) == value


def nested(levels: int) -> str:
    """Lists in lists."""
    return "[" * levels + "]" * levels


@pytest.mark.parametrize("text", ["{torn", "", nested(202), nested(1010), nested(5000)])
def test_what_is_no_json_is_refused(text: str) -> None:
    """Nor is what is nested hundreds of levels deep: one such line ends no import."""
    with pytest.raises(ValueError, match=r"line 1|nested too deep"):
        parsed(text)


def test_what_is_deep_but_read_can_be_written() -> None:
    """Brackets that stand side by side are not deep, however many there are."""
    for text in (nested(200), f"[{nested(100)},{nested(100)},{nested(100)}]"):
        assert written(parsed(text)).decode() == text


def test_any_text_and_number_is_written() -> None:
    """What the strict writer refuses is written all the same, times as always."""
    odd = {"at": datetime(2026, 1, 1, tzinfo=UTC), "half": "\ud83d", "large": 2**64}
    assert written(odd) == (
        b'{"at":"2026-01-01T00:00:00+00:00","half":"\\ud83d","large":18446744073709551616}'
    )
