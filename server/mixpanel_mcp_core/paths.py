"""Names inside paths."""

from urllib.parse import quote


def segment(name: str) -> str:
    """A name as one segment of a path, with nothing left that a path could mean."""
    return quote(name, safe="")
