"""Regular expressions of formulas: what a pattern does in SQL, and the functions behind it."""

from functools import lru_cache, partial

import duckdb
import regex
from duckdb.func import FunctionNullHandling
from duckdb.sqltypes import BOOLEAN, INTEGER, VARCHAR

from .misuse import Misuse
from .terms import Scope, Term, as_number, as_string

# Seconds for one text; only patterns that try the same again and again need more.
LONGEST = 0.5
REFERENCE = regex.compile(r"\$(?:(\d+)|\{(\w+)\})")


def match(_: Scope, text: Term, pattern: Term) -> Term:
    """Return whether a pattern occurs in a text."""
    _check(pattern)
    return Term("boolean", f"pattern_found({as_string(text)}, {as_string(pattern)})")


def extract(_: Scope, text: Term, pattern: Term, group: Term | None = None) -> Term:
    """Return the first match of a pattern, or of one of its groups."""
    _check(pattern)
    number = f"try_cast({as_number(group)} as int)" if group else "0"
    arguments = f"{as_string(text)}, {as_string(pattern)}, {number}"
    return Term("string", f"pattern_text({arguments})")


def replace(_: Scope, text: Term, pattern: Term, other: Term) -> Term:
    """Return a text in which every match is replaced; `$1` stands for a group of the match."""
    _check(pattern)
    arguments = ", ".join(map(as_string, (text, pattern, other)))
    return Term("string", f"pattern_replaced({arguments})")


def create_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Make known to a database what formulas with regular expressions call."""
    for name, function, parameters, result in (
        ("pattern_found", _found, [VARCHAR, VARCHAR], BOOLEAN),
        ("pattern_text", _text, [VARCHAR, VARCHAR, INTEGER], VARCHAR),
        ("pattern_replaced", _replaced, [VARCHAR, VARCHAR, VARCHAR], VARCHAR),
    ):
        connection.create_function(
            name, function, [*parameters], result, null_handling=FunctionNullHandling.SPECIAL
        )


def _check(pattern: Term) -> None:
    if isinstance(pattern.constant, str):
        try:
            _compiled(pattern.constant)
        except regex.error as error:
            raise Misuse(f"the pattern is wrong, {error}") from error


@lru_cache(256)
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern, regex.IGNORECASE)


def _readable(pattern: str | None) -> regex.Pattern[str] | None:
    """Return a pattern, none for one of the data that is wrong."""
    try:
        return None if pattern is None else _compiled(pattern)
    except regex.error:
        return None


def _found(text: str | None, pattern: str | None) -> bool | None:
    readable = _readable(pattern)
    if text is None or readable is None:
        return None
    return _first(readable, text) is not None


def _text(text: str | None, pattern: str | None, group: int | None) -> str | None:
    readable = _readable(pattern)
    if text is None or readable is None or group is None or not 0 <= group <= readable.groups:
        return None
    found = _first(readable, text)
    return found.group(group) if found else None


def _replaced(text: str | None, pattern: str | None, other: str | None) -> str | None:
    readable = _readable(pattern)
    if text is None or readable is None or other is None:
        return None
    try:
        return readable.sub(partial(_filled, other), text, timeout=LONGEST)
    except TimeoutError:
        raise _endless(readable) from None


def _filled(other: str, found: regex.Match[str]) -> str:
    """Return the text put in the place of a match; what names no group stays as it is."""

    def group(reference: regex.Match[str]) -> str:
        name = reference.group(1) or reference.group(2)
        try:
            return found.group(int(name) if name.isdecimal() else name) or ""
        except IndexError:
            return reference.group()

    return REFERENCE.sub(group, other)


def _first(readable: regex.Pattern[str], text: str) -> regex.Match[str] | None:
    try:
        return readable.search(text, timeout=LONGEST)
    except TimeoutError:
        raise _endless(readable) from None


def _endless(readable: regex.Pattern[str]) -> TimeoutError:
    return TimeoutError(f"The regular expression {readable.pattern!r} takes too long")
