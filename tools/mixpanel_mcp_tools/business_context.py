"""Business context: what a project or an organization is about, for whoever analyses it."""

from typing import Annotated, get_args

from pydantic import Field

from mixpanel_mcp_core.api import AppApi
from mixpanel_mcp_core.errors import BusinessContextValidationError, ParamValidationError
from mixpanel_mcp_core.models.business_context import (
    LONGEST_CONTEXT,
    BusinessContext,
    BusinessContextChain,
    ChainAnswer,
    ContextAnswer,
    Level,
    OrganizationId,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.organizations import resolve_organization
from mixpanel_mcp_core.queries.suggestions import offer
from mixpanel_mcp_core.queries.words import judged_later
from mixpanel_mcp_core.session import Session

business_context = Toolset("business_context", "What the project is about, in its own words")

_PATH = "business-context"
AtLevel = Annotated[
    Annotated[Level, judged_later],
    Field(description="Whose text: this project's, or that of all projects of the organization."),
]


@business_context.reads
async def get_business_context(
    session: Session, level: AtLevel = "project", organization_id: OrganizationId | None = None
) -> BusinessContext:
    """Read what a project, or its organization, is about: terms, goals, key metrics.

    Returns the Markdown text; empty where none was written. App API: GET business-context.
    """
    organization = await _organization(session, level, organization_id)
    answer = await _app(session, organization).get(_PATH, ContextAnswer)
    return _context(answer.content, session, level, organization)


@business_context.destroys(idempotent=True)
async def set_business_context(
    session: Session,
    content: Annotated[str, Field(description="Whole text, Markdown, at most 50,000 characters.")],
    level: AtLevel = "project",
    organization_id: OrganizationId | None = None,
) -> BusinessContext:
    """Replace the text about a project, or about its organization, with another one.

    Read it first: the old text is lost. Returns the new one. App API: PUT business-context.
    """
    if len(content) > LONGEST_CONTEXT:
        raise BusinessContextValidationError(
            f"content: has {len(content):,} characters; at most {LONGEST_CONTEXT:,} are allowed. "
            f"Shorten it by {len(content) - LONGEST_CONTEXT:,}.",
            details={"length": len(content), "max": LONGEST_CONTEXT},
        )
    organization = await _organization(session, level, organization_id)
    answer = await _app(session, organization).put(_PATH, ContextAnswer, {"content": content})
    return _context(answer.content, session, level, organization)


@business_context.destroys(idempotent=True)
async def clear_business_context(
    session: Session, level: AtLevel = "project", organization_id: OrganizationId | None = None
) -> BusinessContext:
    """Remove the text about a project, or about its organization.

    Returns the empty one. App API: PUT business-context.
    """
    return await set_business_context(session, "", level, organization_id)


@business_context.reads
async def get_business_context_chain(session: Session) -> BusinessContextChain:
    """Read all that holds for the project: its organization's text, then its own.

    App API: GET business-context/chain.
    """
    answer = await session.app.at_project.get(f"{_PATH}/chain", ChainAnswer)
    return BusinessContextChain(
        organization=_context(answer.org_context, session, "organization", None),
        project=_context(answer.project_context, session, "project", None),
    )


async def _organization(session: Session, level: str, organization_id: int | None) -> int | None:
    """The organization that a call is about, None for one about the project."""
    if level not in get_args(Level):
        raise ParamValidationError(
            f"level: {level!r} is no level. {offer(level, get_args(Level))}",
            code="WS2_INVALID_LEVEL",
        )
    if level == "project":
        return None
    return await resolve_organization(session, organization_id)


def _app(session: Session, organization: int | None) -> AppApi:
    app = session.app
    return app.at_project if organization is None else app.at_organization(organization)


def _context(
    content: str, session: Session, level: Level, organization: int | None
) -> BusinessContext:
    return BusinessContext(
        level=level,
        content=content,
        organization_id=organization,
        project_id=session.project_id if level == "project" else None,
        is_empty=not content,
        character_count=len(content),
    )
