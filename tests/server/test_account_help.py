"""What the commands about accounts say of themselves."""

import re

import pytest

from mixpanel_mcp.__main__ import main
from mixpanel_mcp.account_commands import GROUPS, actions
from mixpanel_mcp.published import names

COMMANDS = [("login",), *((group, action) for group in GROUPS for action in actions(group))]


def help_of(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> str:
    """The help of a command in a terminal of 80 columns, its lines joined."""
    with pytest.raises(SystemExit, match="0"):
        main([*words, "--help"])
    return " ".join(capsys.readouterr().out.split())


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_is_for_people(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """It names commands instead of tools, and nothing that only a model needs to know."""
    told = help_of(words, capsys)
    assert [name for name in names() if "_" in name and re.search(rf"\b{name}\b", told)] == []
    assert re.findall(r"Sends nothing|API: |POST /|\w+Error|server", told) == []


@pytest.mark.parametrize("words", [("login",), ("accounts", "login")], ids=" ".join)
def test_no_browser_means_the_same_in_both_logins(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """The option says what it does, and not the opposite."""
    told = help_of(words, capsys)
    assert "--no-browser print the address of the page instead of opening a browser" in told


def test_adding_an_account_says_what_each_type_needs(capsys: pytest.CaptureFixture[str]) -> None:
    """Region, user name, secret or token, and the command that comes next."""
    told = help_of(("accounts", "add"), capsys)
    assert "for a service_account also username and secret, for an oauth_token one token" in told
    assert "Then log an oauth_browser account in with `accounts login`." in told
    assert "secrets are never arguments" in told


@pytest.mark.parametrize("group", GROUPS)
def test_each_action_stands_on_a_line_of_its_own_with_what_it_does(
    group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The longest names too, so that the list can be skimmed."""
    with pytest.raises(SystemExit, match="0"):
        main([group, "--help"])
    lines = capsys.readouterr().out.splitlines()
    told = [line.split()[0] for line in lines if re.match(r"    \S+  +\S", line)]
    assert told == list(actions(group))
