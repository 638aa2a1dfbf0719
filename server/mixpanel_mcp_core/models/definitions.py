"""What saved metrics and saved behaviors have in common."""

from typing import Annotated, Any, ClassVar

from pydantic import Field
from typing_extensions import TypedDict

from mixpanel_mcp_core.models.wire import Answered

DefinedName = Annotated[str, Field(description="Name, at most 255 characters.")]
Force = Annotated[bool, Field(description="Also delete what this account may not change.")]
NameContains = Annotated[str, Field(description="Part of the name, in any case.")]


class SavedDefinition(Answered):
    """A definition under a name, which reports refer to by its id."""

    listed: ClassVar[tuple[str, ...]] = (
        "id",
        "name",
        "type",
        "description",
        "verified",
        "modified",
    )

    id: int
    name: str
    type: str
    description: str | None = None
    definition: dict[str, Any]
    created: str | None = None
    modified: str | None = None
    created_by: dict[str, Any] | None = None
    verified: bool = False
    last_verified: str | None = None
    last_verified_by: Any = None
    is_visible: bool | None = None
    is_locked: bool | None = None
    can_view: bool | None = None
    can_update_basic: bool | None = None
    can_share: bool | None = None


class DefinedFields(TypedDict, total=False):
    """What both can be given at any time."""

    description: Annotated[str, Field(description="What it means, at most 255 characters.")]
    validate: Annotated[bool, Field(description="False sends the definition unchecked.")]
