"""Secrets leave in no log, error or result."""

import pytest

from mixpanel_mcp.secrets import Masker
from mixpanel_mcp_core.secret_fields import MASK

MASKER = Masker({"MP_SECRET": "s3cr3t/value", "MP_OAUTH_TOKEN": "tok-123456"})


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("login with s3cr3t/value failed", f"login with {MASK} failed"),
        ("GET /x?secret=s3cr3t%2Fvalue", f"GET /x?secret={MASK}"),
        ("Authorization: Basic c2EudXNlcjpodW50ZXIy", f"Authorization: Basic {MASK}"),
        ("Bearer tok-123456 expired", f"Bearer {MASK} expired"),
        (
            "put it to https://store.example/a?X-Goog-Signature=abc&x=1 now",
            f"put it to https://store.example/a?{MASK} now",
        ),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_secret_in_text_is_masked(told: str, left: str) -> None:
    """Known values in any spelling, authorization headers and signed URLs."""
    assert MASKER.text(told) == left


def test_field_with_a_secrets_name_loses_its_value() -> None:
    """Whatever a webhook's password is, it is not echoed."""
    body = {"name": "hook", "password": "abc", "auth": [{"api_key": "k", "secret": None}]}
    assert MASKER.value(body) == {
        "name": "hook",
        "password": MASK,
        "auth": [{"api_key": MASK, "secret": None}],
    }


def test_short_value_does_not_blank_out_words() -> None:
    """A secret of a few characters would mask half of every sentence."""
    assert Masker({"MP_SECRET": "a"}).text("a banana") == "a banana"
