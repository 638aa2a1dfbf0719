"""Where each Mixpanel API lives, login and web app too, and how a gateway moves them."""

from collections.abc import Mapping
from typing import Literal, get_args

Region = Literal["us", "eu", "in"]
Family = Literal["query", "app", "export", "ingest", "web", "oauth"]

REGIONS: tuple[Region, ...] = get_args(Region)

_PATHS: Mapping[Family, str] = {
    "query": "/api/query",
    "app": "/api/app",
    "export": "/api/2.0",
    "ingest": "",
    "web": "",
    "oauth": "/oauth",
}


def host(region: Region, family: Family) -> str:
    """The host name that serves an API family in a region."""
    if family in ("query", "app", "web", "oauth"):
        return "mixpanel.com" if region == "us" else f"{region}.mixpanel.com"
    name = "data" if family == "export" else "api"
    return f"{name}.mixpanel.com" if region == "us" else f"{name}-{region}.mixpanel.com"


def base_url(region: Region, family: Family, environ: Mapping[str, str]) -> str:
    """The URL that paths of a family are appended to.

    `MP_APP_BASE_URL` moves the App API and `MP_API_BASE_URL` everything to another origin; `{host}`
    in either stands for the host that would have been called. A login moves only with `{host}`: a
    gateway for the APIs is no login server.
    """
    origin = (environ.get("MP_APP_BASE_URL") if family == "app" else None) or environ.get(
        "MP_API_BASE_URL"
    )
    if family == "oauth" and origin and "{host}" not in origin:
        origin = None
    name = host(region, family)
    moved = origin.replace("{host}", name).rstrip("/") if origin else f"https://{name}"
    return moved + _PATHS[family]


def moved(url: str, environ: Mapping[str, str]) -> str:
    """A URL that Mixpanel answered with, where a gateway for every host takes it.

    Without `{host}` in `MP_API_BASE_URL`, and for a URL of the gateway's own, it is the same.
    """
    before, template, after = environ.get("MP_API_BASE_URL", "").partition("{host}")
    own = url.startswith(before) and not before.endswith("://")
    if not template or own:
        return url
    _, _, rest = url.partition("://")
    name, slash, path = rest.partition("/")
    return before + name + after.rstrip("/") + slash + path


def region_of_domain(domain: str) -> Region | None:
    """The region whose web app has this domain, or None for one that is not known."""
    name = domain.split("://")[-1].split("/")[0].lower().removeprefix("data-")
    if name == "data.mixpanel.com":
        return "us"
    return next((region for region in REGIONS if host(region, "web") == name), None)
