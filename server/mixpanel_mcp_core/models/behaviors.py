"""Saved behaviors: what is saved and what is answered."""

from typing import Annotated, ClassVar, Required

from pydantic import Field

from mixpanel_mcp_core.models.definitions import DefinedFields, DefinedName, SavedDefinition
from mixpanel_mcp_core.queries.definitions import BehaviorSource

BehaviorId = Annotated[int, Field(description="Saved behavior id, from list_behaviors.")]
BehaviorIds = Annotated[list[int], Field(description="Saved behavior ids, from list_behaviors.")]


class SavedBehavior(SavedDefinition):
    """A funnel, a retention or a set of events under a name."""

    whole_from: ClassVar[str] = "get_behavior"


class NewBehavior(DefinedFields, total=False):
    """A behavior to save."""

    name: Required[DefinedName]
    behavior: Required[BehaviorSource]


class BehaviorChanges(DefinedFields, total=False):
    """Changes to a saved behavior; what is not given stays."""

    name: DefinedName
    behavior: BehaviorSource
    verified: Annotated[bool, Field(description="Marked as the right one to use.")]
