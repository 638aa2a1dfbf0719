"""Saved places: an account, a project, perhaps a workspace, under one name."""

from typing import Annotated

from pydantic import Field

from mixpanel_mcp_core.across import ask_across
from mixpanel_mcp_core.auth import book
from mixpanel_mcp_core.auth.config import Target
from mixpanel_mcp_core.auth.home import Home
from mixpanel_mcp_core.fields import AccountRef, ProjectRef, TargetRef, WorkspaceRef
from mixpanel_mcp_core.models.across import AcrossTargets, TargetNames, TargetTool
from mixpanel_mcp_core.models.compositions import QueryArguments
from mixpanel_mcp_core.operation import Toolset

targets = Toolset("targets", "Saved places to ask: account, project, workspace under one name")


@targets.reads
async def targets_list(home: Home) -> list[Target]:
    """List the saved targets, by name. Sends nothing."""
    return home.config().targets()


@targets.reads
async def targets_show(home: Home, name: TargetRef) -> Target:
    """Show one saved target. Sends nothing."""
    return home.config().target(name)


@targets.reads
async def query_targets(
    home: Home,
    tool: Annotated[TargetTool, Field(description="The query tool to ask with.")],
    targets: TargetNames,
    arguments: QueryArguments,
) -> AcrossTargets:
    """Ask several projects the same query, and get one table whose first column is the target.

    Example: {"tool": "query", "targets": ["shop", "/4242"], "arguments": {"events": "Sign Up",
    "last": 28, "unit": "week"}}. Data views of one project are targets too. A target that is none,
    and a project whose queries of this hour are spent, are told before anything is sent. Returns
    the rows of the tool, those of all targets side by side; below them where each came from, its
    time zone, the nearest names where it does not know a name, and why a target did not answer.
    Sums of money are not converted. At most four are asked at once. Query API: GET or POST, as the
    tool.
    """
    return await ask_across(home.session_of, home.report, tool, targets, arguments)


@targets.writes
async def targets_add(
    home: Home,
    name: Annotated[str, Field(min_length=1, description="New name, without a slash.")],
    account: AccountRef,
    project: ProjectRef,
    workspace: WorkspaceRef | None = None,
) -> Target:
    """Save an account, a project and perhaps a workspace under a name to go there by.

    ConfigError when the account does not exist or the name is taken. Sends nothing.
    """
    return book.add_target(
        home, {"name": name, "account": account, "project": project, "workspace": workspace}
    )


@targets.writes(idempotent=True)
async def targets_use(home: Home, name: TargetRef) -> None:
    """Go to a saved target: calls use its account, project and workspace from now on.

    Stored in the config file; the project becomes the account's default one. Sends nothing.
    """
    book.use_target(home, name)


@targets.destroys
async def targets_remove(home: Home, name: TargetRef) -> None:
    """Forget a saved target; account and project stay. Sends nothing."""
    book.remove_target(home, name)
