"""Short links: the address that an answer to one leads to."""

import json
import re
from urllib.parse import urljoin, urlsplit

from mixpanel_mcp_core.errors import AuthenticationError, ReportLinkParseError

from .parsed import ParsedLink
from .places import web_host
from .refusals import short_link_not_found, unexpected_answer, without_location

_REDIRECTS = (301, 302, 303, 307, 308)
_IN_A_PAGE = re.compile(r'window\.location\.href\s*=\s*("(?:[^"\\]|\\.)*")')


def short_link_target(link: ParsedLink, status: int, location: str | None, page: str) -> str:
    """The address behind a short link: that of a redirect, or of a page which redirects.

    Raises ReportLinkNotFoundError for a 404, AuthenticationError where the address is that of
    the login, ShortLinkResolutionError where there is none.
    """
    host = web_host(link.region or "us")
    target = _told(link, host, status, location, page)
    try:
        joined = urljoin(f"https://{host}/s/{link.short_code}", target)
        path = urlsplit(joined).path
    except ValueError as error:
        raise ReportLinkParseError(
            "The short link leads to what is no address.",
            code="REPORT_LINK_UNPARSEABLE",
            hint="Copy the report's own address.",
            raw=target,
        ) from error
    if path.rstrip("/") == "/login":
        raise AuthenticationError(
            "Mixpanel asks for a login before it shows where the short link leads. Copy the "
            "report's own address instead.",
            details={"status_code": status, **link.fields()},
        )
    return joined


def _told(link: ParsedLink, host: str, status: int, location: str | None, page: str) -> str:
    if status == 404:
        raise short_link_not_found(link)
    if status in _REDIRECTS:
        if not location:
            raise without_location(link, host, status)
        return location
    found = _IN_A_PAGE.search(page) if status == 200 else None
    target = _text(found[1]) if found else None
    if not target:
        raise unexpected_answer(link, host, status)
    return target


def _text(literal: str) -> str | None:
    """The text of a JSON string; None where a script's string is not one of JSON."""
    try:
        return json.loads(literal)
    except ValueError:
        return None
