"""The house keeps its shape: imports run one way, modules stay small, roots hold packages only."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE_ROOTS = ("server", "tools", "prompts")
MODULES = sorted(path for root in SOURCE_ROOTS for path in (ROOT / root).rglob("*.py"))

LONGEST_MODULE = 400
ALLOWED = {
    "mixpanel_mcp": {
        "mixpanel_mcp_tools",
        "mixpanel_mcp_prompts",
        "mixpanel_mcp_sandbox",
        "mixpanel_mcp_core",
    },
    "mixpanel_mcp_tools": {"mixpanel_mcp_core"},
    "mixpanel_mcp_core": set[str](),
    "mixpanel_mcp_prompts": set[str](),
    "mixpanel_mcp_sandbox": set[str](),
}
HTTP_LIBRARIES = {"httpx", "httpx2", "requests", "aiohttp", "urllib3"}


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


def package(path: Path) -> str:
    """The package that a module belongs to."""
    return path.relative_to(ROOT).parts[1]


def named(path: Path) -> str:
    """A module's path from the root, for test ids."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_between_our_packages_run_one_way(path: Path) -> None:
    """The server sees all, the tools see the core, and the sandbox sees nobody."""
    own = package(path)
    seen = {name.split(".")[0] for name in imports(path)} & set(ALLOWED)
    assert seen - {own} <= ALLOWED[own]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_modules_stay_small(path: Path) -> None:
    """A module that grows beyond a few screens is several rooms without walls."""
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_MODULE


def test_one_module_speaks_http() -> None:
    """Which HTTP library is used is one line's decision."""
    users = {
        named(path) for path in MODULES if HTTP_LIBRARIES & {n.split(".")[0] for n in imports(path)}
    }
    assert users == {"server/mixpanel_mcp_core/http.py"}


def test_only_the_server_knows_mcp() -> None:
    """The client, the tools and the sandbox work without the protocol."""
    users = {package(path) for path in MODULES if "mcp" in {n.split(".")[0] for n in imports(path)}}
    assert users == {"mixpanel_mcp"}


def test_source_roots_hold_our_packages_only() -> None:
    """Nothing lies loose beside the packages."""
    for root in SOURCE_ROOTS:
        names = [each.name for each in (ROOT / root).iterdir() if each.name != "__pycache__"]
        assert all(name.startswith("mixpanel_mcp") for name in names), names


def test_nothing_prints_but_commands() -> None:
    """stdout belongs to the protocol; the command line alone writes to it."""
    talkers = {
        named(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
        and not any(keyword.arg == "file" for keyword in node.keywords)
    }
    assert all(
        path.startswith("server/mixpanel_mcp/commands/")
        for path in talkers - {"server/mixpanel_mcp/snapshots.py"}
    )


def test_starting_loads_nothing_that_the_first_call_needs() -> None:
    """A client waits for the list of tools, not for engines, HTTP library or database."""
    late = ("httpx", "duckdb", "mixpanel_mcp_core.queries", "mixpanel_mcp_core.http")
    program = f"import sys, mixpanel_mcp.app; print([n for n in {late} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
