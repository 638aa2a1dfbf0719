"""Which operations have a way back: one answer for each that changes something. Pure."""

from typing import Literal, NamedTuple

from mixpanel_mcp_tools.changing.irrevocable import REASONS
from mixpanel_mcp_tools.changing.kinds import Kind
from mixpanel_mcp_tools.changing.kinds_table import kind_of
from mixpanel_mcp_tools.changing.undoing_cards import CARD_BACK, CARD_CHANGES

# `itself` are changes by way of others, which stand in the journal one by one; `here` those of
# this machine, which send nothing to Mixpanel; `unknown` what nobody has thought of.
How = Literal["restored", "partly", "not", "itself", "here", "unknown"]

_HERE = ("session", "accounts", "targets", "discovery")
_BY_OTHERS = {"save_query": "create_bookmark", "undo_change": "what it undoes with"}


class WayBack(NamedTuple):
    """Whether a change by an operation can be undone, and what is to be said of it."""

    how: How
    why: str = ""


def way_back(operation: str, toolset: str) -> WayBack:
    """Whether there is a way back from an operation."""
    if toolset in _HERE:
        return WayBack("here", "it is done on this machine, and done again there")
    if operation in _BY_OTHERS:
        return WayBack("itself", f"in the journal as {_BY_OTHERS[operation]}")
    if reason := REASONS.get(operation) or REASONS.get(toolset):
        return WayBack("not", reason)
    kind = kind_of(operation)
    return WayBack("unknown") if kind is None else _of_kind(kind, operation)


def _of_kind(kind: Kind, name: str) -> WayBack:
    role = kind.role(name, {})
    if role == "create":
        return WayBack("partly", kind.stays) if kind.stays else WayBack("restored")
    if role == "delete":
        if not kind.made_of:
            return WayBack("not", kind.lost)
        new = [] if kind.named else ["a new id"]
        told = "; ".join([*new, *([kind.lost] if kind.lost else [])])
        return WayBack("partly", told) if told else WayBack("restored")
    if role == "touch" and not (kind.whole or kind.reread):
        if name == "remove_report_from_dashboard":
            return WayBack("partly", CARD_BACK)
        return WayBack("restored" if name in CARD_CHANGES else "unknown")
    return WayBack("restored")
