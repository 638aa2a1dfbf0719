"""The prompts package, registered with the server."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mcp import MCPError
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.prompts.base import PromptArgument

import mixpanel_mcp_prompts
from mixpanel_mcp.listing import Listing
from mixpanel_mcp.published import names, published

_INVALID_PARAMS = -32602
_CLOSING = """\
What stands in <brackets> in a call is yours to choose. Give every number with its dates, and say
once which account and project they came from, and whether that was the sandbox."""
_WORD = re.compile(r"`([a-z_]+)\b")


def add_prompts(
    server: MCPServer[Any], prompts: Iterable[mixpanel_mcp_prompts.Prompt], listing: Listing
) -> None:
    """Register prompts; all their arguments are optional."""
    for prompt in prompts:
        server.add_prompt(_registered(prompt, listing))


def tools_in(text: str) -> list[str]:
    """The tools that a prompt's text names, in order."""
    return [word for word in dict.fromkeys(_WORD.findall(text)) if word in names()]


def _registered(prompt: mixpanel_mcp_prompts.Prompt, listing: Listing) -> Prompt:
    def fill(**values: str) -> str:
        _check(prompt, values)
        text = prompt.filled(values)
        return "\n\n".join([text, _CLOSING, *_ways(tools_in(text), listing)])

    arguments = [
        PromptArgument(name=name, description=argument.meaning, required=False)
        for name, argument in prompt.arguments.items()
    ]
    return Prompt(
        name=prompt.name,
        title=prompt.name.replace("-", " ").capitalize(),
        description=prompt.description,
        arguments=arguments,
        fn=fill,
        context_kwarg=None,
    )


def _check(prompt: mixpanel_mcp_prompts.Prompt, values: Mapping[str, str]) -> None:
    """Raise for an argument that there is not, and for a value that is not of its kind."""
    for name, value in values.items():
        if name not in prompt.arguments:
            allowed = ", ".join(prompt.arguments) or "none"
            raise MCPError(
                _INVALID_PARAMS, f"{prompt.name} has no argument {name!r}; allowed: {allowed}"
            )
        if value and (problem := prompt.arguments[name].problem(value)):
            raise MCPError(_INVALID_PARAMS, f"{name} {problem}")


def _ways(tools: Iterable[str], listing: Listing) -> Iterable[str]:
    """How to run what the prompt names and this server does not list, a sentence for each way."""
    unlisted = [name for name in tools if name not in listing.listed]
    ways = {
        "Not listed, run by name with `run_read_operation`": [
            name for name in unlisted if listing.allows(name) and published(name).read_only
        ],
        "Not listed, run by name with `run_write_operation`": [
            name for name in unlisted if listing.allows(name) and not published(name).read_only
        ],
        "This server may not run, so leave out": [
            name for name in unlisted if not listing.allows(name)
        ],
    }
    return [f"{way}: {', '.join(found)}." for way, found in ways.items() if found]
