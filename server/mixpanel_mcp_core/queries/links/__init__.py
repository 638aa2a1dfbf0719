"""Links to reports, pure: read from text, held to a scope, built as URLs."""

from .grammar import parse_link
from .parsed import ParsedLink
from .places import (
    BOOKMARK_TAILS,
    SLUG_APPS,
    Place,
    check_id,
    check_scope,
    check_slug,
    first_known,
    web_host,
)
from .refusals import (
    bookmark_not_found,
    chained,
    refuse_unsupported,
    slug_not_found,
    unsupported_type,
)
from .results import linked_params
from .short import short_link_target

__all__ = [
    "BOOKMARK_TAILS",
    "SLUG_APPS",
    "ParsedLink",
    "Place",
    "bookmark_not_found",
    "chained",
    "check_id",
    "check_scope",
    "check_slug",
    "first_known",
    "linked_params",
    "parse_link",
    "refuse_unsupported",
    "short_link_target",
    "slug_not_found",
    "unsupported_type",
    "web_host",
]
