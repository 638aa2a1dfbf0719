"""Paths that Mixpanel has and the sandbox does not answer yet."""

import re

APP = "|".join(
    (
        "data-deletions",
        "data-retrievals",
        "service-accounts",
        "warehouse-sources",
    )
)
LATER = {
    r"/api/query/jql": "JQL",
    r"/api/2\.0/.+": "this export",
    r"/(groups|lookup-tables|nessie)(/.*)?": "this ingestion path",
    rf"/api/app/(projects|workspaces)/\d+/(workspaces/\d+/)?({APP})(/.*)?": (
        "this part of the App API"
    ),
    r"/s/.+": "short links",
}


def later(path: str) -> str | None:
    """Return what a path stands for when it is Mixpanel's, None for an unknown path."""
    return next((name for shape, name in LATER.items() if re.fullmatch(shape, path)), None)
