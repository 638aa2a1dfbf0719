"""The command line of accounts, sessions and targets, made from the operations' own schemas."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mixpanel_mcp.published import names, published

# Commands with actions, and what their actions call.
GROUPS: Mapping[str, str] = {
    "accounts": "accounts of this machine: add, choose, log in, carry elsewhere",
    "session": "which account, project and workspace calls use",
    "targets": "saved places to ask",
}
_FURTHER: Mapping[str, Mapping[str, str]] = {
    "accounts": {"bridge_show": "show-bridge"},
    "session": {"explain_session": "explain"},
    "targets": {},
}
# One process makes one call: there is nothing to switch.
_NOT_HERE = frozenset({"session_switch"})
_ASK_FOR_SECRETS = ("accounts_add", "accounts_update", "login")
_POSITIONAL = ("name", "to", "place")


def actions(group: str) -> dict[str, str]:
    """The actions of a group with the operation that each calls."""
    prefix = f"{group}_"
    found = {
        name.removeprefix(prefix).replace("_", "-"): name
        for name in names()
        if name.startswith(prefix) and name not in _NOT_HERE
    }
    return found | {action: name for name, action in _FURTHER[group].items()}


def add_groups(commands: Any, chosen: str) -> None:
    """Add `login` and the groups to the grammar; the one that is not `chosen` by name only."""
    login = commands.add_parser("login", help="log in and make the account active")
    if chosen == "login":
        _arguments(login, "login")
    for group, help in GROUPS.items():
        own = commands.add_parser(group, help=help)
        if chosen == group:
            _actions(own, group)


def _actions(group: argparse.ArgumentParser, name: str) -> None:
    found = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    for action, operation in actions(name).items():
        told = _first_sentence(operation)
        _arguments(found.add_parser(action, help=told, description=told), operation)


def _arguments(parser: argparse.ArgumentParser, name: str) -> None:
    schema: Mapping[str, Any] = published(name).tool["inputSchema"]
    for field, described in schema["properties"].items():
        _argument(parser, field, described, field in schema.get("required", ()))
    if name in _ASK_FOR_SECRETS:
        if name == "accounts_update":
            parser.add_argument(
                "--secret", action="store_true", help="ask for a new secret or token"
            )
        if "secret_stdin" not in schema["properties"]:
            parser.add_argument(
                "--secret-stdin", action="store_true", help="read the secret from standard input"
            )
        parser.add_argument(
            "--secret-file", type=Path, metavar="FILE", help="read the secret from a file"
        )
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table")
    parser.set_defaults(operation=name)


def _argument(
    parser: argparse.ArgumentParser, field: str, described: Mapping[str, Any], required: bool
) -> None:
    help = described.get("description", "").replace("%", "%%")
    flag = f"--{field.replace('_', '-')}"
    if described["type"] == "boolean":
        if described.get("default") is True:
            flag = f"--no-{field.removeprefix('open_')}"
            parser.add_argument(flag, dest=field, action="store_false", default=None, help=help)
        else:
            parser.add_argument(flag, dest=field, action="store_true", default=None, help=help)
        return
    options: dict[str, Any] = {"help": help, "choices": described.get("enum")}
    if described["type"] == "integer":
        options["type"] = int
    if field in _POSITIONAL:
        parser.add_argument(
            field, metavar=field.upper(), nargs=None if required else "?", **options
        )
        return
    if not options["choices"]:
        options["metavar"] = "X"
    parser.add_argument(flag, dest=field, required=required, **options)


def arguments_of(options: argparse.Namespace) -> dict[str, Any]:
    """What was typed, as the operation's arguments."""
    fields = published(options.operation).tool["inputSchema"]["properties"]
    typed = vars(options)
    return {name: typed[name] for name in fields if typed.get(name) is not None}


def _first_sentence(name: str) -> str:
    return published(name).tool["description"].partition("\n")[0].partition(". ")[0].rstrip(".")
