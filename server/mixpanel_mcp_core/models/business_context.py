"""Business context: what a project or an organization is about, in Markdown."""

from typing import Annotated, Literal

from pydantic import Field

from mixpanel_mcp_core.models.wire import Answered

Level = Literal["project", "organization"]
LONGEST_CONTEXT = 50_000

OrganizationId = Annotated[
    int,
    Field(description="Organization, for that level; default the one the project belongs to."),
]


class ContextAnswer(Answered):
    """What Mixpanel answers of one context."""

    content: str


class ChainAnswer(Answered):
    """What Mixpanel answers of both contexts."""

    org_context: str
    project_context: str


class BusinessContext(Answered):
    """The text of one level, and whose it is."""

    level: Level
    content: str
    organization_id: int | None
    project_id: str | None
    is_empty: bool
    character_count: int


class BusinessContextChain(Answered):
    """The texts that hold for a project: its organization's, then its own."""

    organization: BusinessContext
    project: BusinessContext
