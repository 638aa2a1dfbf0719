"""What a link to a report stands for, asked of Mixpanel."""

import logging

from mixpanel_mcp_core.errors import ParamValidationError, QueryError, ResponseValidationError
from mixpanel_mcp_core.models.report_links import ResolvedReport, SlugRecord
from mixpanel_mcp_core.models.reports import Bookmark
from mixpanel_mcp_core.queries.links import (
    BOOKMARK_TAILS,
    SLUG_APPS,
    ParsedLink,
    Place,
    bookmark_not_found,
    chained,
    check_scope,
    check_slug,
    first_known,
    parse_link,
    refuse_unsupported,
    short_link_target,
    slug_not_found,
    web_host,
)
from mixpanel_mcp_core.session import Session

log = logging.getLogger(__name__)

_EDITS = "changes to the saved report that the link carries (~(...)) are left out"


def place_of(session: Session) -> Place:
    """Where a session asks."""
    scope = session.scope
    return Place(scope.account.region, int(session.project_id), scope.workspace_id)


async def resolve_link(session: Session, text: str) -> ResolvedReport:
    """The report that a link stands for.

    Raises a ReportLinkError for what is no link, leads out of the session's scope, to nothing, or
    to what is no report.
    """
    link, here, expanded = parse_link(text), place_of(session), None
    if link.kind == "short_link":
        check_scope(link, here)
        expanded = await _expanded(session, link)
        if (short := link) and (link := parse_link(expanded)).kind == "short_link":
            raise chained(short, expanded)
    refuse_unsupported(link)
    check_scope(link, here)
    found = await (_slug_report if link.kind == "slug" else _saved_report)(session, link, here)
    report = found.model_copy(update={"input": text, "expanded_url": expanded})
    if link.edits:
        log.warning("edits in a link are ignored", extra={"bookmark": link.bookmark_id})
        return report.noted(_EDITS)
    return report


def check_resolved(report: ResolvedReport, session: Session) -> None:
    """Hold a report that was resolved before to the session that is to run it.

    Raises ParamValidationError where it lacks its own id (RL5) or names what cannot be (RL2, RL3),
    ReportLinkScopeMismatchError where it is of another scope.
    """
    needed = {"slug": "slug", "bookmark": "bookmark_id"}[report.source]
    if getattr(report, needed) is None:
        raise ParamValidationError(
            f"A report resolved from a {report.source} needs its {needed}.",
            code="RL5_RESOLVED_REPORT_INCONSISTENT",
            details={"source": report.source, "missing": needed},
        )
    if report.slug is not None:
        check_slug(report.slug)
    web_host(report.region)
    link = ParsedLink(
        report.source,
        region=report.region,
        project_id=report.project_id,
        workspace_id=report.workspace_id,
        slug=report.slug,
        bookmark_id=report.bookmark_id,
    )
    check_scope(link, place_of(session))


async def _expanded(session: Session, link: ParsedLink) -> str:
    answer = await session.web.get(f"/s/{link.short_code}")
    page = answer.body.decode(errors="replace")
    return short_link_target(link, answer.status, answer.headers.get("location"), page)


async def _slug_report(session: Session, link: ParsedLink, here: Place) -> ResolvedReport:
    slug = link.slug or ""
    try:
        record = await session.app.at_project.get(f"bookmark-urls/{slug}/", SlugRecord)
    except QueryError as error:
        raise (slug_not_found(link) if error.status_code == 404 else error) from error
    place = here.seen_through(link.workspace_id)
    shown_as = first_known(SLUG_APPS, record.type, link.type_hint)
    return ResolvedReport(
        source="slug",
        report_type=record.type,
        params=record.params,
        project_id=place.project_id,
        workspace_id=place.workspace_id,
        region=place.region,
        url=place.slug_url(slug, shown_as),
        input=slug,
        slug=slug,
        bookmark_id=record.saved_as,
        name=record.name,
        description=record.description,
        overrides=record.overrides,
    )


async def _saved_report(session: Session, link: ParsedLink, here: Place) -> ResolvedReport:
    number = link.bookmark_id or 0
    try:
        bookmark = await session.app.get(f"bookmarks/{number}", Bookmark, v=2)
    except QueryError as error:
        missing = error.status_code == 404
        raise (bookmark_not_found(link, here.workspace_id) if missing else error) from error
    if bookmark.params is None:
        raise ResponseValidationError(f"The saved report {number} has no params.")
    place = here.seen_through(link.workspace_id)
    shown_as = first_known(BOOKMARK_TAILS, bookmark.bookmark_type, link.type_hint)
    return ResolvedReport(
        source="bookmark",
        report_type=bookmark.bookmark_type,
        params=bookmark.params,
        project_id=place.project_id,
        workspace_id=place.workspace_id,
        region=place.region,
        url=place.bookmark_url(number, shown_as),
        input=str(number),
        bookmark_id=number,
        bookmark=bookmark,
        name=bookmark.name,
        description=bookmark.description,
    )
