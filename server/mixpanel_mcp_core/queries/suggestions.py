"""The nearest valid words to a wrong one, and the sentence that offers them."""

from collections.abc import Iterable
from difflib import get_close_matches

from mixpanel_mcp_core.synonyms import meant, note_on


def nearest(word: object, valid: Iterable[str]) -> list[str]:
    """Up to three of the valid words, the most similar first; none below half similarity."""
    return get_close_matches(str(word), sorted(valid), n=3, cutoff=0.5)


def offer(word: object, valid: Iterable[str]) -> str:
    """`Did you mean ...?` where something is near, else how many are valid, and five."""
    words = sorted(valid)
    if name := meant(str(word), words):
        note = note_on(str(word), name)
        return f"Did you mean {name!r}{f' ({note})' if note else ''}?"
    if near := nearest(word, words):
        return f"Did you mean {' or '.join(map(repr, near))}?"
    more = ", ..." if len(words) > 5 else ""
    return f"Valid are {len(words)}: {', '.join(map(repr, words[:5]))}{more}."
