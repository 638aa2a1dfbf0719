"""Changes: told before they are made."""

import inspect
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

import mixpanel_mcp_tools
from mixpanel_mcp_core.errors import InvalidInputError
from mixpanel_mcp_core.models.changes import Foretold
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.rehearsal import Rehearsed, rehearse
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.foretelling import foretold

changes = Toolset("changes", "What a change would do, shown before it is made")


@changes.reads
async def preview_change(
    session: Session,
    operation: Annotated[str, Field(description="Operation that changes something.")],
    arguments: Annotated[dict[str, Any], Field(description="Its arguments.")] | None = None,
) -> Foretold:
    """Show what an operation would change, without changing anything.

    Returns the things concerned, each field before and after, and the exact request; of several
    requests the first. Arguments are checked as in earnest, and what is there is read. App API:
    GET whatever shows what is there.
    """
    found = mixpanel_mcp_tools.operation(operation)
    if found is None:
        raise _problem("operation", f"there is no operation {operation!r}; see search_operations")
    if found.effect.read_only:
        raise _problem("operation", f"{operation} changes nothing: run it")
    if "session" not in inspect.signature(found.call).parameters:
        raise _problem("operation", f"{operation} sends nothing to Mixpanel: there is no request")
    try:
        await replace(session, on_change=rehearse).run(operation, arguments or {})
    except Rehearsed as stop:
        return await foretold(session, found, {}, stop)
    raise _problem("arguments", f"with these {operation} would change nothing")


def _problem(field: str, problem: str) -> InvalidInputError:
    return InvalidInputError(f"{field}: {problem}.", [{"field": field, "problem": problem}])
