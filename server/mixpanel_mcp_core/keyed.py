"""Answers about saved metrics and behaviors: objects keyed by id, also of a single one."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from html import unescape
from textwrap import shorten
from typing import Any, Protocol, TypeVar, cast

from mixpanel_mcp_core.errors import MixpanelError, ParamValidationError, QueryError
from mixpanel_mcp_core.outcome import read

T = TypeVar("T")

_LONGEST = 300


class Owned(Protocol):
    """Something saved, which the account may be allowed to change."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def can_update_basic(self) -> bool | None: ...


def rows_of(answer: Any, returns: type[T]) -> list[T]:
    """All entities of an answer, in its order."""
    keyed = cast("dict[str, Any]", read(answer, dict))
    return [read(each, returns) for each in keyed.values()]


def row_of(answer: Any, returns: type[T]) -> T:
    """The one entity of an answer; MixpanelError (UNKNOWN_ERROR) for none or several."""
    rows = rows_of(answer, returns)
    if len(rows) != 1:
        raise MixpanelError(f"Mixpanel answered {len(rows)} entities, not one.")
    return rows[0]


def named_like(text: str | None) -> Callable[[Owned], bool]:
    """Whether a name contains the text in whatever case; without a text every name does."""
    folded = (text or "").casefold()
    return lambda row: folded in row.name.casefold()


def guard_deletable(rows: Iterable[Owned], code: str) -> None:
    """Raise ParamValidationError for the first that the account may not change."""
    for row in rows:
        if row.can_update_basic is False:
            raise ParamValidationError(
                f"{row.name!r} ({row.id}) may not be changed by this account, so nothing was "
                "deleted. force sends the deletion all the same.",
                code=code,
                details={"id": row.id},
            )


@contextmanager
def refusals_in_short() -> Generator[None]:
    """Tell of a refused definition where it is wrong and why, instead of in schemas and HTML."""
    try:
        yield
    except QueryError as error:
        raise _in_short(error) from error


def _in_short(error: QueryError) -> QueryError:
    body: Any = error.details.get("response_body")
    details: Any = body.get("details") if isinstance(body, dict) else None  # pyright: ignore
    path: Any = details.get("path") if isinstance(details, dict) else None  # pyright: ignore
    if error.status_code != 400 or not isinstance(path, list):
        return error
    place = ".".join(["definition", *map(str, cast("list[Any]", path))])
    sentence = shorten(unescape(error.message), _LONGEST, placeholder=" …")
    return QueryError(f"{place}: {sentence}", details=error.details)
