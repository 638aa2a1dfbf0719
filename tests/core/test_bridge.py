"""The bridge file: found, read, and its tokens laid out."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bridges import BESIDE, BRIDGE, BROWSER, DEFAULT, LOGIN, SERVICE, STORED, TOKENS
from own_home import NOW, home_in, lay, mode

from mixpanel_mcp_core.auth.bridge import load_bridge
from mixpanel_mcp_core.auth.home import Home
from mixpanel_mcp_core.auth.presence import credentials_anywhere
from mixpanel_mcp_core.auth.tokens import stamp
from mixpanel_mcp_core.errors import ConfigError


@pytest.mark.parametrize(
    ("files", "told", "found"),
    [
        ([], None, None),
        ([DEFAULT], None, DEFAULT),
        ([BESIDE], None, BESIDE),
        ([DEFAULT, BESIDE], None, DEFAULT),
        ([DEFAULT, BESIDE, "own.json"], "~/own.json", "own.json"),
        ([DEFAULT, BESIDE, "cwd/own.json"], "own.json", "cwd/own.json"),
        ([DEFAULT, BESIDE], "~/own.json", None),
        ([DEFAULT, BESIDE], "~/own.json/below", None),
        ([DEFAULT, BESIDE], "", DEFAULT),
    ],
)
def test_the_first_place_with_a_bridge_wins(
    tmp_path: Path, files: list[str], told: str | None, found: str | None
) -> None:
    """A path that was told is the only one, there or not; an empty one is none."""
    for file in files:
        lay(tmp_path / file, BRIDGE)
    home = home_in(tmp_path, **({} if told is None else {"MP_AUTH_FILE": told}))
    loaded = load_bridge(home.places)
    assert (loaded and loaded[0]) == (found and tmp_path / found)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"version": 1}, "version: Input should be 2"),
        ({"version": "2"}, "version: Input should be 2"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"account": None}, "account: "),
        ({"account": {**SERVICE, "colour": "sekret"}}, "account.colour: Extra inputs"),
        ({"account": {**SERVICE, "name": None}}, "account.name: "),
        ({"account": {**SERVICE, "secret": 3}}, "account.secret: "),
        ({"account": BROWSER}, "Value error, an oauth_browser account needs tokens"),
        ({"account": BROWSER, "tokens": {**TOKENS, "colour": "x"}}, "tokens.colour: Extra"),
        ({"account": BROWSER, "tokens": {}}, "tokens.access_token: Field required; tokens.exp"),
        ({"tokens": {**TOKENS, "expires_at": "2026-05-04T13:00:00"}}, "tokens.expires_at: "),
        ({"tokens": {**TOKENS, "expires_at": "9999-12-31T23:59:59-08:00"}}, "tokens.expires_at: "),
        ({"project": 909}, "project: Input should be a valid string"),
        ({"project": "x"}, "project: String should match"),
        ({"workspace": 0}, "workspace: Input should be greater than 0"),
        ({"workspace": "808"}, "workspace: Input should be a valid integer"),
        ({"workspace": True}, "workspace: Input should be a valid integer"),
        ({"headers": {"X-A": 1}}, "headers.X-A: Input should be a valid string"),
        ({"headers": None}, "headers: Input should be a valid dictionary"),
    ],
)
def test_a_bridge_of_another_shape_is_refused(
    tmp_path: Path, change: Mapping[str, Any], complaint: str
) -> None:
    """The path is in the details, no secret is anywhere, and every session is held up."""
    path = lay(tmp_path / DEFAULT, {**BRIDGE, **change})
    home = home_in(tmp_path, MP_USERNAME="u", MP_SECRET="s", MP_PROJECT_ID="1", MP_REGION="us")
    with pytest.raises(ConfigError) as caught:
        home.sources()
    begin = f"auth.json is no bridge of version 2: {complaint}"
    assert caught.value.message.startswith(begin)
    assert caught.value.details == {"path": str(path)}
    assert "sekret" not in str(caught.value)


def test_a_bridge_may_leave_out_all_but_its_account(tmp_path: Path) -> None:
    """The version is 2 then."""
    lay(tmp_path / DEFAULT, {"account": SERVICE})
    assert load_bridge(home_in(tmp_path).places) == load_bridge(
        home_in(tmp_path, MP_AUTH_FILE=str(lay(tmp_path / DEFAULT, BRIDGE))).places
    )


@pytest.mark.parametrize(
    ("laid", "complaint"),
    [
        (lambda path: lay(path, BRIDGE, 0o604), "can be read by others (mode 604)"),
        (lambda path: path.symlink_to(lay(path.with_name("real"), BRIDGE)), "is a symbolic link"),
        (lambda path: path.symlink_to(path.with_name("none")), "is a symbolic link"),
        (lambda path: os.mkfifo(path, 0o600), "is no regular file"),
        (lambda path: path.mkdir(), "is no regular file"),
        (lambda path: lay(path, b" " * (1024 * 1024 + 1)), "is larger than 1,048,576 bytes"),
        (lambda path: lay(path, "[]"), "is not JSON: not a JSON object"),
        (lambda path: lay(path, '{"account": sekret'), "is not JSON: Expecting value"),
        (lambda path: lay(path, b"\xff"), "is not JSON: "),
        (lambda path: lay(path, "[" * 100_000), "is not JSON: nested too deeply"),
    ],
    ids=["open", "link", "dangling", "pipe", "folder", "large", "list", "broken", "bytes", "deep"],
)
def test_an_unsafe_or_broken_bridge_is_refused(
    tmp_path: Path, laid: Callable[[Path], object], complaint: str
) -> None:
    """Nor is another one tried: somebody may have laid this one."""
    path = tmp_path / DEFAULT
    path.parent.mkdir(parents=True)
    lay(tmp_path / BESIDE, BRIDGE)
    laid(path)
    home = home_in(tmp_path)
    with pytest.raises(ConfigError) as caught:
        home.sources()
    assert caught.value.message.startswith(f"auth.json {complaint}")
    assert caught.value.details == {"path": str(path)}
    assert "sekret" not in str(caught.value)
    assert credentials_anywhere(home.environ)


def test_a_path_that_cannot_be_is_told(tmp_path: Path) -> None:
    """It is a mistake in the environment and not the same as no file."""
    home = home_in(tmp_path, MP_AUTH_FILE="~/" + "x" * 300)
    with pytest.raises(ConfigError, match=r"cannot be read: File name too long\.$"):
        home.sources()
    assert credentials_anywhere(home.environ)


def laid_tokens(home: Home) -> dict[str, Any]:
    """The tokens of account me, as they are stored."""
    return json.loads(home.places.tokens("me").read_text())


@pytest.mark.parametrize(
    ("carried", "stored"),
    [
        (TOKENS, STORED),
        ({**TOKENS, "scope": ""}, {**STORED, "scope": "read"}),
        (
            {**TOKENS, "expires_at": "2026-05-04T15:00:00+02:00", "refresh_token": None},
            {key: value for key, value in STORED.items() if key != "refresh_token"},
        ),
    ],
)
def test_the_tokens_of_a_bridge_are_laid_out(
    tmp_path: Path, carried: Mapping[str, Any], stored: Mapping[str, Any]
) -> None:
    """Where the account keeps its own, for the owner only, whichever account wins."""
    lay(tmp_path / DEFAULT, {**LOGIN, "tokens": carried})
    home = home_in(tmp_path, MP_STORAGE_DIR=str(tmp_path / "store"))
    home.bring_tokens(home.sources())
    path = tmp_path / "store/accounts/me/tokens.json"
    assert json.loads(path.read_text()) == stored
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


@pytest.mark.parametrize(
    ("seconds", "wins"), [(-1, "bridge"), (0, "stored"), (1, "stored")], ids=str
)
def test_older_tokens_are_never_laid_over_newer_ones(
    tmp_path: Path, seconds: int, wins: str
) -> None:
    """Those renewed here are the only ones that a login server with rotation still takes."""
    lay(tmp_path / DEFAULT, LOGIN)
    home = home_in(tmp_path)
    expires = NOW + timedelta(hours=1, seconds=seconds)
    lay(home.places.tokens("me"), {**STORED, "access_token": "own", "expires_at": stamp(expires)})
    home.bring_tokens(home.sources())
    assert laid_tokens(home)["access_token"] == {"bridge": "sekret-access", "stored": "own"}[wins]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"access_token": 1}'])
def test_stored_tokens_that_do_not_read_give_way(tmp_path: Path, content: bytes) -> None:
    """So does a file that others can read."""
    lay(tmp_path / DEFAULT, LOGIN)
    home = home_in(tmp_path)
    lay(home.places.tokens("me"), content, 0o644)
    home.bring_tokens(home.sources())
    assert laid_tokens(home) == STORED


def test_tokens_beside_another_kind_of_account_lay_nothing(tmp_path: Path) -> None:
    """They belong to nobody."""
    lay(tmp_path / DEFAULT, {**BRIDGE, "tokens": TOKENS})
    home = home_in(tmp_path)
    home.bring_tokens(home.sources())
    assert not home.places.root.exists()


def test_a_storage_that_cannot_be_is_told(tmp_path: Path) -> None:
    """Under the path that was given for it."""
    lay(tmp_path / DEFAULT, LOGIN)
    home = home_in(tmp_path, MP_STORAGE_DIR=str(lay(tmp_path / "file", "")))
    with pytest.raises(ConfigError, match=r"me cannot be made: Not a directory\.") as caught:
        home.bring_tokens(home.sources())
    assert caught.value.details == {"path": str(tmp_path / "file/accounts/me")}
