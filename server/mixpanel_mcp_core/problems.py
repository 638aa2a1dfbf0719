"""Problems of arguments, found together and told together."""

from collections.abc import Iterable

from mixpanel_mcp_core.errors import InvalidInputError

# An argument's path, and what is wrong with it.
Problem = tuple[str, str]

_MOST_TOLD = 10


def refuse(problems: Iterable[Problem]) -> None:
    """Raise InvalidInputError when there are any, naming up to ten."""
    found = list(problems)
    if not found:
        return
    shown = found[:_MOST_TOLD]
    told = "; ".join(f"{field}: {problem}" for field, problem in shown)
    if more := len(found) - len(shown):
        told += f"; and {more:,} more"
    raise InvalidInputError(told, [{"field": field, "problem": text} for field, text in shown])


def unfit(field: str, problem: str) -> InvalidInputError:
    """The refusal of one argument."""
    return InvalidInputError(f"{field}: {problem}", [{"field": field, "problem": problem}])
