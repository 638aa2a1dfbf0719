"""Where a report lives: the URLs there, and whether a link leads there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mixpanel_mcp_core.errors import ParamValidationError, ReportLinkScopeMismatchError
from mixpanel_mcp_core.regions import REGIONS, host

from .parsed import SLUG, ParsedLink

# Which app shows a report that only a slug names.
SLUG_APPS: Mapping[str, str] = {
    "insights": "insights",
    "funnels": "insights",
    "retention": "insights",
    "flows": "flows",
}
# What the URL of a saved report ends with, but for its number.
BOOKMARK_TAILS: Mapping[str, str] = {
    "insights": "insights#report",
    "funnels": "funnels#view",
    "funnel": "funnels#view",
    "retention": "retention#report",
    "flows": "flows#report",
    "launch-analysis": "impact#report",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A project in its region, perhaps seen through one of its workspaces."""

    region: str
    project_id: int
    workspace_id: int | None = None

    def seen_through(self, workspace_id: int | None) -> "Place":
        """The same project through a workspace, or through its own where none is given."""
        return self if workspace_id is None else replace(self, workspace_id=workspace_id)

    def slug_url(self, slug: str, report_type: str) -> str:
        """The URL of a report that a slug names.

        Raises ParamValidationError for a type without an app (RL1), for what is no slug (RL2),
        region (RL3) or id (RL6).
        """
        app = _known(report_type, SLUG_APPS)
        check_slug(slug)
        return f"{self._prefix()}{app}#{slug}"

    def bookmark_url(self, bookmark_id: int, report_type: str) -> str:
        """The URL of a saved report; refused like `slug_url`."""
        tail = _known(report_type, BOOKMARK_TAILS)
        check_id("bookmark_id", bookmark_id)
        return f"{self._prefix()}{tail}/{bookmark_id}"

    def _prefix(self) -> str:
        check_id("project_id", self.project_id)
        view = ""
        if self.workspace_id is not None:
            check_id("workspace_id", self.workspace_id)
            view = f"/view/{self.workspace_id}"
        return f"https://{web_host(self.region)}/project/{self.project_id}{view}/app/"


def first_known(table: Mapping[str, str], *types: str | None) -> str:
    """The first type that a table of URLs knows; insights when it knows none."""
    return next((each for each in types if each is not None and each in table), "insights")


def web_host(region: str) -> str:
    """The host of the web app in a region; ParamValidationError (RL3) for what is none."""
    for known in REGIONS:
        if region == known:
            return host(known, "web")
    raise ParamValidationError(
        f"There is no region {region!r}. There are {', '.join(REGIONS)}.",
        code="RL3_UNKNOWN_REGION",
        details={"region": region},
    )


def check_id(field: str, value: int) -> None:
    """Raise ParamValidationError (RL6) for an id that no object can have."""
    if value <= 0:
        raise ParamValidationError(
            f"{field} must be a positive number, got {value}.",
            code="RL6_INVALID_ID",
            details={"field": field, "value": value},
        )


def check_slug(slug: str) -> None:
    """Raise ParamValidationError (RL2) for what is no slug."""
    if not SLUG.fullmatch(slug):
        raise ParamValidationError(
            f"{slug!r} is no slug: 12 letters, digits, - or _.",
            code="RL2_INVALID_SLUG",
            details={"slug": slug},
        )


def check_scope(link: ParsedLink, here: Place) -> None:
    """Raise ReportLinkScopeMismatchError where the link leads out of the session's scope.

    Region, project and workspace are looked at in this order; what either side leaves open
    matches.
    """
    if link.region not in (None, here.region):
        raise _mismatch("region", link, here, f"Use an account of {link.region} (MP_REGION).")
    if link.project_id not in (None, here.project_id):
        how = f"Ask in project {link.project_id} (MP_PROJECT_ID)."
        raise _mismatch("project_id", link, here, how)
    if here.workspace_id is not None and link.workspace_id not in (None, here.workspace_id):
        how = f"Ask in workspace {link.workspace_id}, or in none (MP_WORKSPACE_ID)."
        raise _mismatch("workspace_id", link, here, how)


def _mismatch(field: str, link: ParsedLink, here: Place, hint: str) -> ReportLinkScopeMismatchError:
    theirs, ours = getattr(link, field), getattr(here, field)
    what = field.removesuffix("_id")
    scope: dict[str, Any] = {f"link_{field}": theirs, f"session_{field}": ours}
    return ReportLinkScopeMismatchError(
        f"The link is of {what} {theirs}, this session of {what} {ours}.",
        code=f"REPORT_LINK_{what.upper()}_MISMATCH",
        hint=hint,
        **link.fields(),
        **scope,
    )


def _known(report_type: str, table: Mapping[str, str]) -> str:
    if report_type in table:
        return table[report_type]
    raise ParamValidationError(
        f"There are no links to reports of type {report_type!r}. There are some to "
        f"{', '.join(table)}.",
        code="RL1_UNKNOWN_REPORT_TYPE",
        details={"report_type": report_type, "allowed": list(table)},
    )
