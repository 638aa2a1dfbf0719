"""Which names of a project a call mentions, wherever they stand in its arguments."""

from typing import Any

import pytest

from mixpanel_mcp_core.mentions import Mentions, mentions_of


@pytest.mark.parametrize(
    ("arguments", "mentions"),
    [
        ({"events": ["A", {"event": "B"}, "A"]}, Mentions(events=("A", "B"))),
        (
            {"steps": ["A", {"event": "B"}], "exclusions": [{"event": "C"}]},
            Mentions(("A", "B", "C")),
        ),
        ({"born_event": {"event": "A"}, "return_event": "$any_event"}, Mentions(events=("A",))),
        ({"group_by": ["p", {"property": "q"}], "on": "r"}, Mentions((), ("p", "q", "r"))),
        (
            {"where": [{"property": "p", "operator": "equals", "value": ["x", "y"]}]},
            Mentions(properties=("p",), values=(("p", "x", None), ("p", "y", None))),
        ),
        (
            {"where": [{"property": "p", "operator": "contains", "value": "x"}]},
            Mentions(properties=("p",)),
        ),
        (
            {"event": "A", "where": 'properties["p"] == "x" and properties["q"] > 3'},
            Mentions(("A",), ("p", "q"), values=(("p", "x", None),)),
        ),
        (
            {
                "where": [
                    {"property": "p", "operator": "equals", "value": "x", "resource_type": "people"}
                ]
            },
            Mentions(profile_properties=("p",)),
        ),
        (
            {
                "steps": [
                    "A",
                    {
                        "event": "$b",
                        "filters": [{"property": "p", "operator": "equals", "value": "x"}],
                    },
                ],
                "group_by": "q",
            },
            Mentions(("A",), ("q",), owned=(("$b", "p"),), values=(("p", "x", "$b"),)),
        ),
        (
            {"where": [{"operator": "in_cohort", "cohort": 7}]},
            Mentions(cohorts=(7,)),
        ),
        (
            {"where": [{"cohort": {"all_of": [{"criterion": "did_event", "event": "A"}]}}]},
            Mentions(events=("A",)),
        ),
        ({"from_date": "2026-01-01", "unit": "day", "formula": "A / B"}, Mentions()),
    ],
)
def test_names_are_found(arguments: dict[str, Any], mentions: Mentions) -> None:
    """Each once, in the order of the arguments; what Mixpanel named itself is left out."""
    assert mentions_of(arguments) == mentions


def test_questions_about_profiles_mention_their_properties() -> None:
    """Values of profiles are not told, since no list of them can be had."""
    arguments = {"where": [{"property": "p", "operator": "equals", "value": "x"}], "sort_by": "q"}
    found = mentions_of(arguments, of_profiles=True)
    assert found == Mentions(profile_properties=("p", "q"))
