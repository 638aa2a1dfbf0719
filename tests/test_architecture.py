"""The house keeps its shape: imports run one way, modules stay small, roots hold packages only."""

import ast
import subprocess
import sys
from collections.abc import Sequence, Set
from functools import cache
from pathlib import Path

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


@cache
def nodes(path: Path) -> Sequence[ast.AST]:
    """All that a module is made of."""
    return list(ast.walk(ast.parse(path.read_text("utf-8"))))


@cache
def imported(path: Path) -> Set[str]:
    """The packages that a module imports, anywhere in it."""
    names = [
        alias.name for node in nodes(path) if isinstance(node, ast.Import) for alias in node.names
    ]
    names += [
        node.module or ""
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and node.level == 0
    ]
    return {name.split(".")[0] for name in names}


def package(path: Path) -> str:
    """The package that a module belongs to."""
    return path.relative_to(ROOT).parts[1]


def named(path: Path) -> str:
    """A module's path from the root."""
    return str(path.relative_to(ROOT))


def test_imports_between_our_packages_run_one_way() -> None:
    """The server sees all, the tools see the core, and the sandbox sees nobody."""
    strays = {
        named(path): seen
        for path in MODULES
        if (seen := imported(path) & set(ALLOWED) - {package(path)} - ALLOWED[package(path)])
    }
    assert strays == {}


def test_modules_stay_small() -> None:
    """A module that grows beyond a few screens is several rooms without walls."""
    lengths = {named(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_one_module_speaks_http() -> None:
    """Which HTTP library is used is one line's decision."""
    users = {named(path) for path in MODULES if HTTP_LIBRARIES & imported(path)}
    assert users == {"server/mixpanel_mcp_core/http.py"}


def test_only_the_server_knows_mcp() -> None:
    """The client, the tools and the sandbox work without the protocol."""
    assert {package(path) for path in MODULES if "mcp" in imported(path)} == {"mixpanel_mcp"}


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
        for node in nodes(path)
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
