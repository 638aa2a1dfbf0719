"""The home that a case begins in, and the one that it must leave behind."""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from case_runner import assert_same
from recorder import Recorder

from mixpanel_mcp.published import names

Case = Mapping[str, Any]

_BRIDGE = ".claude/mixpanel/auth.json"
_CONFIG = ".mp/config.toml"
_SERVICE = 'type = "service_account"\nusername = "sa.user"\nsecret = "hunter2"'
_TOKEN = 'type = "oauth_token"\ntoken = "test-token"'
_BASES = ("MP_API_BASE_URL", "MP_APP_BASE_URL")
# Toolsets whose cases say themselves which accounts there are, also when there are none.
_OF_ACCOUNTS = ("accounts", "targets")
SECRET_ENV = "CASE_SECRET"


def furnished(case: Case, home: Path, recorder: Recorder) -> dict[str, str]:
    """Lay out the files that a case begins with; its environment, all APIs at the recorder."""
    setup: Mapping[str, Any] = case.get("setup") or {}
    config = setup.get("config_toml") or _config(case)
    files = dict(setup.get("files") or {})
    if "bridge" in setup:
        files[_BRIDGE] = setup["bridge"]
    for path, content in files.items():
        _lay(home / path, json.dumps(content))
    if config:
        _lay(home / _CONFIG, config)
    environ = {"HOME": str(home), "MP_API_BASE_URL": recorder.url, **(setup.get("env") or {})}
    origin = recorder.url.removesuffix("{host}")
    for name in _BASES:
        if not environ.get(name, recorder.url).startswith(origin):
            environ[name] = origin + environ[name].removeprefix("http://")
    if secret := case["arguments"].get("secret"):
        environ[SECRET_ENV] = secret
    return environ


def _config(case: Case) -> str | None:
    """The one active account of a case that needs nothing but that."""
    session = case.get("session")
    if session is None:
        if "bridge" in (case.get("setup") or {}) or names()[case["tool"]] in _OF_ACCOUNTS:
            return None
        session = {"account_type": "service_account", "region": "us", "project_id": "12345"}
    account = _SERVICE if session["account_type"] == "service_account" else _TOKEN
    workspace = session.get("workspace_id")
    pin = f"workspace = {workspace}\n" if workspace else ""
    project = session.get("project_id") or "12345"
    return (
        f'[active]\naccount = "team"\n{pin}\n[accounts.team]\n{account}\n'
        f'region = "{session["region"]}"\ndefault_project = "{project}"\n'
    )


def _lay(path: Path, text: str) -> None:
    for folder in reversed(path.parents):
        folder.mkdir(0o700, exist_ok=True)
    path.touch(0o600)
    path.write_text(text, encoding="utf-8")


def assert_left(case: Case, home: Path) -> None:
    """The files and the config file are those that the case documents."""
    after: Mapping[str, Any] = case.get("after") or {}
    if "config" in after:
        path = home / _CONFIG
        assert tomllib.loads(path.read_text("utf-8")) == after["config"]
        assert mode(path) == after["config_mode"]
        assert mode(path.parent) == after["dir_mode"]
    if "me_cache" in after:
        _assert_file(home / after["me_cache"]["path"].removeprefix("$HOME/"), after["me_cache"])
    if "files" in after:
        found = {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}
        assert found - {_CONFIG} == set(after["files"])
        for path, documented in after["files"].items():
            _assert_file(home / path, documented)


def _assert_file(path: Path, documented: Mapping[str, Any]) -> None:
    assert mode(path) == documented["mode"]
    assert_like(json.loads(path.read_text("utf-8")), documented["content"])


def mode(path: Path) -> str:
    """The permission bits as the cases write them."""
    return oct(path.stat().st_mode & 0o777)


_PLACEHOLDERS: Mapping[str, str] = {
    "<unix seconds>": r"\d{10}(\.\d+)?",
    "<now, UTC>": r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
    "<now + expires_in>": r"20\d\d-\d\d-\d\dT.*\+00:00",
    "<now + expires_in, UTC, ISO 8601 with offset>": r"20\d\d-\d\d-\d\dT.*\+00:00",
    "<86 base64url characters>": r"[A-Za-z0-9_-]{86}",
    "<non-empty text>": r"(?s).+",
    "<a JQL program, see live.md>": r"(?s).*function main\(\).*",
    "<text>": r"(?s).+",
    "<clock>": r"20\d\d-\d\d-\d\dT.*",
    "<state>": r"[A-Za-z0-9_-]{43}",
    "<code_challenge>": r"[A-Za-z0-9_-]{43}",
}


def assert_like(value: Any, documented: Any, place: str = "") -> None:
    """The value is the documented one; where that has a placeholder, of the form it stands for."""
    if isinstance(documented, dict):
        assert isinstance(value, dict), f"{place}: {value!r} is no object"
        wanted = {key: each for key, each in documented.items() if key != "..."}
        found = set(value) & set(wanted) if "..." in documented else set(value)
        assert_same(f"{place} keys", sorted(found), sorted(wanted))
        for key, each in wanted.items():
            assert_like(value[key], each, f"{place}.{key}")
    elif isinstance(documented, list):
        assert isinstance(value, list), f"{place}: {value!r} is no array"
        assert_same(f"{place} length", len(value), len(documented))
        for number, (one, other) in enumerate(zip(value, documented, strict=True)):
            assert_like(one, other, f"{place}[{number}]")
    elif isinstance(documented, str) and documented in _PLACEHOLDERS:
        alike = re.fullmatch(_PLACEHOLDERS[documented], str(value))
        assert alike, f"{place}: expected {documented}, got {value!r}"
    else:
        assert_same(place, value, documented)
