"""The command line's grammar, and settings out of what was typed."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mixpanel_mcp import __version__
from mixpanel_mcp.account_commands import add_groups

_SUMMARY = "An MCP server for Mixpanel. Not an official Mixpanel product."
_EPILOG = (
    "Credentials: `mixpanel-mcp login`, or MP_USERNAME and MP_SECRET (service account) or "
    "MP_OAUTH_TOKEN, with MP_PROJECT_ID and MP_REGION (us, eu, in). Without any, a local sandbox "
    "answers. Every option is also an environment variable, e.g. MIXPANEL_MCP_TOOLSETS."
)


def parsed(given: Sequence[str]) -> argparse.Namespace:
    """What was typed; ends the process with a usage message when it makes no sense."""
    root = parser(given[0])
    options, rest = root.parse_known_args(given)
    # argparse takes the arguments of a call in one run only; here options may stand between them.
    if rest and (options.command != "call" or any(each.startswith("-") for each in rest)):
        root.error(f"unrecognized arguments: {' '.join(rest)}")
    if rest:
        options.arguments += rest
    return options


def parser(chosen: str) -> argparse.ArgumentParser:
    """The grammar; of the commands about accounts only the `chosen` one in full."""
    root = argparse.ArgumentParser("mixpanel-mcp", description=_SUMMARY, epilog=_EPILOG)
    root.add_argument("--version", action="version", version=f"mixpanel-mcp {__version__}")
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _serve(commands.add_parser("serve", help="serve MCP clients (the default)", epilog=_EPILOG))
    _call(commands.add_parser("call", help="call one tool and print its answer"))
    _tools(commands.add_parser("tools", help="show what is listed, and its weight in tokens"))
    _sandbox(commands.add_parser("sandbox", help="the local Mixpanel, on its own"))
    doctor = commands.add_parser("doctor", help="check credentials, network and client set-up")
    _bounds(doctor)
    _answers(doctor)
    commands.add_parser("demo", help="ask three questions of the sandbox, with no credentials")
    add_groups(commands, chosen)
    return root


def _serve(command: argparse.ArgumentParser) -> None:
    command.add_argument("--transport", choices=("stdio", "http"), default=None)
    command.add_argument("--host", default=None, help="HTTP: address to bind (127.0.0.1)")
    command.add_argument("--port", type=int, default=None, help="HTTP: port, 0 for any (8000)")
    command.add_argument(
        "--confirm",
        choices=("always", "destructive", "never"),
        default=None,
        help="which changes a person must confirm: all, those that may lose data, or none",
    )
    _bounds(command)
    _answers(command)


def _bounds(command: argparse.ArgumentParser) -> None:
    command.add_argument("--toolsets", default=None, metavar="A,B", help="what is listed (core)")
    command.add_argument("--tools", default=None, metavar="A,B", help="only these tools")
    command.add_argument("--exclude-tools", default=None, metavar="A,B", help="not these tools")
    command.add_argument("--read-only", action="store_true", default=None, help="change nothing")


def _answers(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--sandbox", default=None, metavar="demo|empty|off|PATH", help="answer from the sandbox"
    )
    command.add_argument(
        "--target", default=None, metavar="X", help="where calls go that name no target themselves"
    )
    command.add_argument(
        "--files", type=Path, default=None, metavar="FOLDER", help="where exports may be written"
    )
    command.add_argument(
        "--max-tokens", type=int, default=None, metavar="N", help="budget of an answer (8000)"
    )
    command.add_argument(
        "--no-lookups",
        dest="lookups",
        action="store_false",
        default=None,
        help="send no request that the caller did not ask for",
    )
    command.add_argument(
        "--ledger",
        choices=("auto", "always", "off"),
        default=None,
        help="keep to Mixpanel's limits; auto: except at a gateway on this machine (auto)",
    )
    command.add_argument(
        "--no-cache",
        dest="cache",
        action="store_false",
        default=None,
        help="ask again also what was asked within the last minute",
    )


def _call(command: argparse.ArgumentParser) -> None:
    command.add_argument("tool", metavar="TOOL")
    command.add_argument(
        "arguments", nargs="*", metavar="JSON | key=value", help="or JSON on standard input"
    )
    command.add_argument("--format", choices=("table", "csv", "json"), default="table")
    command.add_argument(
        "--chart", type=Path, metavar="FILE", help="draw the answer as a picture: .png or .svg"
    )
    command.add_argument("--chart-theme", choices=("light", "dark"), default="light")
    command.add_argument(
        "--yes", action="store_true", help="go ahead with what loses data, unasked"
    )
    _bounds(command)
    _answers(command)


def _tools(command: argparse.ArgumentParser) -> None:
    command.add_argument("--toolset", default=None, metavar="X", help="the same as --toolsets X")
    command.add_argument("--json", action="store_true", help="as `tools/list` answers it")
    _bounds(command)


def _sandbox(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    serve = actions.add_parser("serve", help="serve the sandbox over HTTP")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8100, help="0 for any (8100)")
    serve.add_argument("--sandbox", default="demo", metavar="demo|empty|PATH")
    _project(serve)
    serve.add_argument(
        "--token-seconds",
        type=int,
        default=3600,
        metavar="N",
        help="how long tokens of browser logins are good (3600)",
    )

    _load(actions.add_parser("load", help="put the events of files into a sandbox of one's own"))


def _project(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--identity",
        choices=("simplified", "original"),
        default=None,
        help="how ids of one person are merged: by device and user on events, or by $identify, "
        "$create_alias and $merge; a file keeps what it was begun with (simplified)",
    )
    command.add_argument(
        "--project-timezone",
        default=None,
        metavar="ZONE",
        help="whose days and weeks are counted; a file keeps what was last given (UTC)",
    )


def _load(command: argparse.ArgumentParser) -> None:
    command.set_defaults(module="load")
    command.add_argument(
        "files", nargs="+", metavar="FILE", help=".parquet, or .jsonl or .csv (also .gz, .zst)"
    )
    command.add_argument(
        "--sandbox", required=True, metavar="PATH", help="the sandbox; made where there is none"
    )
    command.add_argument("--event-name", metavar="NAME", help="the event that every row is")
    command.add_argument("--event-column", metavar="C", help="or the column with its name")
    command.add_argument("--time-column", metavar="C")
    command.add_argument(
        "--time-zone", default="UTC", metavar="ZONE", help="of times without an offset (UTC)"
    )
    command.add_argument("--distinct-id-column", metavar="C", help="the column with the person")
    command.add_argument(
        "--without-person", action="store_true", help="the events belong to nobody"
    )
    command.add_argument(
        "--insert-id-column", metavar="C", help="by default an id is made of each row's content"
    )
    command.add_argument("--property-columns", metavar="A,B", help="only these (all others)")
    command.add_argument(
        "--rename", action="append", default=[], metavar="C=NAME", help="property of a column"
    )
    command.add_argument("--text-columns", metavar="A,B", help="CSV: no numbers, however they look")
    command.add_argument("--dry-run", action="store_true", help="store nothing, tell what would be")
    _project(command)


def settings_of(options: argparse.Namespace, **overrides: Any) -> Any:
    """Settings from the environment, under what was typed, under `overrides`.

    Raises ConfigError naming every variable or option at fault.
    """
    from pydantic import ValidationError

    from mixpanel_mcp.settings import Settings
    from mixpanel_mcp_core.errors import ConfigError

    typed = {
        name: value
        for name, value in vars(options).items()
        if value is not None and name in Settings.model_fields
    }
    try:
        return Settings(**{**typed, **overrides})
    except ValidationError as error:
        told = [f"{_spelt(each['loc'][0])}: {each['msg']}" for each in error.errors()]
        raise ConfigError("; ".join(told)) from None


def _spelt(name: Any) -> str:
    return f"--{str(name).replace('_', '-')} or MIXPANEL_MCP_{str(name).upper()}"
