"""The command line as a person types it."""

import json
import subprocess
from pathlib import Path

import pytest
from job_client import own_demo
from processes import environment, warm


def typed(
    *words: str, stdin: str | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What a command prints and how it ends; never a traceback."""
    done = subprocess.run(
        [*warm(), *words],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_call_prints_a_table() -> None:
    """One line of context, then the answer."""
    done = typed("call", "projects", "--sandbox", "empty")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("projects · account sandbox · project 1 · region us · sandbox: true")
    assert lines[2].split() == ["id", "name", "organization_id", "timezone"]


@pytest.mark.parametrize(
    ("words", "stdin"),
    [
        (['{"title": "T", "is_private": true}'], None),
        (["title=T", "is_private=true"], None),
        (["-"], '{"title": "T", "is_private": true}'),
        ([], '{"title": "T", "is_private": true}'),
    ],
    ids=["json", "pairs", "dash", "piped"],
)
def test_call_takes_arguments_in_every_form(words: list[str], stdin: str | None) -> None:
    """JSON, key=value pairs, or standard input mean the same."""
    done = typed(
        "call", "create_dashboard", *words, "--format", "json", "--sandbox", "empty", stdin=stdin
    )
    assert done.returncode == 0, done.stderr
    board = json.loads(done.stdout)["result"]
    assert (board["title"], board["is_private"]) == ("T", True)


def test_call_ends_when_what_it_began_has_ended(tmp_path: Path) -> None:
    """An export that goes on after its call is waited for, which is said."""
    days = ["from_date=2026-05-01", "to_date=2026-05-01", "output_file=e.jsonl"]
    done = typed("call", "start_export", *days, "--sandbox", "empty", "--files", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "Waiting for what the call began" in done.stderr
    assert (tmp_path / "e.jsonl").read_bytes() == b""


def test_options_of_a_call_may_stand_anywhere() -> None:
    """Before, between and behind the arguments."""
    done = typed(
        "call",
        "create_dashboard",
        "--sandbox",
        "empty",
        "title=T",
        "--format",
        "json",
        "is_private=true",
    )
    assert done.returncode == 0, done.stderr
    board = json.loads(done.stdout)["result"]
    assert (board["title"], board["is_private"]) == ("T", True)


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["lod", "--help"], 2, "invalid choice: 'lod' (choose from"),
        (["call", "evnts"], 2, "There is no tool 'evnts'. Did you mean events"),
        (["call", "--read-only", "login"], 2, "login changes data and this server is read-only."),
        (["call", "events", "limit"], 2, "'limit' is neither JSON nor key=value"),
        (["call", "events", "{bad"], 2, "The arguments are not JSON"),
        (["call", "events", "limit=x", "--sandbox", "empty"], 1, "INVALID_INPUT: limit:"),
        (["serve", "--toolsets", "nope"], 2, "There is no toolset 'nope'"),
        (["serve", "--max-tokens", "3"], 2, "--max-tokens or MIXPANEL_MCP_MAX_TOKENS"),
        (["serve", "--transport", "http", "--host", "0.0.0.0"], 2, "MIXPANEL_MCP_HTTP_TOKEN"),
        (["sandbox", "serve", "--sandbox", "/nonexistent/folder/x.db"], 2, "mixpanel-mcp: "),
    ],
)
def test_mistake_is_told_in_one_line(words: list[str], status: int, told: str) -> None:
    """No traceback, an exit status that scripts can tell apart, and what to do."""
    done = typed(*words)
    assert done.returncode == status
    assert told in done.stderr


def test_damaged_sandbox_file_is_told_and_left_alone(tmp_path: Path) -> None:
    """A file that is no sandbox is never overwritten."""
    file = tmp_path / "notes.txt"
    file.write_text("my notes", encoding="utf-8")
    done = typed("call", "events", "--sandbox", str(file))
    assert done.returncode == 1
    assert "CONFIG_ERROR" in done.stderr
    assert file.read_text("utf-8") == "my notes"


def test_tools_shows_names_effects_and_weight() -> None:
    """What a client lists, and what it costs a model."""
    done = typed("tools", "--toolset", "annotations,ingestion")
    assert done.returncode == 0
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0] == ["every", "toolset", "tools", "tokens"]
    assert ["annotations", "7"] in [row[:2] for row in rows]
    assert ["toolset", "tool", "effect", "tokens"] in rows
    assert next(row[:3] for row in rows if "delete_annotation" in row) == [
        "annotations",
        "delete_annotation",
        "destroys",
    ]


def test_call_reaches_the_catalogue_too() -> None:
    """What a model can search, a person can."""
    done = typed("call", "search_operations", "words=pin dashboard", "limit=1")
    assert done.returncode == 0, done.stderr
    assert "pin_dashboard [dashboards, writes]" in done.stdout


def test_tools_json_is_what_is_listed() -> None:
    """The same objects as `tools/list` answers."""
    tools = json.loads(typed("tools", "--json").stdout)
    assert {"name", "description", "inputSchema", "annotations"} == set(tools[0])


def test_doctor_finds_nothing_wrong_on_the_sandbox() -> None:
    """Every check is named, and a snippet for each client follows."""
    done = typed("doctor", "--sandbox", "empty")
    assert done.returncode == 0, done.stdout
    topics = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("ok")]
    assert topics == [
        "version",
        "proxy",
        "certificates",
        "tools",
        "account",
        "region",
        "project",
        "workspace",
        "headers",
        "config",
        "bridge",
        "storage",
        "variables",
        "calls",
        "reachable",
        "clock",
    ]
    for client in ("Claude Desktop", "Claude Code", "Cursor", "VS Code"):
        assert client in done.stdout


def test_doctor_says_what_is_wrong_without_the_secret() -> None:
    """Credentials for a Mixpanel that cannot be reached: FAIL lines, exit status 1."""
    env = {
        "MP_USERNAME": "sa.user",
        "MP_SECRET": "hunter2-secret",
        "MP_PROJECT_ID": "12345",
        "MP_REGION": "eu",
        "MP_API_BASE_URL": "http://127.0.0.1:9",
    }
    done = typed("doctor", env=env)
    assert done.returncode == 1
    assert "FAIL  reachable" in done.stdout
    assert "hunter2-secret" not in done.stdout + done.stderr


def test_no_command_means_serve() -> None:
    """What a client's configuration starts is the server."""
    done = typed("--toolsets", "nope")
    assert "There is no toolset 'nope'" in done.stderr


def test_version_is_told() -> None:
    """The version is the package's."""
    assert typed("--version").stdout.startswith("mixpanel-mcp ")


def test_demo_asks_three_questions_and_says_how_to_go_on() -> None:
    """The main job, without an account: tables, then the lines for Claude Desktop."""
    with own_demo():
        done = typed("demo")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("sandbox: true") == 3
    for told in ("Order Completed", "Checkout Started", "week 1", '"mcpServers"'):
        assert told in done.stdout
