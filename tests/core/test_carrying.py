"""Accounts carried elsewhere: bridges that are written, read in another home, and deleted."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from bridges import BESIDE, BRIDGE, BROWSER, DEFAULT, STORED, TOKENS
from own_home import ME, TEAM, home_in, lay, mode

from mixpanel_mcp_core.auth import book
from mixpanel_mcp_core.auth.tokens import read_tokens
from mixpanel_mcp_core.errors import ConfigError, OAuthError

CI = '[accounts.ci]\ntype = "oauth_token"\nregion = "eu"\ntoken_env = "CI_TOKEN"\n'
HEADER = '[settings]\ncustom_header = { name = "X-Cluster", value = "c1" }\n'


@pytest.mark.parametrize(
    ("account", "place", "written"),
    [
        (
            "team",
            (None, None),
            {
                "account": {
                    "name": "team",
                    "type": "service_account",
                    "region": "us",
                    "default_project": "12345",
                    "username": "sa.user",
                    "secret": "hunter2",
                }
            },
        ),
        (
            "ci",
            ("9", 3),
            {
                "account": {
                    "name": "ci",
                    "type": "oauth_token",
                    "region": "eu",
                    "token_env": "CI_TOKEN",
                },
                "project": "9",
                "workspace": 3,
            },
        ),
        ("me", (None, 3), {"account": BROWSER, "tokens": TOKENS, "workspace": 3}),
    ],
)
def test_an_account_is_exported_as_documented(
    tmp_path: Path,
    account: str,
    place: tuple[str | None, int | None],
    written: Mapping[str, Any],
) -> None:
    """Secrets in clear, null keys left out, keys sorted, for the owner only, over an older file."""
    home = home_in(tmp_path, f"{TEAM}{CI}{ME}{HEADER}")
    lay(home.places.tokens("me"), STORED)
    path = lay(tmp_path / "out/a.json", "older", 0o666)
    assert book.export_bridge(home, path, account, *place) == path
    whole = {"version": 2, "headers": {"X-Cluster": "c1"}, **written}
    assert path.read_text() == json.dumps(whole, indent=2, sort_keys=True)
    assert mode(path) == 0o600


def test_an_export_leaves_the_folder_of_the_person_as_it_was(tmp_path: Path) -> None:
    """One that is missing is made for the owner only; without a header there are none."""
    home = home_in(tmp_path, f'{TEAM}[active]\naccount = "team"\n')
    (tmp_path / "shared").mkdir()
    tmp_path.joinpath("shared").chmod(0o755)
    made = book.export_bridge(home, tmp_path / "shared/new/a.json", None, None, None)
    assert (mode(made.parent.parent), mode(made.parent)) == (0o755, 0o700)
    assert json.loads(made.read_text())["headers"] == {}


def test_exported_tokens_are_those_on_disk(tmp_path: Path) -> None:
    """Not renewed, though they have expired; a date of another zone is told in UTC."""
    home = home_in(tmp_path, ME)
    lay(home.places.tokens("me"), {**STORED, "expires_at": "2020-01-01T02:00:00+02:00"})
    book.export_bridge(home, tmp_path / "a.json", "me", None, None)
    tokens = json.loads((tmp_path / "a.json").read_text())["tokens"]
    assert tokens == {**TOKENS, "expires_at": "2020-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    "stored",
    [
        None,
        {},
        {key: value for key, value in STORED.items() if key != "access_token"},
        {key: value for key, value in STORED.items() if key != "expires_at"},
        {**STORED, "expires_at": "soon"},
        {**STORED, "expires_at": "2026-05-04T13:00:00"},
    ],
)
def test_an_account_without_usable_tokens_is_not_exported(
    tmp_path: Path, stored: Mapping[str, Any] | None
) -> None:
    """The code and details are the documented ones, and no file is made."""
    home = home_in(tmp_path, ME)
    path = home.places.tokens("me")
    if stored is not None:
        lay(path, stored)
    with pytest.raises(OAuthError) as caught:
        book.export_bridge(home, tmp_path / "a.json", "me", None, None)
    assert caught.value.code == "OAUTH_TOKEN_ERROR"
    assert caught.value.details == {"account_name": "me", "path": str(path)}
    assert not (tmp_path / "a.json").exists()


@pytest.mark.parametrize(
    ("account", "to", "place", "complaint"),
    [
        (None, "a.json", (None, None), "No account is active"),
        ("nope", "a.json", (None, None), "There is no account 'nope'"),
        ("team", "a.json", ("x", None), "project: 'x' is no project id"),
        ("team", "a.json", (None, 0), "workspace: 0 is no workspace id"),
        ("team", "folder", (None, None), "folder cannot be written: Is a directory"),
        ("team", "file/a.json", (None, None), "a.json cannot be written: Not a directory"),
        ("team", "x" * 300, (None, None), "x+ cannot be written: File name too long"),
        ("team", "a\0b", (None, None), "cannot be written: embedded null byte"),
    ],
)
def test_an_export_that_cannot_be_is_refused(
    tmp_path: Path,
    account: str | None,
    to: str,
    place: tuple[str | None, int | None],
    complaint: str,
) -> None:
    """A ConfigError, and nothing is left behind."""
    home = home_in(tmp_path, TEAM)
    (tmp_path / "folder").mkdir()
    lay(tmp_path / "file", "")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ConfigError, match=complaint):
        book.export_bridge(home, tmp_path / to, account, *place)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("account", ["team", "ci", "me"])
def test_what_is_exported_is_loaded_in_another_home(tmp_path: Path, account: str) -> None:
    """The same account, place and headers win there, and a login works at once."""
    home = home_in(tmp_path / "host", f"{TEAM}{CI}{ME}{HEADER}")
    lay(home.places.tokens("me"), STORED)
    vm = home_in(tmp_path / "vm")
    book.export_bridge(home, tmp_path / "vm" / DEFAULT, account, "9", 3)
    sources = vm.sources()
    vm.bring_tokens(sources)
    scope = vm.here(sources).scope
    assert scope.account == home.config().account(account)
    assert (scope.project_id, scope.workspace_id) == ("9", 3)
    assert scope.headers == (("X-Cluster", "c1"),)
    if account == "me":
        assert read_tokens(vm.places, "me") == read_tokens(home.places, "me")


@pytest.mark.parametrize(
    ("at", "told", "gone"),
    [
        (None, None, DEFAULT),
        (None, "~/own.json", "own.json"),
        (None, "~/none.json", None),
        ("own.json", None, "cwd/own.json"),
        ("~/own.json", "~/none.json", "own.json"),
        ("~/none.json", None, None),
    ],
)
def test_the_bridge_that_is_meant_is_deleted(
    tmp_path: Path, at: str | None, told: str | None, gone: str | None
) -> None:
    """The one named, else the one told of by the environment, else the first of the defaults."""
    files = {DEFAULT, BESIDE, "own.json", "cwd/own.json"}
    for file in files:
        lay(tmp_path / file, BRIDGE)
    home = home_in(tmp_path, **({} if told is None else {"MP_AUTH_FILE": told}))
    assert book.remove_bridge(home, at) is (gone is not None)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.json")}
    assert files - left == ({gone} if gone else set())


@pytest.mark.parametrize("content", ["", "notes", "[]", '"account"', "3", '{"a": 1}', b"\xff"])
def test_a_file_that_is_no_bridge_is_not_deleted(tmp_path: Path, content: str | bytes) -> None:
    """Where it was named, perhaps by a model that guesses; nor is a folder."""
    path = lay(tmp_path / "notes.txt", content)
    for at in (str(path), str(tmp_path)):
        with pytest.raises(ConfigError, match="is no bridge file and stays") as caught:
            book.remove_bridge(home_in(tmp_path), at)
        assert caught.value.details == {"field": "at", "path": at}
    assert path.exists()


def test_a_bridge_that_lies_open_is_deleted(tmp_path: Path) -> None:
    """All the more."""
    path = lay(tmp_path / "a.json", BRIDGE, 0o644)
    assert book.remove_bridge(home_in(tmp_path), str(path))
    assert not path.exists()


def test_a_link_in_the_bridges_place_goes_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    """Without a name nothing is read of it."""
    other = lay(tmp_path / "other", "theirs")
    (tmp_path / DEFAULT).parent.mkdir(parents=True)
    (tmp_path / DEFAULT).symlink_to(other)
    assert book.remove_bridge(home_in(tmp_path), None)
    assert (other.read_text(), (tmp_path / DEFAULT).is_symlink()) == ("theirs", False)
