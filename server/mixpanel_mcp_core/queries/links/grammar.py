"""The grammar of links: from text, however it was copied, to what it says."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from mixpanel_mcp_core.errors import ReportLinkParseError
from mixpanel_mcp_core.regions import Region

from .parsed import SLUG, ParsedLink

HOSTS: Mapping[str, Region] = {
    "mixpanel.com": "us",
    "eu.mixpanel.com": "eu",
    "in.mixpanel.com": "in",
    "mixpanel.org": "us",
}
APPS = ("insights", "funnels", "retention", "flows", "impact", "boards")

_URL = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>[^/?#:]*)(?::[0-9]*)?"
    r"(?P<path>[^?#]*)(?:\?[^#]*)?(?:#(?P<hash>.*))?",
    re.I | re.DOTALL,
)
_NUMBER = "[0-9]{1,18}"
_VIEW = f"(?:/view/(?P<workspace>{_NUMBER}))?"
_APP = f"/(?P<app>{'|'.join(APPS)})"
_SHORT = re.compile(r"/s/(?P<code>[0-9A-Za-z_-]+)")
_PATHS = (
    re.compile(f"/project/(?P<project>{_NUMBER}){_VIEW}/app{_APP}"),
    re.compile(f"/report/(?P<project>{_NUMBER}){_VIEW}{_APP}"),
)
_SAVED = re.compile(
    rf"(?:report|segmentation-report|view)/(?P<id>{_NUMBER})(?:/(?!~\()[^/]*)?(?:/(?P<edits>~\(.*))?",
    re.DOTALL,
)
_ID = re.compile(_NUMBER)

_HOW = (
    "Copy the address of an open report, e.g. "
    "https://mixpanel.com/project/12345/app/insights#report/678, the link that Share gives, or "
    "its 12-character slug."
)


def parse_link(text: str) -> ParsedLink:
    """What a link says: a slug alone, a URL with or without its scheme, or a short link.

    Raises ReportLinkParseError with the code of the part that could not be read.
    """
    given = text.strip()
    if SLUG.fullmatch(given):
        return ParsedLink("slug", slug=given)
    url = _URL.fullmatch(given if "#" in given else given.replace("%23", "#", 1))
    host = url["host"].lower() if url else ""
    if url is None or not host or not _is_address(url["scheme"], host):
        raise _unreadable("REPORT_LINK_UNPARSEABLE", "This is no link to a report.", raw=text)
    if host not in HOSTS:
        sentence = f"{host} is no host of Mixpanel's: {', '.join(HOSTS)} are."
        raise _unreadable("REPORT_LINK_NOT_MIXPANEL_HOST", sentence, raw=text, host=host)
    place = {"raw": text, "host": host, "region": HOSTS[host]}
    return _at(place, url["path"].rstrip("/"), url["hash"] or "")


def _is_address(scheme: str | None, host: str) -> bool:
    return host in HOSTS if scheme is None else scheme.lower() in ("http", "https")


def _at(place: dict[str, Any], path: str, fragment: str) -> ParsedLink:
    if short := _SHORT.fullmatch(path):
        return ParsedLink("short_link", region=place["region"], short_code=short["code"])
    match = next(filter(None, (shape.fullmatch(path) for shape in _PATHS)), None)
    if match is None:
        sentence = f"{path or '/'} is not the path of a report."
        raise _unreadable("REPORT_LINK_UNRECOGNIZED_PATH", sentence, **place, path=path)
    where = {
        "project_id": int(match["project"]),
        "workspace_id": match["workspace"] and int(match["workspace"]),
        "app": match["app"],
    }
    return ParsedLink(region=place["region"], **where, **_report(place | where, fragment))


def _report(place: dict[str, Any], fragment: str) -> dict[str, Any]:
    """What stands behind the `#`, as fields of a link."""
    if "~" not in fragment:
        fragment = fragment.partition("?")[0].rstrip("/")
    if not fragment:
        sentence = "The link names no report: nothing stands behind a #."
        raise _unreadable("REPORT_LINK_EMPTY_HASH", sentence, **place)
    if place["app"] == "boards" and (board := _on_a_board(fragment)):
        return board
    if saved := _SAVED.fullmatch(fragment):
        return {"kind": "bookmark", "bookmark_id": int(saved["id"]), "edits": saved["edits"]}
    if SLUG.fullmatch(fragment):
        return {"kind": "slug", "slug": fragment}
    if fragment.startswith("~"):
        return {"kind": "legacy_jsurl"}
    sentence = f"#{fragment} names no report."
    raise _unreadable("REPORT_LINK_UNRECOGNIZED_HASH", sentence, **place, hash=fragment)


def _on_a_board(fragment: str) -> dict[str, Any] | None:
    """A dashboard, or the report that is being edited on it."""
    said = {name: values[0] for name, values in parse_qs(fragment).items()}
    if not _ID.fullmatch(said.get("id", "")):
        return None
    edited = said.get("edited-bookmark", "")
    if SLUG.fullmatch(edited):
        return {"kind": "slug", "slug": edited}
    return {"kind": "dashboard", "dashboard_id": int(said["id"])}


def _unreadable(code: str, sentence: str, **details: Any) -> ReportLinkParseError:
    return ReportLinkParseError(sentence, code=code, hint=_HOW, **details)
