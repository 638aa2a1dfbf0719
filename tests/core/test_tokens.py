"""The tokens of a login and the client that renews them, as files; what of them never shows."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bridges import STORED
from own_home import ME, NOW, home_in, lay, mode, places_in
from pydantic import SecretStr

from mixpanel_mcp_core.auth import book
from mixpanel_mcp_core.auth.clients import store_client, stored_client
from mixpanel_mcp_core.auth.tokens import Tokens, read_tokens, write_tokens
from mixpanel_mcp_core.errors import ConfigError, OAuthError

CLIENT = {"client_id": "c-1", "region": "us", "redirect_uri": "http://localhost:19284/callback"}


def tokens(**fields: Any) -> Tokens:
    """Tokens that are good for an hour more."""
    return Tokens.model_validate({**STORED, **fields})


def without(key: str) -> dict[str, Any]:
    """Stored tokens that lack a key."""
    return {name: value for name, value in STORED.items() if name != key}


def test_tokens_are_stored_on_one_line(tmp_path: Path) -> None:
    """In the documented order, with an offset, for the owner only; and read as they were."""
    places = places_in(tmp_path)
    path = places.tokens("me")
    write_tokens(path, tokens(expires_at="2026-05-04T15:00:00.5+02:00"), "me")
    stored = {**STORED, "expires_at": "2026-05-04T13:00:00.500000+00:00"}
    assert path.read_text() == json.dumps(stored)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert read_tokens(places, "me") == tokens(expires_at="2026-05-04T13:00:00.5Z")


def test_a_missing_refresh_token_is_left_out(tmp_path: Path) -> None:
    """Not written as null."""
    path = places_in(tmp_path).tokens("me")
    write_tokens(path, tokens(refresh_token=None), "me")
    assert json.loads(path.read_text()) == without("refresh_token")


@pytest.mark.parametrize("variable", ["MP_STORAGE_DIR", "MP_OAUTH_STORAGE_DIR"])
def test_the_storage_lies_where_the_environment_says(tmp_path: Path, variable: str) -> None:
    """An empty variable says nothing; the newer one comes first."""
    other = {"MP_STORAGE_DIR": "", "MP_OAUTH_STORAGE_DIR": "old"} | {variable: "~/store"}
    assert places_in(tmp_path, **other).root == tmp_path / "store"
    assert places_in(tmp_path, **{variable: ""}).root == tmp_path / ".mp"


@pytest.mark.parametrize(
    ("laid", "complaint"),
    [
        (lambda path: None, "it is not logged in"),
        (lambda path: lay(path, STORED, 0o640), "tokens.json can be read by others"),
        (lambda path: path.symlink_to(lay(path.with_name("x"), STORED)), "tokens.json is a symb"),
        (lambda path: path.symlink_to(path.with_name("none")), "tokens.json is a symbolic link"),
        (lambda path: path.mkdir(), "tokens.json is no regular file"),
        (lambda path: os.mkfifo(path, 0o600), "tokens.json is no regular file"),
        (lambda path: lay(path, b" " * (1024 * 1024 + 1)), "tokens.json is larger than"),
    ],
    ids=["missing", "open", "link", "dangling", "folder", "pipe", "large"],
)
def test_tokens_that_are_not_there_or_not_safe_are_refused(
    tmp_path: Path, laid: Callable[[Path], object], complaint: str
) -> None:
    """Under the documented code and details, with the command that helps."""
    places = places_in(tmp_path)
    path = places.tokens("me")
    path.parent.mkdir(parents=True)
    laid(path)
    with pytest.raises(OAuthError) as caught:
        read_tokens(places, "me")
    assert caught.value.code == "OAUTH_TOKEN_ERROR"
    assert caught.value.message.startswith(f"Account me: {complaint}")
    assert caught.value.message.endswith("Log in again: mixpanel-mcp accounts login me")
    assert caught.value.details == {"account_name": "me", "path": str(path)}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "Expecting value"),
        ('{"access_token": sekret', "Expecting value"),
        (b"\xff\xff", "'utf-"),
        ("[]", "not a JSON object"),
        ({}, "access_token: Field required; expires_at: Field required"),
        (without("access_token"), "access_token: Field required"),
        (without("expires_at"), "expires_at: Field required"),
        ({**STORED, "access_token": None}, "access_token: Input should be a valid string"),
        ({**STORED, "refresh_token": 3}, "refresh_token: Input should be a valid string"),
        ({**STORED, "expires_at": "2026-05-04T13:00:00"}, "expires_at: Input should have timezone"),
        ({**STORED, "expires_at": "soon"}, "expires_at: Input should be a valid datetime"),
        ({**STORED, "expires_at": "9999-12-31T23:59:59-08:00"}, "expires_at: Value error, in UTC"),
    ],
)
def test_malformed_tokens_are_refused(
    tmp_path: Path, content: str | bytes | Mapping[str, Any], complaint: str
) -> None:
    """What is wrong is told beside account and path, and no token is."""
    places = places_in(tmp_path)
    path = lay(places.tokens("me"), content)
    with pytest.raises(OAuthError) as caught:
        read_tokens(places, "me")
    assert caught.value.code == "OAUTH_TOKEN_ERROR"
    told = caught.value.details.pop("validation_error")
    assert told.startswith(complaint)
    assert caught.value.details == {"account_name": "me", "path": str(path)}
    assert "sekret" not in caught.value.message + told


@pytest.mark.parametrize(
    ("left", "expired"),
    [
        (timedelta(seconds=30, microseconds=1), False),
        (timedelta(seconds=30), True),
        (timedelta(seconds=29), True),
        (timedelta(0), True),
        (timedelta(days=-1), True),
        (timedelta(days=1), False),
    ],
)
def test_tokens_expire_half_a_minute_early(left: timedelta, expired: bool) -> None:
    """So that a request does not arrive too late."""
    assert tokens(expires_at=NOW + left).expired(NOW) is expired


def test_tokens_never_show() -> None:
    """Not in a repr, a text or a dump."""
    held = tokens()
    assert "sekret" not in repr([held, str(held), held.model_dump(), held.model_dump_json()])
    assert held.secrets() == ["sekret-access", "sekret-refresh"]


def test_tokens_that_cannot_be_stored_are_told(tmp_path: Path) -> None:
    """With the path."""
    path = places_in(tmp_path, MP_STORAGE_DIR=str(lay(tmp_path / "file", ""))).tokens("me")
    with pytest.raises(OAuthError, match=r"Not a directory\.$") as caught:
        write_tokens(path, tokens(), "me")
    assert caught.value.details == {"path": str(path)}


@pytest.mark.parametrize("state", ["good", "open", "broken", "dangling", "missing"])
def test_a_logout_deletes_the_tokens_in_any_state(tmp_path: Path, state: str) -> None:
    """Without an error where there are none; the account stays."""
    home = home_in(tmp_path, ME)
    path = home.places.tokens("me")
    path.parent.mkdir(parents=True)
    if state == "dangling":
        path.symlink_to(path.with_name("none"))
    elif state != "missing":
        lay(
            path,
            {"open": STORED, "good": STORED}.get(state, "{"),
            0o604 if state == "open" else 0o600,
        )
    book.log_out(home, "me")
    assert list(path.parent.iterdir()) == []
    assert home.config().account_names == ["me"]


def test_nobody_is_logged_out_under_an_unknown_name(tmp_path: Path) -> None:
    """Which could lead anywhere as a path."""
    path = lay(tmp_path / ".mp/tokens.json", STORED)
    with pytest.raises(ConfigError, match="There is no account"):
        book.log_out(home_in(tmp_path, ME), "..")
    assert path.exists()


def test_a_client_is_stored_as_documented(tmp_path: Path) -> None:
    """Two spaces deep, its date in Z form, for the owner only; and read as it was."""
    places = places_in(tmp_path)
    store_client(
        places,
        "us",
        "c-1",
        CLIENT["redirect_uri"],
        datetime.fromisoformat("2026-05-04T12:00:00+00:00"),
    )
    stored = {
        **CLIENT,
        "scope": "projects analysis events insights segmentation retention data:read funnels flows "
        "data_definitions dashboard_reports bookmarks",
        "created_at": "2026-05-04T12:00:00Z",
    }
    path = tmp_path / ".mp/oauth/client_us.json"
    assert path.read_text() == json.dumps(stored, indent=2)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert stored_client(places, "us") == stored
    assert stored_client(places, "eu") is None


def test_a_client_that_lies_open_is_closed_and_used(tmp_path: Path) -> None:
    """It holds no secret; its folder is closed too."""
    places = places_in(tmp_path)
    path = lay(places.client("us"), CLIENT, 0o666)
    path.parent.chmod(0o777)
    assert stored_client(places, "us") == CLIENT
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "{}", '{"client_id": 1}', b"\xff"])
def test_a_broken_client_counts_as_absent(tmp_path: Path, content: str | bytes) -> None:
    """A login then registers another one."""
    places = places_in(tmp_path)
    lay(places.client("us"), content)
    assert stored_client(places, "us") is None


@pytest.mark.parametrize("kind", ["link", "dangling", "folder"])
def test_a_client_that_is_no_file_of_ours_counts_as_absent(
    tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """With a warning; what a link leads to is neither read nor closed."""
    places = places_in(tmp_path)
    other, path = lay(tmp_path / "other", CLIENT, 0o644), places.client("us")
    path.parent.mkdir(parents=True)
    if kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(other if kind == "link" else tmp_path / "none")
    assert stored_client(places, "us") is None
    assert caplog.messages == ["the registered client is not usable"]
    assert mode(other) == 0o644


def test_unknown_keys_of_stored_tokens_are_ignored(tmp_path: Path) -> None:
    """A newer client may write some; what is left out has the usual values."""
    places = places_in(tmp_path)
    lay(places.tokens("me"), {"access_token": "a", "expires_at": "2026-05-04T13:00Z", "new": 1})
    assert read_tokens(places, "me") == Tokens(
        access_token=SecretStr("a"), expires_at=NOW + timedelta(hours=1)
    )
