"""How changes of a dashboard's cards are undone: each action by another one. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mixpanel_mcp_core.models.changes import Change
from mixpanel_mcp_core.queries.nodes import object_in
from mixpanel_mcp_tools.changing.history import History
from mixpanel_mcp_tools.changing.kinds import Image, Kind
from mixpanel_mcp_tools.changing.steps import Plan, Step, refuse
from mixpanel_mcp_tools.changing.told_as_arguments import card_of, card_params

CARD_CHANGES = ("add_report_to_dashboard", "remove_report_from_dashboard", "update_text_card")
CARD_BACK = "the card stands at the end of the dashboard, under a new id"
# What a card says; the rest tells of its making.
_SAID = ("markdown", "name", "type", "params", "description")


@dataclass(frozen=True, slots=True)
class _Action:
    """What was done to a card of a dashboard."""

    does: str
    content: str
    number: Any
    params: Mapping[str, Any]

    def look(self, number: Any) -> Callable[[Image], Image]:
        """Tells what a card says now."""
        return lambda board: {"card": _said(card_of(board, self.content, number))}

    def undo(self, does: str, **more: Any) -> Image:
        """Another action on the same kind of card."""
        return {"content": {"action": does, "content_type": self.content, **more}}


def of_cards(change: Change, kind: Kind, history: History) -> Plan:
    """What undoes a card action, of whichever operation."""
    [target], [image] = change.ids, change.before
    now = history.id_now(kind.noun, target)
    board, action = image or {}, _action(change)
    card = card_of(board, action.content, action.number)
    if action.does == "create":
        return Plan([_taking_off(change, kind, target, now, action)])
    if not card:
        refuse(change, f"there was no {action.content} card {action.number}")
    if action.does == "delete":
        params = card_params(action.content, card)
        if params is None:
            refuse(change, "what the card showed is not known")
        step = Step(
            kind.update,
            kind,
            target,
            now,
            {kind.id: now},
            {"card": _said(card)},
            {"card": None},
            look=action.look(action.number),
            shape=lambda _fields: action.undo("create", content_params=params),
        )
        return Plan([step], [CARD_BACK])
    return Plan([_changing_back(change, kind, target, now, action, card)])


def _taking_off(change: Change, kind: Kind, target: Any, now: Any, action: _Action) -> Step:
    """The step that removes a card that was added."""
    after = change.after[0] if change.after else {}
    made = object_in(after.get("new_content"))
    before = kind.arguments(change.before[0] or {}).get("cards") or []
    news = [each for each in after.get("cards") or [] if each not in before]
    number = made.get("id") or (news[0].split()[1] if len(news) == 1 else None)
    if number is None:
        refuse(change, "its answer did not tell which card it made")
    return Step(
        kind.update,
        kind,
        target,
        now,
        {kind.id: now, **action.undo("delete", content_id=int(number))},
        left={"card": _said(made) or {}},
        look=action.look(number),
    )


def _changing_back(
    change: Change, kind: Kind, target: Any, now: Any, action: _Action, card: Image
) -> Step:
    """The step that has a card say again what it said."""
    fields = {name: card[name] for name in action.params if name in card}
    if not fields:
        refuse(change, "what the card said before is not known")
    number = action.number
    return Step(
        kind.update,
        kind,
        target,
        now,
        {kind.id: now},
        fields,
        {name: action.params[name] for name in fields},
        look=lambda board: card_of(board, action.content, number),
        shape=lambda fields: action.undo("update", content_id=number, content_params=fields),
    )


def _action(change: Change) -> _Action:
    says = change.arguments
    if change.tool == "add_report_to_dashboard":
        return _Action("create", "report", None, {})
    if change.tool == "remove_report_from_dashboard":
        return _Action("delete", "report", says["bookmark_id"], {})
    if change.tool == "update_text_card":
        params = {k: v for k, v in says.items() if k not in ("dashboard_id", "text_card_id")}
        return _Action("update", "text", says["text_card_id"], params)
    asked = object_in(says.get("content"))
    params = object_in(asked.get("content_params"))
    content = str(asked.get("content_type"))
    return _Action(str(asked.get("action")), content, asked.get("content_id"), params)


def _said(card: Image) -> Image | None:
    return {name: card[name] for name in _SAID if card.get(name)} or None
