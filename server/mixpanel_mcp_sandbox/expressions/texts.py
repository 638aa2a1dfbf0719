"""Functions on texts; places count from 1 and characters are Unicode's."""

from mixpanel_mcp_sandbox.database import literal

from .misuse import Misuse
from .terms import Scope, Term, as_number, as_string, as_text

# Names below which a country's registry gives out names, as in `co.uk`.
SHARED = "ac|co|com|edu|gob|gouv|gov|govt|go|ltd|mil|ne|net|nhs|nom|or|org|plc|sch"
HOST = r"^[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:\s]+)"
LABEL = r"[\pL\pN_-]+"
REGISTERED = rf"({LABEL})[.]((?:{SHARED})[.][a-z]{{2}}|[\pL][\pL\pN-]+)[.]?$"
PARTS = {"full_domain": 0, "domain": 1}


def has_prefix(_: Scope, text: Term, prefix: Term) -> Term:
    """Return whether a text begins with another, without case."""
    return Term("boolean", f"starts_with({_lower(text)}, {_lower(prefix)})")


def has_suffix(_: Scope, text: Term, suffix: Term) -> Term:
    """Return whether a text ends with another, without case."""
    return Term("boolean", f"ends_with({_lower(text)}, {_lower(suffix)})")


def upper(_: Scope, text: Term) -> Term:
    """Return a text in capital letters."""
    return Term("string", f"upper({as_string(text)})")


def lower(_: Scope, text: Term) -> Term:
    """Return a text in small letters."""
    return Term("string", _lower(text))


def left(_: Scope, text: Term, count: Term) -> Term:
    """Return the first characters of a text."""
    return Term("string", f"left({as_string(text)}, {_count(count)})")


def right(_: Scope, text: Term, count: Term) -> Term:
    """Return the last characters of a text."""
    return Term("string", f"right({as_string(text)}, {_count(count)})")


def mid(_: Scope, text: Term, start: Term, count: Term) -> Term:
    """Return some characters of a text, or of a moment as text, from a place on."""
    place = f"(case when {as_number(start)} >= 1 then {_count(start)} end)"
    whole = as_text(text) if text.kind == "datetime" else as_string(text)
    return Term("string", f"substring({whole}, {place}, {_count(count)})")


def split(_: Scope, text: Term, sign: Term, place: Term | None = None) -> Term:
    """Return the parts of a text, or one of them by its place."""
    sep = sign.constant
    if not isinstance(sep, str) or len(sep) != 1 or not sep.isascii():
        raise Misuse("the delimiter must be one ASCII character in quotes")
    parts = f"string_split({as_string(text)}, {literal(sep)})"
    if place is None:
        return Term("list", f"{parts}::variant[]")

    whole, number = as_string(text), as_number(place)
    part = (
        f"case when {number} is not null and not contains({whole}, {literal(sep)}) then {whole} "
        f"when {number} >= 1 then list_extract({parts}, {_count(place)}) end"
    )
    return Term("string", f"({part})")


def parse_url(_: Scope, text: Term, part: Term) -> Term:
    """Return the registrable name of a URL's host, with its public suffix or without."""
    if part.constant not in PARTS:
        raise Misuse(f"the part must be one of {', '.join(PARTS)}")
    host = f"lower(regexp_extract({as_string(text)}, {literal(HOST)}, 1, 'i'))"
    found = f"regexp_extract({host}, {literal(REGISTERED)}, {PARTS[str(part.constant)]})"
    return Term("string", f"nullif(rtrim({found}, '.'), '')")


def _lower(term: Term) -> str:
    return f"lower({as_string(term)})"


def _count(term: Term) -> str:
    """Return a number as a whole one from 0 on."""
    number = as_number(term)
    whole = f"try_cast(trunc({number}) as bigint)"
    return f"(case when {number} > 0 then {whole} when {number} <= 0 then 0 end)"
