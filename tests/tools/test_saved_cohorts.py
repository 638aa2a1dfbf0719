"""Cohorts saved: criteria become Mixpanel's own form, and wrong ones are not sent."""

from typing import Any

import pytest
from link_calls import asked, good

pytestmark = pytest.mark.anyio

COHORT = good({"id": 31, "name": "Buyers"})
BOUGHT = {"criterion": "did_event", "event": "Buy", "at_least": 2, "within_days": 30}
PRO = {"criterion": "has_property", "property": "plan", "value": "pro"}
COMPILED = {
    "selector": {
        "operator": "and",
        "children": [
            {"property": "behaviors", "value": "bhvr_0", "operator": ">=", "operand": 2},
            {
                "property": "user",
                "value": "plan",
                "operator": "==",
                "operand": "pro",
                "type": "string",
            },
        ],
    },
    "behaviors": {
        "bhvr_0": {
            "count": {"event_selector": {"event": "Buy"}, "type": "absolute"},
            "window": {"unit": "day", "value": 30},
        }
    },
}


async def test_criteria_are_saved_in_mixpanels_form() -> None:
    """At the top level, beside the name, in every request that can have them."""
    criteria = {"all_of": [BOUGHT, PRO]}
    told = await asked("create_cohort", COHORT, name="Buyers", definition=criteria)
    assert told.requests[0].json() == {"name": "Buyers", **COMPILED}
    told = await asked("update_cohort", COHORT, cohort_id=31, definition=criteria)
    assert told.requests[0].json() == COMPILED
    entries = [{"id": 31, "definition": criteria}]
    told = await asked("bulk_update_cohorts", {"status": 204, "text": ""}, entries=entries)
    assert told.requests[0].json() == {"cohorts": [{"id": 31, **COMPILED}]}


async def test_one_criterion_is_a_list_of_one() -> None:
    """With or without the word that joins several."""
    for definition in (BOUGHT, {"all_of": BOUGHT}):
        told = await asked("create_cohort", COHORT, name="Buyers", definition=definition)
        sent = told.requests[0].json()
        assert sent["behaviors"] == COMPILED["behaviors"]
        assert len(sent["selector"]["children"]) == 1


async def test_keys_of_a_definition_win() -> None:
    """Whatever else it holds is sent as it is, nulls included."""
    definition = {"name": "Inner", "selector": None}
    told = await asked("create_cohort", COHORT, name="Outer", definition=definition)
    assert told.requests[0].json() == {"name": "Inner", "selector": None}


@pytest.mark.parametrize(
    ("definition", "code", "sentence"),
    [
        (
            {"all_of": [{**BOUGHT, "at_least": -1}]},
            "CD2_FREQUENCY_NEGATIVE",
            "definition.all_of[0]: A frequency must be 0 or more.",
        ),
        (
            {"any_of": []},
            "CD9_EMPTY_CRITERIA",
            "definition: A cohort definition needs at least one criterion.",
        ),
        (
            {"all_of": [{"criterion": "did_evnt"}]},
            "INVALID_INPUT",
            "definition.all_of[0]: 'did_evnt' is not a criterion. Did you mean 'did_event'",
        ),
        (
            {"all_of": [{"type": "did_event", "event": "Buy"}]},
            "INVALID_INPUT",
            "definition.all_of[0]: criterion is missing, one of did_event, did_not_do_event, has_",
        ),
        ({"and": [BOUGHT]}, "INVALID_INPUT", 'definition: Expected {"all_of": [...]} or {"any_of"'),
        ({}, "INVALID_INPUT", 'definition: Expected {"all_of": [...]} or {"any_of": [...]} with'),
    ],
)
async def test_wrong_criteria_are_not_sent(
    definition: dict[str, Any], code: str, sentence: str
) -> None:
    """The error names the place and the nearest legal word."""
    told = await asked("create_cohort", name="Buyers", definition=definition)
    assert told.requests == []
    assert told.error["code"] == code
    assert told.error["message"].startswith(sentence)
