"""The command line of accounts, sessions and targets, made from the operations' own schemas."""

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mixpanel_mcp.published import names, published

# Commands with actions, and what their actions call.
GROUPS: Mapping[str, str] = {
    "accounts": "accounts of this machine: add, choose, log in, carry elsewhere",
    "session": "which account, project and workspace calls use",
    "targets": "saved places to ask: account, project, workspace under one name",
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
_METAVARS: Mapping[str, str] = {
    "to": "FILE",
    "at": "FILE",
    "project": "ID",
    "default_project": "ID",
    "workspace": "ID",
    "secret_env": "VARIABLE",
    "token_env": "VARIABLE",
}
# What a person who types it reads instead of what a model reads.
_HELP: Mapping[str, str] = {
    "derive_name": "name it after its organization instead of NAME",
    "no_browser": "print the address of the page instead of opening a browser",
    "open_browser": "print the address of the page instead of opening a browser",
    "place": "a saved target, or account/project[/workspace] (where calls go now)",
    "secret_env": "variable that holds the secret or token to store",
    "secret_stdin": "read the secret from standard input",
    "service_account": "the same as --account-type service_account",
    "token_env": "variable to read the token from at each request, instead of storing it",
}
_SECRETS = "A secret that is needed and not there is asked for; secrets are never arguments."
_FORMATS = ("table", "csv", "json")
# Sentences that tell a model what a call costs and how it fails.
_FOR_MODELS = re.compile(
    r"(Sends nothing|(App|Query) API: |Login server: |\w+Error |Only where the server)"
)


class _Formatter(argparse.HelpFormatter):
    """Leaves room for the longest name: argparse forgets that actions are indented."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog)
        self._action_max_length = 17


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
    own = commands.add_parser("login", help="log in and make the account active")
    if chosen == "login":
        own.description, own.epilog = _described("login"), _SECRETS
        _arguments(own, "login")
    for group, help in GROUPS.items():
        own = commands.add_parser(
            group, help=help, description=f"{help}.".capitalize(), formatter_class=_Formatter
        )
        if chosen == group:
            _actions(own, group)


def _actions(group: argparse.ArgumentParser, name: str) -> None:
    found = group.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    for action, operation in actions(name).items():
        told = re.split(r"[.;:] |[.]$|, or null", _text(operation).partition("\n")[0])[0]
        own = found.add_parser(action, help=_lowered(told), description=_described(operation))
        if operation == "accounts_add":
            own.epilog = _SECRETS
        _arguments(own, operation)


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
    parser.add_argument(
        "--format", choices=_FORMATS, default="table", help="how the answer is printed (table)"
    )
    parser.set_defaults(operation=name, module="account")


def _argument(
    parser: argparse.ArgumentParser, field: str, described: Mapping[str, Any], required: bool
) -> None:
    help = _HELP.get(field) or _lowered(_typed(described.get("description", "")).rstrip("."))
    help = help.replace("%", "%%")
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
            field,
            metavar=_METAVARS.get(field, field.upper()),
            nargs=None if required else "?",
            **options,
        )
        return
    if not options["choices"]:
        options["metavar"] = _METAVARS.get(field, "NAME")
    parser.add_argument(flag, dest=field, required=required, **options)


def arguments_of(options: argparse.Namespace) -> dict[str, Any]:
    """What was typed, as the operation's arguments."""
    fields = published(options.operation).tool["inputSchema"]["properties"]
    typed = vars(options)
    return {name: typed[name] for name in fields if typed.get(name) is not None}


def _text(operation: str) -> str:
    return _typed(published(operation).tool["description"])


def _described(operation: str) -> str:
    """What an operation does, without what only models need to know."""
    sentences = re.split(r"(?<=\.)\s", _text(operation))
    return " ".join(each for each in sentences if not _FOR_MODELS.match(each)).replace("%", "%%")


def _typed(text: str) -> str:
    """The text with operations named as one types them."""
    text = text.replace("the server's machine", "this machine")
    text = text.replace("the server's environment", "the environment")
    for group in GROUPS:
        for action, operation in actions(group).items():
            text = re.sub(rf"\b{operation}\b", f"`{group} {action}`", text)
    return text


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
