"""Running an operation so that a miss is not the end: the nearest names are offered with it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic_core import to_jsonable_python

from mixpanel_mcp.rendering import as_table
from mixpanel_mcp_core.errors import MixpanelError, QueryError
from mixpanel_mcp_core.operation import Operation

if TYPE_CHECKING:
    from mixpanel_mcp_core.session import Session
    from mixpanel_mcp_tools.grounding import Hint

# Where an empty answer is a surprise: elsewhere it says that nothing was made yet.
_TOOLSETS = frozenset({"discovery", "queries", "live_query", "jql", "streaming"})
_TOOLS = frozenset({"get_event_definitions", "get_property_definitions"})
# Where a name in a refused call should have been there: elsewhere it may be a new one.
_REFERRING = _TOOLSETS | {"lexicon", "alerts"}
# None is a refusal of our own, after an answer without what was asked for.
_MISSED = (400, 404, None)


class Grounded(NamedTuple):
    """A value; how many seconds ago it was asked, where it was remembered; and hints."""

    value: Any
    age: float | None
    hints: Sequence[str]


async def grounded(session: "Session", operation: Operation, given: Mapping[str, Any]) -> Grounded:
    """Run an operation; what it raises for a name that is not there offers the nearest ones."""
    try:
        value = await run(session, operation, given)
    except QueryError as error:
        refers = operation.toolset in _REFERRING and error.status_code in _MISSED
        if refers and session.lookups:
            await _offer(error, session, operation, given)
        raise
    # Looking up hints remembers more, and is no part of the answer.
    age = max(session.ages, default=None)
    if not session.lookups or not _surprises(operation) or not _says_nothing(value):
        return Grounded(value, age, ())
    hints = await _misses(session, operation, given)
    return Grounded(value, age, [f"{hint.fact} {hint.offer}".strip() for hint in hints])


async def run(session: "Session", operation: Operation, given: Mapping[str, Any]) -> Any:
    """Run an operation; what changes something is in the journal."""
    if operation.effect.read_only:
        return await operation.call(session, **given)
    # Imported where it is needed: a server that changes nothing starts without it.
    from mixpanel_mcp_tools.changing.journaling import journaled

    return await journaled(session, operation, given)


async def _offer(
    error: MixpanelError, session: "Session", operation: Operation, given: Mapping[str, Any]
) -> None:
    """Add to a refusal what there is in the place of what is not."""
    for hint in await _misses(session, operation, given):
        if not hint.offer:
            continue
        said = repr(hint.name) in error.message
        error.message = (
            f"{error.message.rstrip('.')}. {'' if said else hint.fact + ' '}{hint.offer}"
        )


async def _misses(
    session: "Session", operation: Operation, given: Mapping[str, Any]
) -> "list[Hint]":
    # Imported where it is needed: a server that misses nothing starts without it.
    from mixpanel_mcp_tools.grounding import nearest_names

    plain: dict[str, Any] = to_jsonable_python(given, exclude_none=True, fallback=str)
    return await nearest_names(session, operation.name, operation.toolset, plain)


def _surprises(operation: Operation) -> bool:
    return operation.toolset in _TOOLSETS or operation.name in _TOOLS


def _says_nothing(value: Any) -> bool:
    """Whether an answer is empty: no rows, only zeros, or no segment that has a value."""
    if isinstance(value, list):
        return not value
    table = as_table(value)
    if table is None or not table.rows:
        return table is not None
    columns = dict(zip(table.columns, zip(*table.rows, strict=True), strict=True))
    if all(name == "undefined" for name in columns.get("segment", ["of all"])):
        return True
    numbers = [
        cell
        for name, cells in columns.items()
        if name != "step"
        for cell in cells
        if isinstance(cell, int | float) and not isinstance(cell, bool)
    ]
    return bool(numbers) and not any(numbers)
