"""Lists of entities: the main columns, the ids for the next call, and where the rest is told."""

from mixpanel_mcp.results import Renderer
from mixpanel_mcp_core.models.alerts import CustomAlert
from mixpanel_mcp_core.models.governance.drop_filters import DropFilter
from mixpanel_mcp_core.models.lexicon import EventDefinition

SOURCE = {"account": "acme", "project": "1", "workspace": None, "region": "us", "sandbox": False}
CSV = Renderer("csv", 8000)


def head(value: object) -> str:
    """The end of a list's line of context."""
    return CSV.render("list", value, SOURCE).splitlines()[0].partition(" \N{MIDDLE DOT} 1 row")[2]


def test_a_list_names_the_operation_that_tells_all_of_one() -> None:
    """Where there is none, nothing is promised."""
    assert head([CustomAlert(id=1, name="A")]) == " · main fields; get_alert tells all of one"
    assert head([DropFilter(id=1, event_name="A")]) == " · main fields"


def test_custom_events_are_listed_with_the_id_that_other_calls_take() -> None:
    """It is not the id of their definition."""
    event = EventDefinition(id=104332, name="$custom_event:7", custom_event_id=7)
    assert CSV.render("list_custom_events", [event], SOURCE).splitlines()[2:] == [
        "id,name,custom_event_id",
        "104332,$custom_event:7,7",
    ]
