"""What a person did, read from what rrweb recorded; and the same in words."""

from typing import Any

import pytest

from mixpanel_mcp_core.models.replays import Replay
from mixpanel_mcp_core.replays.account import account_of
from mixpanel_mcp_core.replays.actions import actions_of

START = 1_767_312_245_000


def text(number: int, words: str) -> dict[str, Any]:
    """A text node."""
    return {"id": number, "type": 3, "textContent": words}


def element(number: int, tag: str, *children: dict[str, Any], **attributes: str) -> dict[str, Any]:
    """An element with its children."""
    return {
        "id": number,
        "type": 2,
        "tagName": tag,
        "attributes": {name.replace("_", "-"): value for name, value in attributes.items()},
        "childNodes": list(children),
    }


PAGE = {
    "id": 1,
    "type": 0,
    "childNodes": [
        element(
            2,
            "body",
            element(3, "button", element(4, "span", text(5, " Pay "), text(6, "now"))),
            element(7, "input", placeholder="Card number"),
            element(8, "div", aria_label="Basket"),
            element(9, "a", href="/help"),
            element(10, "p"),
        )
    ],
}


def recorded(kind: int, seconds: float, **data: Any) -> dict[str, Any]:
    """An event of rrweb."""
    return {"type": kind, "timestamp": START + int(seconds * 1000), "data": data}


def opened(seconds: float = 0, url: str = "https://shop.example.com/pay") -> list[dict[str, Any]]:
    """A page that is opened."""
    return [recorded(4, seconds, href=url), recorded(2, seconds, node=PAGE)]


def click(number: int, seconds: float, kind: int = 2) -> dict[str, Any]:
    """A click on a node."""
    return recorded(3, seconds, source=2, type=kind, id=number)


def failed(seconds: float, *words: str) -> dict[str, Any]:
    """An error that the page wrote to its console."""
    payload = {"level": "error", "trace": [], "payload": [f'"{each}"' for each in words]}
    return recorded(6, seconds, plugin="rrweb/console@1", payload=payload)


def told(*events: dict[str, Any]) -> list[str]:
    """The actions on an opened page, without its opening."""
    return [each.description for each in actions_of([*opened(), *events])[1:]]


def test_an_action_says_when_where_and_on_what() -> None:
    """The number of the node is there for whoever looks into the recording."""
    [_, action] = actions_of([*opened(), click(3, 2)])
    assert action.model_dump() == {
        "timestamp": START + 2000,
        "action": "click",
        "target_node_id": 3,
        "target_desc": 'button "Pay now"',
        "url": "https://shop.example.com/pay",
        "metadata": {},
        "description": 'Clicked button "Pay now"',
    }


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (3, 'button "Pay now"'),
        (5, 'text "Pay"'),
        (7, 'input "Card number"'),
        (8, 'div "Basket"'),
        (9, 'a "/help"'),
        (10, "p"),
        (99, "something"),
    ],
)
def test_a_thing_is_called_by_the_words_on_it(number: int, name: str) -> None:
    """Its own words, else what it is labelled with, else its kind."""
    assert told(click(number, 1)) == [f"Clicked {name}"]


def test_things_that_come_later_are_known_too() -> None:
    """A page changes while it is looked at; a new page knows nothing of the old one."""
    added = recorded(3, 1, source=0, adds=[{"node": element(20, "dialog", text(21, "Sorry"))}])
    assert told(added, click(20, 2)) == ['Clicked dialog "Sorry"']
    fresh = recorded(2, 3, node={"id": 1, "type": 0, "childNodes": []})
    assert told(added, fresh, click(20, 4)) == ["Clicked something"]


def test_typing_and_scrolling_in_one_go_are_one_action() -> None:
    """After a pause, or another action, they begin anew; what was typed is not told."""

    def typed(seconds: float) -> dict[str, Any]:
        return recorded(3, seconds, source=5, id=7, text="4242")

    def scrolled(number: int, seconds: float) -> dict[str, Any]:
        return recorded(3, seconds, source=3, id=number, x=0, y=9)

    events = [typed(1), typed(1.1), typed(2), click(3, 2.1), typed(2.2), typed(9)]
    typing = 'Typed into input "Card number"'
    assert told(*events) == [typing, 'Clicked button "Pay now"', typing, typing]
    assert told(scrolled(1, 1), scrolled(1, 2), scrolled(8, 3)) == [
        "Scrolled",
        'Scrolled div "Basket"',
    ]
    assert "4242" not in str(actions_of([*opened(), *events]))


def test_other_clicks_have_other_names() -> None:
    """Moving and focusing are no actions."""
    kinds = [told(click(9, 1, kind)) for kind in (3, 4, 7, 5)]
    assert kinds == [
        ['Right-clicked a "/help"'],
        ['Double-clicked a "/help"'],
        ['Tapped a "/help"'],
        [],
    ]


def test_errors_of_the_page_are_actions_and_its_notes_are_not() -> None:
    """Only so much of them is told."""
    note = recorded(6, 1, plugin="rrweb/console@1", payload={"level": "log", "payload": ["x"]})
    assert told(note, failed(2, "Payment failed", "3DS"), failed(3, "x" * 999)) == [
        "Error on the page: Payment failed 3DS",
        f"Error on the page: {'x' * 300}",
    ]


def test_what_is_not_understood_is_passed_over() -> None:
    """Recordings of other versions, and broken ones, end nothing."""
    odd = [
        {"type": 3, "timestamp": START},
        {"type": 6, "timestamp": START, "data": {"plugin": "rrweb/console@1", "payload": None}},
        {"type": 2, "timestamp": START, "data": {"node": {"childNodes": [None, "x"]}}},
        {"type": 3, "timestamp": START, "data": {"source": 0, "adds": [None, {"node": None}]}},
        {"type": 99, "timestamp": START, "data": []},
    ]
    assert actions_of(odd) == []


def replay(*events: dict[str, Any], distinct_id: str | None = "ann") -> Replay:
    """A replay of these events."""
    moments = [each["timestamp"] for each in events]
    return Replay(
        replay_id="r1",
        distinct_id=distinct_id,
        project_id=1,
        start_time=min(moments, default=None),
        end_time=max(moments, default=None),
        retention_days=30,
        rrweb_events=list(events),
        actions=actions_of(events),
        mixpanel_events=[],
    )


def test_an_account_points_at_what_went_wrong() -> None:
    """Errors with what came before them, and clicks that had no effect."""
    clicks = [click(3, 70 + number / 2) for number in range(4)]
    assert account_of(replay(*opened(), *clicks, failed(75, "3DS"))).splitlines() == [
        "Session replay r1 of ann",
        "2026-01-02 00:04:05 UTC, 1:15 long",
        "7 recorded events; actions: 4 click, 1 navigate, 1 error",
        "",
        "What to look at:",
        "  +1:15  Error on the page: 3DS",
        '         before it: Clicked button "Pay now"; Clicked button "Pay now"; '
        'Clicked button "Pay now"',
        '  +1:10  4 clicks in a row on button "Pay now"',
        "",
        "What was done:",
        "  +0:00  Navigated to https://shop.example.com/pay",
        '  +1:10  Clicked button "Pay now"',
        '  +1:10  Clicked button "Pay now"',
        '  +1:11  Clicked button "Pay now"',
        '  +1:11  Clicked button "Pay now"',
        "  +1:15  Error on the page: 3DS",
    ]


def test_an_account_of_a_smooth_visit_says_so() -> None:
    """Three clicks on three things are no complaint; an empty recording is none either."""
    smooth = account_of(replay(*opened(), *(click(each, each) for each in (3, 8, 9))))
    assert "nothing: no errors, no repeated clicks" in smooth
    assert account_of(replay(distinct_id=None)).splitlines()[:2] == [
        "Session replay r1",
        "0 recorded events; actions: none",
    ]
