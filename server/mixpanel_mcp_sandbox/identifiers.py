"""Ids that are UUIDs, made of a document's kind and its number, which they tell again."""

from hashlib import md5
from uuid import UUID

DIGITS = 12


def uuid_of(kind: str, number: int) -> str:
    """Return the UUID of a document, whose last group is the document's number."""
    digest = md5(kind.encode(), usedforsecurity=False).hexdigest()
    return str(UUID(hex=f"{digest[: 32 - DIGITS]}{number:0{DIGITS}x}", version=4))


def number_in(identifier: int | str) -> int:
    """Return the number of a document from its id; 0, which no document has, for foreign text."""
    if isinstance(identifier, int):
        return identifier
    try:
        return UUID(identifier).int % 16**DIGITS
    except ValueError:
        return 0
