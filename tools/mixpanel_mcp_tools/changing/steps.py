"""The calls by which a change is undone, and what may stand against them. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.models.changes import Change
from mixpanel_mcp_tools.changing.kinds import Image, Kind


@dataclass(frozen=True, slots=True)
class Step:
    """One call that puts back the `target` of a change, which is called `now` today.

    `fields` are set by it, in the `shape` that its arguments have. `left` is what the change left
    of them, or of a thing that it made; what is `told` was said by Mixpanel, the rest asked for.
    `look` tells them of what is there, where it is not as of all of its kind. `then` is given to
    `update` afterwards, with the id of what was made anew. One that is `gone` must not be there.
    """

    operation: str
    kind: Kind
    target: Any
    now: Any
    arguments: Image = field(default_factory=dict[str, Any])
    fields: Image = field(default_factory=dict[str, Any])
    left: Image = field(default_factory=dict[str, Any])
    told: frozenset[str] = frozenset()
    then: Image = field(default_factory=dict[str, Any])
    gone: bool = False
    look: Callable[[Image], Image] | None = None
    shape: Callable[[Image], Image] = dict

    @property
    def makes(self) -> bool:
        """Whether it makes something anew."""
        return self.gone


@dataclass(frozen=True, slots=True)
class Plan:
    """The calls that undo a change, and what does not come back."""

    steps: Sequence[Step]
    lost: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that somebody has changed since."""

    step: Step
    field: str
    before: Any
    ours: Any
    now: Any


def refuse(change: Change, reason: str) -> NoReturn:
    """Refuse to undo a change, with the reason."""
    raise MixpanelError(
        f"{change.id} ({change.tool}) cannot be undone: {reason.rstrip('.')}.",
        code="NOT_UNDOABLE",
        details={"change_id": change.id, "reason": reason},
    )
