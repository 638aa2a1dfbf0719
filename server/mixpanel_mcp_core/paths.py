"""Names inside paths."""

from urllib.parse import quote


def segment(name: str) -> str:
    """A name as one segment of a path, with nothing left that a path could mean."""
    return quote(name, safe="")


def schemas_path(*named: str | None) -> str:
    """The path of all schemas, of those of a type, or of the one of a type and a name."""
    return "/".join(["schemas", *(segment(each) for each in named if each is not None)])
