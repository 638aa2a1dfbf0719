"""Which tools are listed, and which can run."""

import pytest

from mixpanel_mcp.listing import Listing
from mixpanel_mcp.published import names, published
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_tools import CORE, REVEALING


def listed(**settings: object) -> set[str]:
    """The names that a server with these settings lists."""
    return set(Listing(Settings(**settings)).listed)  # pyright: ignore[reportArgumentType]


def test_core_is_listed_by_default_and_everything_reachable() -> None:
    """A small list, and no operation out of reach."""
    listing = Listing(Settings())
    assert set(listing.listed) == set(CORE)
    assert set(listing.reachable) == set(names()) - set(REVEALING)
    assert listing.with_catalogue


def test_toolset_lists_all_its_tools() -> None:
    """A toolset's name stands for its tools."""
    assert listed(toolsets="annotations") == {
        name for name, toolset in names().items() if toolset == "annotations"
    }


def test_all_lists_every_operation_without_the_catalogue() -> None:
    """What is listed in full needs no second way."""
    listing = Listing(Settings(toolsets=("all",)))
    assert set(listing.listed) == set(names())
    assert not listing.with_catalogue


def test_tools_bound_list_and_reach() -> None:
    """Naming tools leaves nothing else, listed or not."""
    listing = Listing(Settings(tools=("events", "me")))
    assert listing.listed == listing.reachable == ("me", "events")
    assert not listing.with_catalogue


def test_excluded_tool_is_out_of_reach() -> None:
    """An excluded tool cannot run through the catalogue either."""
    listing = Listing(Settings(exclude_tools=("query",)))
    assert "query" not in listing.listed
    assert not listing.allows("query")


def test_read_only_leaves_what_reads() -> None:
    """No tool that changes anything is listed or reachable."""
    listing = Listing(Settings(read_only=True, toolsets=("all",)))
    assert listing.listed == listing.reachable
    assert all(published(name).read_only for name in listing.reachable)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"toolsets": "dashbords"}, "There is no toolset 'dashbords'. Did you mean 'dashboards'?"),
        ({"tools": "evnts"}, "There is no tool 'evnts'. Did you mean 'events'?"),
        ({"exclude_tools": "qery"}, "There is no tool 'qery'. Did you mean 'query'?"),
    ],
)
def test_unknown_name_is_refused_with_the_nearest(settings: dict[str, str], message: str) -> None:
    """A misspelt bound must not silently be no bound."""
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")):
        listed(**settings)
