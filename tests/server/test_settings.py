"""Settings: the environment, under what was typed, with every mistake named."""

import argparse
from typing import Any

import pytest

from mixpanel_mcp.arguments import parser, settings_of
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_core.errors import ConfigError


def typed(*words: str) -> argparse.Namespace:
    """Options as the command line reads them."""
    return parser("serve").parse_args(["serve", *words])


def test_nothing_set_is_a_safe_server() -> None:
    """stdio, bound to this machine, core tools, destructive calls confirmed, no files."""
    settings = Settings()
    assert (settings.transport, settings.host, settings.toolsets) == (
        "stdio",
        "127.0.0.1",
        ("core",),
    )
    assert (settings.confirm, settings.files, settings.read_only) == ("destructive", None, False)


def test_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is typed now counts more than what was exported before."""
    monkeypatch.setenv("MIXPANEL_MCP_TOOLSETS", "dashboards, annotations")
    monkeypatch.setenv("MIXPANEL_MCP_PORT", "9000")
    assert settings_of(typed()).toolsets == ("dashboards", "annotations")
    chosen = settings_of(typed("--toolsets", "all", "--no-lookups", "--confirm", "never"))
    assert (chosen.toolsets, chosen.port, chosen.lookups, chosen.confirm) == (
        ("all",),
        9000,
        False,
        "never",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "x"), ("MAX_TOKENS", "1"), ("CONFIRM", "maybe"), ("READ_ONLY", "perhaps")],
)
def test_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """The message says which variable or option to correct."""
    monkeypatch.setenv(f"MIXPANEL_MCP_{name}", value)
    with pytest.raises(ConfigError, match=f"MIXPANEL_MCP_{name}"):
        settings_of(typed())


def test_secret_setting_never_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The token of the HTTP transport is in no repr and no dump."""
    monkeypatch.setenv("MIXPANEL_MCP_HTTP_TOKEN", "a-token-of-sixteen-or-more")
    settings: Any = settings_of(typed())
    assert "a-token" not in repr(settings) + str(settings.model_dump())
    assert "a-token" not in settings.model_dump_json()
