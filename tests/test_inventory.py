"""What holds for every tool, whichever it is."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest
from figures import Figure, Record, weighed

import mixpanel_mcp_tools
from mixpanel_mcp.catalogue import catalogue
from mixpanel_mcp.commands.tools import weight
from mixpanel_mcp.listing import Listing, tools_of
from mixpanel_mcp.parameters import CONFIRM, TARGET, runs_in_session
from mixpanel_mcp.published import FOLDER, catalogue_tools, names, published
from mixpanel_mcp.publishing import description_of, lint
from mixpanel_mcp.settings import Settings
from mixpanel_mcp.snapshots import generated
from mixpanel_mcp_core.operation import Operation

ROOT = Path(__file__).parent.parent
CONTRACT = {
    each["name"]: each
    for each in json.loads((ROOT / "tests/contract/operations.json").read_text("utf-8"))
}
OPERATIONS = [
    operation
    for name in mixpanel_mcp_tools.TOOLSETS
    for operation in mixpanel_mcp_tools.toolset(name).operations.values()
] + list(catalogue.operations.values())
TOOLS = [published(name).tool for name in names()] + list(catalogue_tools())

# Ours beyond the contract: the file to write to, where secrets come from and where they are kept.
ADDED = {
    "stream_events": {"output_file"},
    "stream_profiles": {"output_file"},
    "accounts_add": {"secret_env", "keychain"},
    "accounts_update": {"secret_env"},
    "login": {"keychain"},
    "create_service_account": {"output_file"},
    "gdpr_get_retrieval": {"output_file"},
}
# Secrets of the contract, which are no arguments here.
WITHHELD = {"accounts_add": {"secret", "token"}, "accounts_update": {"secret", "token"}}
# No host takes an argument called properties; that name is accepted all the same.
RENAMED = {
    "bulk_update_property_definitions": {"properties": "definitions"},
    "update_schema_enforcement": {"properties": "event_properties"},
    "property_coverage": {"properties": "property_names"},
}
ASK_NOTHING = {"saved_report_link"}
HEAVIEST_DEFAULT = 12_000
HEAVIEST_TOOL = 2_100


def named(each: Any) -> str:
    """An operation's or a tool's name."""
    return each.name if isinstance(each, Operation) else each["name"]


def test_published_schemas_are_portable() -> None:
    """No host or model API has a reason to drop a tool."""
    assert {named(tool): found for tool in TOOLS if (found := lint(tool))} == {}


def test_stored_descriptions_are_fresh() -> None:
    """What is listed is what the operations say; `python -m mixpanel_mcp.snapshots` rewrites it."""
    wanted = dict(generated())
    stored = {path: path.read_text("utf-8") for path in FOLDER.rglob("*.json")}
    assert {path.name for path in wanted} >= {path.name for path in stored}
    assert [path.name for path, text in wanted.items() if stored.get(path) != text] == []


@pytest.mark.parametrize("name", sorted(CONTRACT))
def test_annotations_and_arguments_are_the_contracts(name: str) -> None:
    """Effect, argument names and which of them are required are those of the documented API."""
    tool, documented = published(name).tool, CONTRACT[name]
    annotations, schema = tool["annotations"], tool["inputSchema"]
    assert {
        "read_only": annotations["readOnlyHint"],
        "destructive": annotations["destructiveHint"],
        "idempotent": annotations["idempotentHint"],
    } == {key: documented[key] for key in ("read_only", "destructive", "idempotent")}
    called = RENAMED.get(name, {})
    wanted = [
        {**each, "name": called.get(each["name"], each["name"])}
        for each in documented["arguments"]
        if each["name"] != "*"
    ]
    arguments = {each["name"] for each in wanted}
    arguments -= WITHHELD.get(name, set())
    own = {TARGET} if runs_in_session(operation(name)) else set[str]()
    own |= set[str]() if documented["read_only"] else {CONFIRM}
    assert set(schema["properties"]) == arguments | ADDED.get(name, set()) | own
    assert set(schema.get("required", [])) == {e["name"] for e in wanted if e["required"]}


def operation(name: str) -> Operation:
    """An operation by its name."""
    return next(each for each in OPERATIONS if each.name == name)


def test_every_effect_is_stated() -> None:
    """All four hints are there, and a tool that reads does not claim to destroy."""
    hints = {named(tool): tool["annotations"] for tool in TOOLS}
    wanted = {"title", "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}
    assert [name for name, each in hints.items() if set(each) != wanted] == []
    both = ("readOnlyHint", "destructiveHint")
    assert [name for name, each in hints.items() if all(each[hint] for hint in both)] == []


def test_docstrings_say_what_and_where() -> None:
    """The first line is a sentence; an operation names the Mixpanel API behind it, or says none."""
    behind = re.compile(
        r"(App|Query|Export|Ingestion) API: (GET|POST|PUT|PATCH|DELETE) |Sends nothing\."
        r"|Login server: POST "
    )
    described = {named(each): description_of(each) for each in OPERATIONS}
    loose = [name for name, text in described.items() if not re.match(r"[A-Z][^\n]*[.!?]", text)]
    silent = [
        each.name
        for each in OPERATIONS
        if each.toolset != "catalogue"
        and not each.name.startswith("build_")
        and each.name not in ASK_NOTHING
        and not behind.search(described[each.name])
    ]
    assert (loose, silent) == ([], [])


def test_operations_wait_for_nothing_but_their_answer() -> None:
    """Each is a coroutine, so that a server goes on meanwhile."""
    assert [each.name for each in OPERATIONS if not inspect.iscoroutinefunction(each.call)] == []


def test_names_are_unique() -> None:
    """No tool hides another."""
    assert len({named(tool) for tool in TOOLS}) == len(TOOLS)


def test_core_profile_is_light(record_property: Record) -> None:
    """The default list leaves a model's window to the conversation."""
    listed = [each.tool for each in tools_of(Listing(Settings()))] + list(catalogue_tools())
    assert len(listed) <= 34
    for tool in listed:
        figure = Figure("tool of the default list", tool["name"], weight(tool), HEAVIEST_TOOL)
        weighed(record_property, figure)
    whole = Figure(
        "default list", f"{len(listed)} tools", sum(map(weight, listed)), HEAVIEST_DEFAULT
    )
    weighed(record_property, whole)


def test_core_names_exist() -> None:
    """The default profile lists tools that are there."""
    assert set(mixpanel_mcp_tools.CORE) <= set(names())


def test_readme_names_every_toolset() -> None:
    """The README's table has a row for each toolset, with its summary and number of tools."""
    readme = (ROOT / "README.md").read_text("utf-8")
    for name in mixpanel_mcp_tools.TOOLSETS:
        toolset = mixpanel_mcp_tools.toolset(name)
        assert f"| `{name}` | {len(toolset.operations)} | {toolset.summary} |" in readme
