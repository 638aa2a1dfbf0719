"""What the commands that run a file of cases share: what is printed, and the exit status."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any


def told(
    cases: Sequence[Mapping[str, Any]], disagreement: Callable[[Mapping[str, Any]], str | None]
) -> int:
    """Print each disagreement and how many cases agree; 0 when all do."""
    agreeing = 0
    for case in cases:
        problem = disagreement(case)
        agreeing += problem is None
        if problem is not None:
            name = f"{case.get('id')} ({case.get('tool')})"
            print(f"{name}: {case['title']}" if "title" in case else name)
            print(f"{problem}\n")
    print(f"{agreeing}/{len(cases)} cases agree")
    return 0 if agreeing == len(cases) else 1


def assert_same(what: str, found: Any, documented: Any) -> None:
    """They are equal; the error shows both, wherever it is raised."""
    assert found == documented, f"{what}: expected {documented!r}\n  got {found!r}"
