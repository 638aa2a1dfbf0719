"""Why a link that could be read leads nowhere."""

from mixpanel_mcp_core.errors import (
    ReportLinkNotFoundError,
    ShortLinkResolutionError,
    UnsupportedReportLinkError,
)

from .parsed import ParsedLink

_OPEN_IT = "Open the link in a browser and copy the address of the report that it shows."


def refuse_unsupported(link: ParsedLink) -> None:
    """Raise UnsupportedReportLinkError for a dashboard, and for a report written into its link."""
    if link.kind == "dashboard":
        raise UnsupportedReportLinkError(
            "The link leads to a dashboard, not to a report.",
            code="UNSUPPORTED_DASHBOARD_LINK",
            hint="Call get_dashboard for its reports, then query_saved_report with one's id.",
            **link.fields(),
        )
    if link.kind == "legacy_jsurl":
        raise UnsupportedReportLinkError(
            "The link holds a report in an old form that cannot be read.",
            code="UNSUPPORTED_LEGACY_HASH",
            hint="Open it in a browser, save or share the report there, and use the new link.",
            **link.fields(),
        )


def unsupported_type(report_type: str) -> UnsupportedReportLinkError:
    """The refusal to run a type of report that no query endpoint answers."""
    return UnsupportedReportLinkError(
        f"Reports of type {report_type} cannot be run.",
        code="UNSUPPORTED_REPORT_TYPE",
        hint="Insights, funnels, retention and flows can; resolve_report_link shows the params.",
        report_type=report_type,
    )


def slug_not_found(link: ParsedLink) -> ReportLinkNotFoundError:
    """What a 404 for a slug says."""
    return ReportLinkNotFoundError(
        f"There is no report {link.slug} in this project.",
        code="REPORT_LINK_SLUG_NOT_FOUND",
        hint="Check project and region: a slug is known in its own project only.",
        **link.fields(),
    )


def bookmark_not_found(link: ParsedLink, pinned: int | None) -> ReportLinkNotFoundError:
    """What a 404 for a saved report says; under a pinned workspace that may be the reason."""
    number = link.bookmark_id
    if pinned is None:
        hint, scope = "It may be deleted, or not shared with this account.", {}
    else:
        hint = f"It may be deleted, or not be seen in workspace {pinned} (MP_WORKSPACE_ID)."
        scope = {"session_workspace_id": pinned}
    return ReportLinkNotFoundError(
        f"There is no saved report {number} in this project.",
        code="REPORT_LINK_BOOKMARK_NOT_FOUND",
        hint=hint,
        **link.fields(),
        **scope,
    )


def short_link_not_found(link: ParsedLink) -> ReportLinkNotFoundError:
    """What a 404 for a short link says."""
    return ReportLinkNotFoundError(
        f"There is no short link {link.short_code}.",
        code="SHORT_LINK_NOT_FOUND",
        hint="Check its spelling and region, or copy the report's own address.",
        **link.fields(),
    )


def chained(link: ParsedLink, target: str) -> ShortLinkResolutionError:
    """The refusal to follow a short link to another one."""
    return ShortLinkResolutionError(
        "The short link leads to another short link.",
        code="SHORT_LINK_CHAIN",
        hint=_OPEN_IT,
        **link.fields(),
        target=target,
    )


def without_location(link: ParsedLink, host: str, status: int) -> ShortLinkResolutionError:
    """A redirect that does not say where to."""
    return ShortLinkResolutionError(
        "Mixpanel redirects the short link without saying where to.",
        code="SHORT_LINK_NO_LOCATION",
        hint=_OPEN_IT,
        **link.fields(),
        host=host,
        status=status,
    )


def unexpected_answer(link: ParsedLink, host: str, status: int) -> ShortLinkResolutionError:
    """An answer that is neither a redirect nor a page that redirects."""
    return ShortLinkResolutionError(
        f"Mixpanel answers the short link with status {status} and no address.",
        code="SHORT_LINK_UNEXPECTED_RESPONSE",
        hint=_OPEN_IT,
        **link.fields(),
        host=host,
        status=status,
    )
