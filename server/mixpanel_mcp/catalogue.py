"""The catalogue: find, describe and run every operation, listed as a tool or not."""

import json
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any

from mcp.types import CallToolResult, InputRequiredResult
from pydantic import AliasChoices, Field

from mixpanel_mcp.accepting import accept
from mixpanel_mcp.binding import Binder, CallContext, said
from mixpanel_mcp.failures import failed
from mixpanel_mcp.parameters import parameters_of
from mixpanel_mcp.published import effect, for_models, names, published
from mixpanel_mcp.search import ranked
from mixpanel_mcp_core.errors import InvalidInputError, MixpanelError, NotPermittedError
from mixpanel_mcp_core.operation import Toolset

catalogue = Toolset("catalogue", "Find, describe and run every operation")

OperationName = Annotated[
    str,
    Field(
        description="Operation name, from search_operations.",
        validation_alias=AliasChoices("operation", "name", "tool"),
    ),
]
Arguments = Annotated[
    dict[str, Any], Field(description="The operation's arguments, as describe_operation tells.")
]


@catalogue.reads
async def search_operations(
    binder: Binder,
    call_context: CallContext,
    words: Annotated[
        str | None,
        Field(
            description="What to do, e.g. 'rename dashboard'.",
            validation_alias=AliasChoices("words", "query"),
        ),
    ] = None,
    limit: Annotated[int, Field(ge=1, le=100, description="Most operations to return.")] = 12,
) -> CallToolResult:
    """Find operations beyond the listed tools: dashboards, exports, imports, governance and more.

    Returns name, toolset, effect and first sentence of each, best match first; every operation
    without `words`.
    """
    found = ranked([published(name) for name in binder.listing.reachable], words or "")
    lines = [
        f"{each.name} [{each.toolset}, {effect(each.tool)}]: {_first_line(each.tool)}"
        for each in found[:limit]
    ]
    head = f"{len(lines)} of {len(found)} matching operations" if found else "no operation matches"
    return said("\n".join([head, *lines]))


@catalogue.reads
async def describe_operation(
    binder: Binder, call_context: CallContext, operation: OperationName
) -> CallToolResult:
    """Describe one operation: what it does, its effect and the JSON schema of its arguments.

    An unknown name is answered with the nearest ones.
    """
    _known(binder, operation)
    return said(json.dumps(for_models(published(operation).tool), ensure_ascii=False))


@catalogue.reads
async def run_read_operation(
    binder: Binder,
    call_context: CallContext,
    operation: OperationName,
    arguments: Arguments | None = None,
) -> CallToolResult | InputRequiredResult:
    """Run an operation that changes nothing, by name.

    Checked and answered exactly like a listed tool; operations that change data are refused.
    """
    _known(binder, operation)
    if not published(operation).read_only:
        raise NotPermittedError(f"{operation} changes data: use run_write_operation.")
    return await binder.call(operation, arguments or {}, call_context)


@catalogue.destroys
async def run_write_operation(
    binder: Binder,
    call_context: CallContext,
    operation: OperationName,
    arguments: Arguments | None = None,
) -> CallToolResult | InputRequiredResult:
    """Run an operation that creates, changes or deletes, by name.

    Checked and answered exactly like a listed tool. describe_operation tells whether it destroys.
    """
    _known(binder, operation)
    return await binder.call(operation, arguments or {}, call_context)


async def run(
    binder: Binder, name: str, schema: Mapping[str, Any], given: Mapping[str, Any], context: Any
) -> CallToolResult | InputRequiredResult:
    """Run one of the catalogue's own tools."""
    operation = catalogue.operations[name]
    try:
        arguments = accept(parameters_of(operation), schema, given)
        return await operation.call(binder, context, **arguments)
    except MixpanelError as error:
        return failed(error, binder.masker)


def _known(binder: Binder, name: str) -> None:
    """Raise for an operation that does not exist or that this server may not run."""
    if binder.listing.allows(name):
        return
    if name in names():
        raise NotPermittedError(binder.listing.why_not(name))
    reachable = binder.listing.reachable
    near = get_close_matches(name, reachable, n=5, cutoff=0.5)
    if not near:
        near = [each.name for each in ranked([published(each) for each in reachable], name)[:5]]
    problem = {"field": "operation", "problem": "no such operation here", "allowed": near}
    hint = f" Nearest: {', '.join(near)}." if near else ""
    raise InvalidInputError(f"operation: there is no operation {name!r} here.{hint}", [problem])


def _first_line(tool: Mapping[str, Any]) -> str:
    return tool["description"].partition("\n")[0]
