"""Metrics and behaviors saved and changed: what is sent, what is merged, what is refused."""

from typing import Any

import pytest
from link_calls import asked, good

pytestmark = pytest.mark.anyio

EVENT = {"type": "event", "name": "Buy", "resourceType": "events"}
COUNTED: dict[str, Any] = {
    "behavior": {"type": "event", "name": "Buy"},
    "measurement": {"math": "total"},
}
STEPS = [{"type": "event", "name": "A"}, {"type": "event", "name": "B"}]
SHOWN: dict[str, Any] = {**COUNTED, "display": {"prefix": "$", "precision": 2}}
NOT_FOUND = {"status": 404, "body": {"status": "error", "error": "gone"}}
DONE = {"status": 204, "text": ""}
PATH = "/api/app/projects/12345/metrics"


def row(number: int = 7, kind: str = "metric", **fields: Any) -> dict[str, Any]:
    """An entity as Mixpanel answers it."""
    return {"id": number, "name": "Buys", "type": kind, "definition": COUNTED, **fields}


def keyed(*rows: dict[str, Any]) -> dict[str, Any]:
    """An answer about some of them."""
    return good({str(each["id"]): each for each in rows})


def raw(kind: str = "metric", **definition: Any) -> dict[str, Any]:
    """A definition in Mixpanel's own form."""
    return {"type": kind, "definition": definition}


async def test_a_metric_is_written_as_in_a_query() -> None:
    """It is saved in the form that Mixpanel keeps."""
    definition = {"event": "Buy", "math": "total", "property": "amount"}
    told = await asked("create_metric", keyed(row()), name="Revenue", definition=definition)
    assert told.value["id"] == 7
    assert told.requests[0].json() == {
        "type": "metric",
        "name": "Revenue",
        "definition": {
            "behavior": {**EVENT, "filtersDeterminer": "all", "filters": []},
            "measurement": {
                "math": "total",
                "property": {"name": "amount", "resourceType": "events"},
            },
        },
    }


async def test_a_formula_brings_its_metrics_along() -> None:
    """Its letters name them; one of them may be a saved metric."""
    definition = {"formula": "A / B", "metrics": [{"event": "Buy"}, {"metric_id": 4}]}
    told = await asked("create_metric", keyed(row()), name="Rate", definition=definition)
    sent = told.requests[0].json()
    operands = sent["definition"]["formula"].pop("referencedMetrics")
    assert sent == {
        "type": "formula",
        "name": "Rate",
        "definition": {"formula": {"definition": "A / B"}, "measurement": {}},
    }
    assert [each.get("id") or each["behavior"]["name"] for each in operands] == ["Buy", 4]


@pytest.mark.parametrize(
    ("definition", "kind"),
    [
        (COUNTED, "metric"),
        ({"formula": {"definition": "A", "referencedMetrics": [COUNTED]}}, "formula"),
    ],
)
async def test_a_stored_definition_is_taken_as_it_was_answered(
    definition: dict[str, Any], kind: str
) -> None:
    """What get_metric shows can be given again."""
    told = await asked("create_metric", keyed(row()), name="Buys", definition=definition)
    assert told.requests[0].json() == {"type": kind, "name": "Buys", "definition": definition}


@pytest.mark.parametrize(
    ("tool", "field", "plain", "kind"),
    [
        ("create_metric", "definition", {"event": "Buy"}, "metric"),
        ("create_metric", "definition", {"formula": "A", "metrics": [{"event": "B"}]}, "formula"),
        ("create_behavior", "behavior", {"steps": ["A", "B"]}, "funnel"),
        ("create_behavior", "behavior", {"born_event": "A", "return_event": "B"}, "retention"),
        ("create_behavior", "behavior", {"events": ["A", "B"]}, "simple"),
    ],
)
async def test_a_type_may_be_said_beside_what_shows_it(
    tool: str, field: str, plain: dict[str, Any], kind: str
) -> None:
    """It changes nothing; another type is refused as an unknown key."""
    sent: list[Any] = []
    for definition in (plain, {**plain, "type": kind}):
        arguments: dict[str, Any] = {"name": "N", field: definition}
        told = await asked(tool, keyed(row()), **arguments)
        sent.append(told.requests[0].json())
    assert sent[0] == sent[1]
    assert sent[0]["type"] == kind
    wrong: dict[str, Any] = {"name": "N", field: {**plain, "type": "other"}}
    told = await asked(tool, **wrong)
    assert told.requests == []


async def test_a_stored_behavior_is_taken_as_it_was_answered() -> None:
    """Whole, or without the word around it."""
    behavior = {"type": "funnel", "behaviors": STEPS}
    for given in ({"behavior": behavior}, behavior):
        told = await asked("create_behavior", keyed(row()), name="F", behavior=given)
        definition = {"behavior": behavior}
        assert told.requests[0].json() == {"type": "funnel", "name": "F", "definition": definition}


async def test_a_wrong_word_is_answered_with_the_nearest() -> None:
    """And not with all thirty."""
    wrong = {"event": "Buy", "math": "sum", "property": "amount"}
    told = await asked("create_metric", name="N", definition=wrong)
    assert told.error["message"] == (
        "definition.measurement.math: 'sum' is not valid here. Did you mean 'total' (it sums the "
        "property)?"
    )


async def test_legacy_keys_are_left_out() -> None:
    """Mixpanel no longer takes them, although older definitions have them."""
    old: dict[str, Any] = {
        "behavior": {**COUNTED["behavior"], "filter": []},
        "measurement": {"math": "total", "id": 3, "type": "x"},
    }
    formula: dict[str, Any] = {
        "formula": {"definition": "A", "referencedMetrics": [{"metric_id": 2, **old}]}
    }
    plain = await asked("create_metric", keyed(row()), name="M", definition=raw(**old))
    assert plain.requests[0].json()["definition"] == COUNTED
    told = await asked(
        "create_metric", keyed(row()), name="M", definition=raw("formula", **formula)
    )
    [operand] = told.requests[0].json()["definition"]["formula"]["referencedMetrics"]
    assert operand == {"metric_id": 2, **COUNTED}


@pytest.mark.parametrize(
    ("arguments", "code", "place"),
    [
        ({"name": " "}, "SM1_EMPTY_NAME", "name"),
        ({"name": "x" * 256}, "SM2_NAME_TOO_LONG", "name"),
        ({"description": "x" * 256}, "SM2_NAME_TOO_LONG", "description"),
        ({"definition": raw(behavior=EVENT)}, "SM4_SCHEMA", "definition.measurement"),
        (
            {"definition": raw("formula", formula={"definition": "A"})},
            "SM7_FORMULA_WITHOUT_OPERANDS",
            "definition.formula.referencedMetrics",
        ),
        ({"definition": {"formula": "A"}}, "SM7_FORMULA_WITHOUT_OPERANDS", "definition.formula"),
        (
            {
                "definition": raw(
                    "formula",
                    formula={
                        "definition": "A",
                        "referencedMetrics": [
                            {**COUNTED, "measurement": {"math": "total", "segmentMethod": "first"}}
                        ],
                    },
                )
            },
            "FM6_OPERAND_ATTRIBUTION",
            "definition.formula.referencedMetrics[0].measurement.segmentMethod",
        ),
        ({"definition": {"event": " "}}, "EV1_EMPTY_EVENT", "definition"),
    ],
)
async def test_what_cannot_be_saved_is_not_sent(
    arguments: dict[str, Any], code: str, place: str
) -> None:
    """The error has the rule's code and begins with the place."""
    given: dict[str, Any] = {"name": "M", "definition": raw(**COUNTED), **arguments}
    told = await asked("create_metric", **given)
    assert told.requests == []
    assert (told.error["code"], told.error["message"].startswith(place)) == (code, True)


async def test_an_unknown_kind_is_answered_with_the_nearest() -> None:
    """The field is named too."""
    told = await asked("create_metric", name="M", definition=raw("formulas", **COUNTED))
    assert told.error["code"] == "INVALID_INPUT"
    assert "definition.type" in told.error["message"]
    assert "Did you mean 'formula'?" in told.error["message"]


async def test_an_unchecked_definition_leaves_as_it_is() -> None:
    """What Mixpanel may know and we do not is let through on demand."""
    told = await asked(
        "create_metric", keyed(row()), name="M", definition=raw(news=1), validate=False
    )
    assert told.requests[0].json()["definition"] == {"news": 1}


async def test_a_metric_that_was_saved_without_its_owner_says_so() -> None:
    """The error tells its id and what is still to be set."""
    refused = {"status": 400, "body": {"status": "error", "error": "no user 9"}}
    definition = raw(**COUNTED)
    told = await asked(
        "create_metric", keyed(row()), refused, name="M", definition=definition, owned_by=9
    )
    assert told.error["code"] == "CREATE_FOLLOW_UP_FAILED"
    assert told.error["details"] == {"metric_id": 7, "fields": ["owned_by"]}
    assert told.error["message"] == (
        "Metric 7 was saved, but setting owned_by failed: no user 9. Use update_metric."
    )


async def test_a_refusal_of_mixpanels_is_told_in_short() -> None:
    """Where in the definition, and why, without schemas and HTML."""
    body = {"status": "error", "error": "&#x27;x&#x27; is bad", "details": {"path": ["math", 0]}}
    told = await asked(
        "create_metric", {"status": 400, "body": body}, name="M", definition=raw(**COUNTED)
    )
    assert told.error["message"] == "definition.math.0: 'x' is bad"


async def test_display_is_merged_and_goals_are_replaced() -> None:
    """Null takes a setting away; a goal without an id gets one."""
    stored = row(definition={**SHOWN, "goals": [{"id": "g"}]})
    goal = {"label": "Spring", "checkpoints": [["2026-03-01", 10], ["2026-04-01", 20]]}
    told = await asked(
        "update_metric",
        keyed(stored),
        keyed(stored),
        metric_id=7,
        display={"prefix": None, "suffix": "x"},
        goals=[goal],
    )
    assert told.lines == [f"GET {PATH}/7", f"PATCH {PATH}/7"]
    definition = told.requests[1].json()["definition"]
    [sent] = definition.pop("goals")
    assert definition == {**COUNTED, "display": {"precision": 2, "suffix": "x"}}
    assert len(sent.pop("id")) == 36
    assert sent == {"label": "Spring", "checkpoints": [["2026-03-01", 10], ["2026-04-01", 20]]}


async def test_display_may_be_stored_as_null() -> None:
    """Then there is nothing to merge with."""
    stored = keyed(row(definition={**COUNTED, "display": None}))
    told = await asked("update_metric", stored, stored, metric_id=7, display={"suffix": "x"})
    assert told.requests[1].json() == {"definition": {**COUNTED, "display": {"suffix": "x"}}}


async def test_a_new_definition_keeps_display_and_goals() -> None:
    """Only what is measured is replaced; of it only what is given is checked."""
    stored = row(definition={**SHOWN, "news": 1})
    told = await asked(
        "update_metric", keyed(stored), keyed(stored), metric_id=7, definition={"event": "Sell"}
    )
    definition = told.requests[1].json()["definition"]
    assert definition["behavior"]["name"] == "Sell"
    assert (definition["display"], definition["news"]) == (SHOWN["display"], 1)


async def test_a_metric_stays_of_its_kind() -> None:
    """Nothing but the question of what is stored is sent."""
    told = await asked(
        "update_metric", keyed(row(kind="formula")), metric_id=7, definition=raw(**COUNTED)
    )
    assert told.error["code"] == "SM3_KIND_CHANGE"
    assert told.error["details"] == {"id": 7, "stored": "formula", "new": "metric"}
    assert told.lines == [f"GET {PATH}/7"]


async def test_entries_with_a_definition_are_merged_one_by_one() -> None:
    """The others need no question."""
    entries = [{"id": 7, "definition": raw(measurement={"math": "unique"})}, {"id": 8, "name": "N"}]
    told = await asked("bulk_update_metrics", keyed(row()), keyed(row()), entries=entries)
    assert told.lines == [f"GET {PATH}/7", f"PATCH {PATH}"]
    merged = {**COUNTED, "measurement": {"math": "unique"}}
    assert told.requests[1].json() == {
        "metrics": [{"id": 7, "definition": merged}, {"id": 8, "name": "N"}]
    }
    assert (await asked("bulk_update_metrics", entries=[])).value == []


async def test_the_list_is_narrowed_here() -> None:
    """By type, mark, part of the name, and what may be seen."""
    rows = [
        row(1, verified=True),
        row(2, name="Straße"),
        row(3, kind="formula"),
        row(4, can_view=False),
    ]

    async def numbers(**arguments: Any) -> list[int]:
        told = await asked("list_metrics", keyed(*rows), **arguments)
        return [each["id"] for each in told.value]

    assert await numbers() == [1, 2, 3, 4]
    assert await numbers(metric_type="formula") == [3]
    assert await numbers(verified=False) == [2, 3, 4]
    assert await numbers(name_contains="STRASSE") == [2]
    assert await numbers(viewable_only=True) == [1, 2, 3]


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("delete_metric", {"metric_id": 7}, "SM6_DELETE_NOT_PERMITTED"),
        ("delete_metrics", {"metric_ids": [7]}, "SM6_DELETE_NOT_PERMITTED"),
        ("delete_behavior", {"behavior_id": 7}, "BH4_DELETE_NOT_PERMITTED"),
        ("delete_behaviors", {"behavior_ids": [7]}, "BH4_DELETE_NOT_PERMITTED"),
    ],
)
async def test_what_may_not_be_changed_is_deleted_by_force_only(
    tool: str, arguments: dict[str, Any], code: str
) -> None:
    """Without it nothing is deleted."""
    locked = keyed(row(can_update_basic=False))
    told = await asked(tool, locked, **arguments)
    assert (told.error["code"], told.error["details"]) == (code, {"id": 7})
    assert [each.method for each in told.requests] == ["GET"]
    plural = tool.endswith("s")
    answers = [DONE] if plural else [locked, DONE]
    forced = await asked(tool, *answers, force=True, **arguments)
    assert [each.method for each in forced.requests] == (
        ["DELETE"] if plural else ["GET", "DELETE"]
    )


async def test_deleting_what_is_not_there_says_so() -> None:
    """A metric has a code for it; a behavior has Mixpanel's own answer."""
    told = await asked("delete_metric", NOT_FOUND, metric_id=7)
    assert (told.error["code"], told.error["details"]) == ("SM5_NOT_FOUND_FOR_DELETE", {"id": 7})
    told = await asked("delete_behavior", NOT_FOUND, behavior_id=7)
    assert (told.error["code"], told.error["message"]) == ("QUERY_FAILED", "gone")


@pytest.mark.parametrize(
    ("behavior", "kind"),
    [
        ({"steps": ["A", "B"], "conversion_window": 7}, "funnel"),
        ({"born_event": "A", "return_event": "B"}, "retention"),
        ({"events": ["A", {"event": "B"}]}, "simple"),
    ],
)
async def test_a_behavior_is_written_as_in_a_query(behavior: dict[str, Any], kind: str) -> None:
    """Its type is that of what is written."""
    told = await asked("create_behavior", keyed(row(kind=kind)), name="B", behavior=behavior)
    sent = told.requests[0].json()
    assert (sent["type"], sent["definition"]["behavior"]["type"]) == (kind, kind)
    names = [each["name"] for each in sent["definition"]["behavior"]["behaviors"]]
    assert names == ["A", "B"]


@pytest.mark.parametrize(
    ("behavior", "code", "place"),
    [
        ({"definition": {"behavior": {"behaviors": STEPS}}}, "SM4_SCHEMA", "definition.behavior"),
        ({"definition": {}}, "SM4_SCHEMA", "definition.behavior"),
        ({"steps": ["A"]}, "BH1_STEP_COUNT", "behavior"),
        ({"step": ["A"]}, "INVALID_INPUT", "behavior"),
    ],
)
async def test_a_behavior_that_cannot_be_saved_is_not_sent(
    behavior: dict[str, Any], code: str, place: str
) -> None:
    """The error has the rule's code and begins with the place."""
    told = await asked("create_behavior", name="B", behavior=behavior)
    assert told.requests == []
    assert (told.error["code"], told.error["message"].startswith(place)) == (code, True)


async def test_an_answer_about_one_holds_one() -> None:
    """Another number of entities is no answer."""
    told = await asked("get_metric", keyed(row(1), row(2)), metric_id=1)
    assert told.error["message"] == "Mixpanel answered 2 entities, not one."
