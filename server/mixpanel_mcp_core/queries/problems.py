"""Problems of a query, collected in order and raised together."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from mixpanel_mcp_core.errors import BookmarkValidationError

from .suggestions import nearest, offer

_T = TypeVar("_T")


@dataclass(frozen=True)
class Problem:
    """One rule that a query breaks: where, what would be right, and how badly."""

    code: str
    path: str
    message: str
    severity: Literal["error", "warning"] = "error"
    suggestion: tuple[str, ...] = ()
    fix: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The form in which errors carry it; `suggestion` and `fix` only where there are any."""
        entry: dict[str, Any] = {
            "path": self.path,
            "message": self.message,
            "code": self.code,
            "severity": self.severity,
        }
        if self.suggestion:
            entry["suggestion"] = list(self.suggestion)
        if self.fix is not None:
            entry["fix"] = self.fix
        return entry


def unknown_word(
    code: str,
    path: str,
    field: str,
    value: object,
    valid: Iterable[str],
    severity: Literal["error", "warning"] = "error",
) -> Problem:
    """A word outside its closed set, with the nearest words of the set."""
    words = sorted(valid)
    message = f"{field} {value!r} is not valid. {offer(value, words)}"
    return Problem(code, path, message, severity, tuple(nearest(value, words)))


def word_problems(
    code: str,
    path: str,
    value: object,
    valid: Iterable[str],
    severity: Literal["error", "warning"] = "error",
) -> Iterator[Problem]:
    """That word, named by the last part of its path; nothing for a word of the set."""
    words = list(valid)
    if value not in words:
        yield unknown_word(code, path, path.rpartition(".")[2], value, words, severity)


def inside(path: str, problems: Iterable[Problem]) -> Iterator[Problem]:
    """The same problems, told of an object that stands at this path."""
    for problem in problems:
        yield replace(problem, path=f"{path}.{problem.path}")


def refuse(problems: Iterable[Problem]) -> None:
    """Raise BookmarkValidationError with all problems if at least one is an error."""
    found = list(problems)
    if any(problem.severity == "error" for problem in found):
        raise BookmarkValidationError([problem.to_dict() for problem in found])


def numbered(name: str, items: Sequence[_T]) -> Iterator[tuple[str, _T]]:
    """Each item with its path: the bare name for a single one, `name[i]` for several."""
    for index, item in enumerate(items):
        yield (name if len(items) == 1 else f"{name}[{index}]"), item
