"""Secrets in the system's keychain: files hold only where they are; they go with their account."""

import sys
import tomllib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import keyring
import keyring.backends.fail
import pytest
from bridges import STORED
from keyrings.alt.file import PlaintextKeyring  # pyright: ignore[reportMissingTypeStubs]
from own_home import ME, home_in, lay

from mixpanel_mcp_core.auth import book
from mixpanel_mcp_core.auth.accounts import basic
from mixpanel_mcp_core.auth.home import Home
from mixpanel_mcp_core.auth.tokens import Tokens, read_tokens, replace_tokens
from mixpanel_mcp_core.errors import ConfigError

TEAM = {"type": "service_account", "region": "us", "username": "sa.user", "secret": "sekret-1"}
CI = {"type": "oauth_token", "region": "eu", "token": "sekret-2"}
NEEDS = "The keychain needs the package keyring: install mixpanel-mcp[keychain]."
UNUSABLE = "The keychain of this machine cannot be used: NoKeyringError."


@pytest.fixture(autouse=True)
def keychain(tmp_path: Path) -> Generator[None]:
    """A real keychain, kept in a file of the test's own."""
    backend = PlaintextKeyring()
    backend.file_path = str(tmp_path / "keychain.cfg")  # pyright: ignore[reportAttributeAccessIssue]
    keyring.set_keyring(backend)
    yield
    # Nothing that runs later in this process meets the keychain of the machine.
    keyring.set_keyring(keyring.backends.fail.Keyring())


def kept(name: str) -> str | None:
    """What the keychain has under a name."""
    return keyring.get_password("mixpanel-mcp", name)


def blocks(home: Home) -> dict[str, Any]:
    """The accounts as the config file has them."""
    return tomllib.loads(home.places.config.read_text())["accounts"]


def both(folder: Path) -> Home:
    """A home with a service account and a token, their secrets in the keychain."""
    home = home_in(folder)
    for name, record in (("team", TEAM), ("ci", CI)):
        book.add(home, {"name": name, **record}, keychain=True)
    return home


@pytest.mark.anyio
async def test_a_secret_lies_in_the_keychain_and_authorises_from_there(tmp_path: Path) -> None:
    """The file says only where it is."""
    home = both(tmp_path)
    assert blocks(home) == {
        "team": {**TEAM, "secret": "keyring:team/secret"},
        "ci": {**CI, "token": "keyring:ci/token"},
    }
    config = home.config()
    authorize = home.bearers.authorization
    assert await authorize(config.account("team")) == basic("sa.user", "sekret-1")
    assert await authorize(config.account("ci")) == "Bearer sekret-2"


def test_a_new_secret_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    """In the keychain, where the account's secret was; other changes leave it alone."""
    home = both(tmp_path)
    book.update(home, "team", {"secret": "sekret-3"})
    book.update(home, "ci", {"region": "in"})
    book.use_account(home, "ci")
    assert blocks(home)["team"] == {**TEAM, "secret": "keyring:team/secret"}
    assert blocks(home)["ci"] == {**CI, "region": "in", "token": "keyring:ci/token"}
    assert (kept("team/secret"), kept("ci/token")) == ("sekret-3", "sekret-2")


def test_a_secret_goes_with_its_account(tmp_path: Path) -> None:
    """And where a variable takes its place."""
    home = both(tmp_path)
    book.remove(home, "team", force=False)
    book.update(home, "ci", {"token_env": "CI_TOKEN"})
    assert (kept("team/secret"), kept("ci/token")) == (None, None)


def test_a_refused_change_keeps_the_secret(tmp_path: Path) -> None:
    """An account that targets refer to is still one."""
    home = both(tmp_path)
    book.add_target(home, {"name": "t", "account": "team", "project": "1"})
    with pytest.raises(ConfigError):
        book.remove(home, "team", force=False)
    assert kept("team/secret") == "sekret-1"


def test_a_bridge_carries_the_secret_itself(tmp_path: Path) -> None:
    """The keychain stays behind."""
    home = both(tmp_path)
    for name, secret in (("team", "sekret-1"), ("ci", "sekret-2")):
        written = book.export_bridge(home, tmp_path / "a.json", name, None, None).read_text()
        assert secret in written
        assert "keyring:" not in written


def test_tokens_lie_in_the_keychain_until_the_logout(tmp_path: Path) -> None:
    """The next login's too, without being asked again."""
    home = home_in(tmp_path, ME)
    path = home.places.tokens("me")
    replace_tokens(home.places, "me", Tokens.model_validate(STORED), keychain=True)
    again = Tokens.model_validate({**STORED, "access_token": "sekret-again"})
    replace_tokens(home.places, "me", again)
    assert "sekret" not in path.read_text()
    assert '"access_token": "keyring:me/access_token"' in path.read_text()
    read = read_tokens(home.places, "me")
    assert (read.secrets(), read.in_keychain) == (["sekret-again", "sekret-refresh"], True)
    book.log_out(home, "me")
    assert (kept("me/access_token"), kept("me/refresh_token")) == (None, None)
    assert not path.exists()


def test_a_secret_that_is_gone_from_the_keychain_is_named(tmp_path: Path) -> None:
    """Somebody cleaned up, or the file came from another machine; removing still works."""
    home = both(tmp_path)
    keyring.delete_password("mixpanel-mcp", "team/secret")
    with pytest.raises(ConfigError, match="The keychain of this machine has no 'team/secret'"):
        book.export_bridge(home, tmp_path / "a.json", "team", None, None)
    assert book.remove(home, "team", force=False) == []


@pytest.mark.parametrize(("missing", "complaint"), [(True, NEEDS), (False, UNUSABLE)])
def test_without_a_keychain_nothing_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: bool, complaint: str
) -> None:
    """The error says what is missing, and the secret does not end up in the file instead."""
    lay(tmp_path / ".mp/accounts/me/tokens.json", {**STORED, "access_token": "keyring:me/a"})
    home = both(tmp_path)
    before = home.places.config.read_bytes()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    if missing:
        monkeypatch.setitem(sys.modules, "keyring", None)
    for act in (
        lambda: book.add(home, {"name": "new", **TEAM}, keychain=True),
        lambda: book.update(home, "team", {"secret": "sekret-3"}),
        lambda: book.export_bridge(home, tmp_path / "a.json", "team", None, None),
        lambda: read_tokens(home.places, "me"),
    ):
        with pytest.raises(ConfigError) as caught:
            act()
        assert caught.value.message == complaint
    assert home.places.config.read_bytes() == before
