"""The prompts package, registered with the server."""

from collections.abc import Iterable
from typing import Any

from mcp import MCPError
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.prompts.base import PromptArgument

import mixpanel_mcp_prompts

_INVALID_PARAMS = -32602


def add_prompts(server: MCPServer[Any], prompts: Iterable[mixpanel_mcp_prompts.Prompt]) -> None:
    """Register prompts; all their arguments are optional."""
    for prompt in prompts:
        server.add_prompt(_registered(prompt))


def _registered(prompt: mixpanel_mcp_prompts.Prompt) -> Prompt:
    def fill(**values: str) -> str:
        if unknown := sorted(set(values) - set(prompt.arguments)):
            allowed = ", ".join(prompt.arguments) or "none"
            raise MCPError(
                _INVALID_PARAMS, f"{prompt.name} has no argument {unknown[0]!r}; allowed: {allowed}"
            )
        return prompt.filled(values)

    arguments = [
        PromptArgument(name=name, description=text, required=False)
        for name, text in prompt.arguments.items()
    ]
    return Prompt(
        name=prompt.name,
        title=prompt.name.replace("-", " ").capitalize(),
        description=prompt.description,
        arguments=arguments,
        fn=fill,
        context_kwarg=None,
    )
