"""Errors of a part, told of the whole that it stands in."""

from collections.abc import Mapping
from typing import Any

from mixpanel_mcp_core.errors import (
    BookmarkValidationError,
    InvalidInputError,
    MixpanelError,
    ParamValidationError,
)


def placed(error: MixpanelError, place: str) -> MixpanelError:
    """The same error, its fields and paths within `place`, e.g. `rows[0].cards[1]`."""
    if isinstance(error, BookmarkValidationError):
        return BookmarkValidationError([_within(each, "path", place) for each in error.errors])
    if isinstance(error, InvalidInputError):
        problems = [_within(each, "field", place) for each in error.details["problems"]]
        return InvalidInputError(f"{place}: {error.message}", problems)
    if isinstance(error, ParamValidationError):
        return error.inside(place)
    return type(error)(f"{place}: {error.message}", code=error.code, details=error.details)


def _within(problem: Mapping[str, Any], key: str, place: str) -> dict[str, Any]:
    return {**problem, key: f"{place}.{problem[key]}"}
