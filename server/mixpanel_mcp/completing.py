"""Completion: what a person types into a prompt or an address, out of the project's own names."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

import mixpanel_mcp_prompts
from mixpanel_mcp.naming import Names
from mixpanel_mcp_core.errors import MixpanelError

log = logging.getLogger(__name__)

# The protocol's own limit.
_MOST = 100


def add_completion(
    server: MCPServer[Any], prompts: Iterable[mixpanel_mcp_prompts.Prompt], names: Names
) -> None:
    """Answer `completion/complete`; where Mixpanel refuses, with nothing rather than an error."""
    kinds = {
        (prompt.name, name): argument.kind
        for prompt in prompts
        for name, argument in prompt.arguments.items()
    }

    async def complete(
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion:
        prompt = isinstance(ref, PromptReference)
        kind = kinds.get((ref.name, argument.name), "text") if prompt else argument.name
        # The properties wanted are those of the event that was already filled in.
        filled = (context and context.arguments) or {}
        try:
            known = await names.of(kind, filled.get("event"))
        except MixpanelError as error:
            log.info("nothing completed", extra={"kind": kind, "code": error.code})
            known = []
        found = matching(argument.value, known)
        return Completion(values=found[:_MOST], total=len(found), has_more=len(found) > _MOST)

    server.completion()(complete)


def matching(typed: str, names: Sequence[str]) -> list[str]:
    """The names that begin with what was typed, then those that contain it, whatever the case."""
    low = typed.casefold()
    found = [name for name in dict.fromkeys(names) if low in name.casefold()]
    return sorted(found, key=lambda name: not name.casefold().startswith(low))
