"""Logins and accounts from the command line, against the sandbox's own login server."""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from login_clients import files_in, lay, logged_in, tokens_at, tokens_for
from processes import warm
from scripted_browser import browse, sent_back
from served import served
from terminals import Machine, at_terminal, browser

from mixpanel_mcp.__main__ import main
from mixpanel_mcp.terminal import read_secret
from mixpanel_mcp_core.errors import ConfigError

SERVICE = ["accounts", "add", "team", "--type", "service_account", "--region", "us"]
ADD = [*SERVICE, "--username", "sandbox", "--default-project", "1"]
SECRET = "sandbox"


@pytest.fixture(scope="module")
def mixpanel() -> Iterator[str]:
    """The sandbox, whose tokens are renewed at every call."""
    with served("empty", "--token-seconds", "25") as sandbox:
        yield sandbox.at("{host}")


@pytest.fixture
def machine(mixpanel: str, tmp_path: Path) -> Machine:
    """A machine on which nobody has logged in yet."""
    home = tmp_path / "home"
    home.mkdir()
    return Machine(home, mixpanel)


def config(machine: Machine) -> dict[str, Any]:
    """What the config file says."""
    return tomllib.loads((machine.home / ".mp/config.toml").read_text("utf-8"))


def page_in(text: str) -> str:
    """The address of the login page in what was shown."""
    found = re.search(r"http://\S+/oauth/authorize/\S+", text)
    assert found, text
    return found[0]


@pytest.mark.usefixtures("ports")
def test_a_person_logs_in_asks_and_logs_out(machine: Machine) -> None:
    """The account is named after its organization and renewed unseen, until it is logged out."""
    assert "sandbox" in machine.good("login", environ=browser("allow"))
    assert config(machine) == {
        "active": {"account": "sandbox"},
        "accounts": {"sandbox": {"type": "oauth_browser", "region": "us", "default_project": "1"}},
    }
    listed = json.loads(machine.good("accounts", "list", "--format", "json"))["result"]
    assert [(each["name"], each["is_active"]) for each in listed] == [("sandbox", True)]
    explained = machine.good("session", "explain")
    assert re.search(r"account +sandbox \(oauth_browser\) +\[active\]", explained)
    before = tokens_at(machine.home, "sandbox").read_text()
    assert "account sandbox · project 1 · region us" in machine.good("call", "list_workspaces")
    assert tokens_at(machine.home, "sandbox").read_text() != before
    machine.good("accounts", "logout", "sandbox")
    refused = machine.typed("call", "list_workspaces")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.splitlines()[0] == (
        "OAUTH_TOKEN_ERROR: Account sandbox: it is not logged in. "
        "Log in again: mixpanel-mcp accounts login sandbox"
    )


@pytest.mark.usefixtures("ports")
def test_denied_login_leaves_no_account(machine: Machine) -> None:
    """The person pressed Deny: the error says so, and only the client stays registered."""
    done = machine.typed("login", environ=browser("deny"))
    assert done.returncode == 1
    assert "OAUTH_TOKEN_ERROR: The login was refused, access_denied" in done.stderr
    assert files_in(machine.home) == {".mp/oauth/client_us.json"}


@pytest.mark.parametrize(
    ("option", "stdin", "environ"),
    [
        (["--secret-stdin"], f"  {SECRET}\n".encode(), {}),
        (["--secret-file", "secret.txt"], None, {}),
        (["--secret-env", "SANDBOX_SECRET"], None, {"SANDBOX_SECRET": SECRET}),
    ],
    ids=["stdin", "file", "env"],
)
def test_secret_of_a_service_account_is_read(
    option: list[str], stdin: bytes | None, environ: dict[str, str], machine: Machine
) -> None:
    """From standard input, a file or the environment; it is stored and never printed."""
    (machine.home / "secret.txt").write_text(f"{SECRET}\n")
    done = machine.typed(*ADD, *option, stdin=stdin, environ=environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert config(machine)["accounts"]["team"] == {
        "type": "service_account",
        "region": "us",
        "default_project": "1",
        "username": "sandbox",
        "secret": SECRET,
    }


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b" \n", "is empty"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"x" * 65_537, "is longer than 65,536 bytes"),
    ],
    ids=["empty", "no text", "too long"],
)
def test_secret_that_is_none_is_refused(content: bytes, told: str) -> None:
    """The error says why, not what it was."""
    with pytest.raises(ConfigError) as refused:
        read_secret(content, "standard input")
    assert refused.value.message == f"The secret from standard input {told}."


def test_secret_is_asked_for_unseen(machine: Machine) -> None:
    """At a terminal the secret is typed, and not shown."""
    with at_terminal(machine, ADD) as terminal:
        terminal.until("Secret: ")
        assert not terminal.echoes()
        terminal.press("typed-secret\n")
        status, shown = terminal.end()
        assert terminal.echoes()
    assert (status, "typed-secret" in shown) == (0, False)
    assert config(machine)["accounts"]["team"]["secret"] == "typed-secret"


@pytest.mark.parametrize(
    ("key", "status", "told"),
    [("\x03", 130, ""), ("\x04", 1, "The secret is needed"), ("\n", 1, "The secret is needed")],
    ids=["interrupt", "end", "enter"],
)
def test_person_who_types_no_secret_gets_the_terminal_back(
    key: str, status: int, told: str, machine: Machine
) -> None:
    """At once, with what is typed shown again, and nothing stored."""
    with at_terminal(machine, ADD) as terminal:
        terminal.until("Secret: ")
        terminal.press(key)
        ended, shown = terminal.end()
        assert terminal.echoes()
    assert ended == status, shown
    assert told in shown
    assert "Traceback" not in shown
    assert files_in(machine.home) == set()


@pytest.mark.usefixtures("ports")
def test_login_without_a_browser_takes_the_pasted_address(machine: Machine) -> None:
    """The page is opened elsewhere, and the address it ends at pasted at the terminal."""
    with at_terminal(machine, ["login", "--no-browser"]) as terminal:
        page = page_in(terminal.until("press Enter:"))
        terminal.press(sent_back(page, "allow") + "\n")
        status, shown = terminal.end()
    assert status == 0, shown
    assert tokens_at(machine.home, "sandbox").exists()


@pytest.mark.usefixtures("ports")
def test_login_ends_though_nothing_was_pasted(machine: Machine) -> None:
    """The browser came back by itself; the program does not wait for the keyboard, nor crash."""
    with at_terminal(machine, ["login", "--no-browser"]) as terminal:
        browse(page_in(terminal.until("press Enter:")), "allow")
        status, shown = terminal.end()
    assert (status, "Fatal" in shown) == (0, False), shown


@pytest.mark.usefixtures("ports")
@pytest.mark.parametrize(
    ("line", "told"),
    [(None, ""), (b"\xff\n", "OAUTH_PASTE_ERROR"), (b"code=x&state=y\n", "OAUTH_STATE_MISMATCH")],
    ids=["address", "no text", "another login"],
)
def test_address_may_come_through_a_pipe(line: bytes | None, told: str, machine: Machine) -> None:
    """Another program pastes: the login succeeds, or its error is told at once."""
    with subprocess.Popen(
        [*warm(), "login", "--no-browser"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=machine.environ(),
    ) as process:
        assert process.stdin
        assert process.stderr
        shown = b""
        while b"press Enter:" not in shown:
            shown += process.stderr.readline()
        pasted = line or sent_back(page_in(shown.decode()), "allow").encode() + b"\n"
        process.stdin.write(pasted)
        process.stdin.flush()
        told_of = process.stderr.read().decode()
        assert process.wait(20) == bool(told), told_of
    assert told in told_of


def test_bridge_carries_a_service_account(machine: Machine, tmp_path: Path) -> None:
    """In another home calls work with nothing typed, until the bridge is removed."""
    lay(
        machine.home / ".mp/config.toml",
        '[active]\naccount = "team"\n[accounts.team]\ntype = "service_account"\nregion = "us"\n'
        f'username = "sandbox"\nsecret = "{SECRET}"\n',
    )
    other = tmp_path / "other"
    path = other / ".claude/mixpanel/auth.json"
    machine.good("accounts", "export-bridge", str(path), "--project", "1")
    guest = Machine(other, machine.url)
    assert "account team · project 1" in guest.good("call", "list_workspaces")
    third = Machine(machine.home.parent, machine.url, {"MP_AUTH_FILE": str(path)})
    shown = json.loads(third.good("accounts", "show-bridge", "--format", "json"))["result"]
    assert (shown["bridge"]["path"], shown["bridge"]["project"]) == (str(path), "1")
    third.good("accounts", "remove-bridge")
    assert not path.exists()


def test_bridge_carries_a_login(machine: Machine, tmp_path: Path) -> None:
    """Its tokens are laid where the account keeps its own, for the owner only, and used."""
    logged_in(machine.home, tokens_for(3600))
    other = tmp_path / "other"
    other.mkdir()
    path = other / ".claude/mixpanel/auth.json"
    machine.good("accounts", "export-bridge", str(path), "--account", "me", "--project", "1")
    done = Machine(other, machine.url).typed("call", "list_workspaces")
    # The sandbox did not give out this token: it arrived there, and was refused.
    assert "AUTH_FAILED" in done.stderr
    carried = json.loads(tokens_at(other).read_text("utf-8"))
    assert carried["access_token"] == "old-access-token"
    assert [oct(each.stat().st_mode & 0o777) for each in (path, tokens_at(other))] == ["0o600"] * 2


def test_places_are_saved_chosen_and_forgotten(machine: Machine) -> None:
    """Targets and session_use change the config file, and only it."""
    lay(
        machine.home / ".mp/config.toml",
        '[accounts.ci]\ntype = "oauth_token"\nregion = "eu"\ntoken_env = "CI_TOKEN"\n',
    )
    machine.good(
        "targets", "add", "shop", "--account", "ci", "--project", "333", "--workspace", "44"
    )
    rows = json.loads(machine.good("targets", "list", "--format", "json"))["result"]
    assert rows == [{"name": "shop", "account": "ci", "project": "333", "workspace": 44}]
    machine.good("targets", "use", "shop")
    machine.good("session", "use", "--project", "334", "--workspace", "45")
    machine.good("targets", "remove", "shop")
    block = {"type": "oauth_token", "region": "eu", "token_env": "CI_TOKEN"}
    assert config(machine) == {
        "active": {"account": "ci", "workspace": 45},
        "accounts": {"ci": {**block, "default_project": "334"}},
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["accounts", "frobnicate"], "invalid choice: 'frobnicate'"),
        (["accounts", "add", "x", "--type", "browser"], "invalid choice: 'browser'"),
        (["session", "use", "--workspace", "x"], "invalid int value: 'x'"),
        (["login", "--region", "uk"], "invalid choice: 'uk'"),
        (["targets", "add", "shop"], "are required: --account, --project"),
    ],
)
def test_misuse_is_told_in_one_line(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Below the usage, with exit status 2."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    out, err = capsys.readouterr()
    usage, _, line = err.rstrip().rpartition("\n")
    assert (ended.value.code, out, told in line) == (2, "", True), err
    assert usage.startswith("usage: mixpanel-mcp")
