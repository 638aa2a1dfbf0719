"""Where each API lives, and how the environment moves it."""

import pytest

from mixpanel_mcp_core.regions import Family, Region, base_url, moved

HOSTS: list[tuple[Region, Family, str]] = [
    ("us", "query", "https://mixpanel.com/api/query"),
    ("eu", "query", "https://eu.mixpanel.com/api/query"),
    ("in", "query", "https://in.mixpanel.com/api/query"),
    ("us", "app", "https://mixpanel.com/api/app"),
    ("eu", "app", "https://eu.mixpanel.com/api/app"),
    ("in", "app", "https://in.mixpanel.com/api/app"),
    ("us", "export", "https://data.mixpanel.com/api/2.0"),
    ("eu", "export", "https://data-eu.mixpanel.com/api/2.0"),
    ("in", "export", "https://data-in.mixpanel.com/api/2.0"),
    ("us", "ingest", "https://api.mixpanel.com"),
    ("eu", "ingest", "https://api-eu.mixpanel.com"),
    ("in", "ingest", "https://api-in.mixpanel.com"),
    ("us", "web", "https://mixpanel.com"),
    ("eu", "web", "https://eu.mixpanel.com"),
    ("in", "web", "https://in.mixpanel.com"),
]


@pytest.mark.parametrize(("region", "family", "url"), HOSTS)
def test_each_api_has_a_host_in_each_region(region: Region, family: Family, url: str) -> None:
    """The hosts are the documented ones; an empty override is none."""
    assert base_url(region, family, {}) == url
    assert base_url(region, family, {"MP_API_BASE_URL": "", "MP_APP_BASE_URL": ""}) == url


@pytest.mark.parametrize("origin", ["http://gate:9000", "http://gate:9000/", "http://gate:9000///"])
@pytest.mark.parametrize(
    ("family", "path"),
    [
        ("query", "/api/query"),
        ("app", "/api/app"),
        ("export", "/api/2.0"),
        ("ingest", ""),
        ("web", ""),
    ],
)
def test_one_origin_takes_every_api(origin: str, family: Family, path: str) -> None:
    """MP_API_BASE_URL moves all APIs of all regions, with or without a slash at its end."""
    for region in ("us", "eu", "in"):
        assert base_url(region, family, {"MP_API_BASE_URL": origin}) == f"http://gate:9000{path}"


@pytest.mark.parametrize(("region", "family", "url"), HOSTS)
def test_a_gateway_can_tell_the_hosts_apart(region: Region, family: Family, url: str) -> None:
    """`{host}` stands for the host that would have been called."""
    environ = {"MP_API_BASE_URL": "http://gate/x/{host}/"}
    assert base_url(region, family, environ) == url.replace("https://", "http://gate/x/")


@pytest.mark.parametrize("family", ["query", "export", "ingest", "web"])
def test_the_app_api_can_move_alone(family: Family) -> None:
    """MP_APP_BASE_URL leaves the other APIs where they are."""
    environ = {"MP_APP_BASE_URL": "http://app/"}
    assert base_url("eu", "app", environ) == "http://app/api/app"
    assert base_url("eu", family, environ) == base_url("eu", family, {})


def test_the_app_apis_own_origin_wins() -> None:
    """With both overrides the App API goes to its own, which may name the host too."""
    environ = {"MP_API_BASE_URL": "http://all", "MP_APP_BASE_URL": "http://app/{host}"}
    assert base_url("in", "app", environ) == "http://app/in.mixpanel.com/api/app"
    assert base_url("in", "query", environ) == "http://all/api/query"


@pytest.mark.parametrize(
    ("origin", "url"),
    [
        ("", "https://files.example/a?b=c%2F"),
        ("http://gate:9000", "https://files.example/a?b=c%2F"),
        ("http://gate:9000/{host}", "http://gate:9000/files.example/a?b=c%2F"),
        ("https://{host}.gate/x/", "https://files.example.gate/x/a?b=c%2F"),
    ],
)
def test_an_address_that_was_answered_moves_where_the_host_is_told(origin: str, url: str) -> None:
    """A gateway that hears of no host would not know where the file lies."""
    assert moved("https://files.example/a?b=c%2F", {"MP_API_BASE_URL": origin}) == url


def test_an_address_of_the_gateway_stays() -> None:
    """Whatever stands behind it has put the gateway's own name into its answer."""
    environ = {"MP_API_BASE_URL": "http://gate:9000/{host}"}
    assert moved("http://gate:9000/files/a", environ) == "http://gate:9000/files/a"
