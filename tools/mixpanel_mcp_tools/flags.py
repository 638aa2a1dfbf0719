"""Feature flags: what is switched on, for whom, and since when."""

from typing import Annotated, Any, Unpack

from pydantic import Field

from mixpanel_mcp_core.models.flags import (
    FeatureFlag,
    FlagHistoryResponse,
    FlagId,
    FlagKey,
    FlagLimitsResponse,
    FlagName,
    FlagRuleset,
    FlagSettings,
    FlagStatus,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.workspaces import resolve_workspace

flags = Toolset("flags", "Feature flags: variants, rollout, test users, history")

_SETTINGS: dict[str, Any] = {"tags": [], "context": "distinct_id", "serving_method": "client"}
_ON_OFF: dict[str, Any] = {
    "variants": [
        {"key": "On", "value": True, "is_control": False, "split": 1.0, "is_sticky": False},
        {"key": "Off", "value": False, "is_control": True, "split": 0.0, "is_sticky": False},
    ],
    "rollout": [],
}


@flags.reads
async def list_feature_flags(
    session: Session,
    include_archived: Annotated[bool, Field(description="Also list archived flags.")] = False,
) -> list[FeatureFlag]:
    """List the project's feature flags with key, status and dates.

    Archived ones only when asked for; get_feature_flag adds variants and rollout. App API: GET
    feature-flags/.
    """
    return await session.app.at_project.get(
        await _path(session), list[FeatureFlag], include_archived=include_archived or None
    )


@flags.writes
async def create_feature_flag(
    session: Session,
    name: FlagName,
    key: FlagKey,
    status: Annotated[FlagStatus, Field(description="Default disabled.")] | None = None,
    ruleset: FlagRuleset | None = None,
    **settings: Unpack[FlagSettings],
) -> FeatureFlag:
    """Create a feature flag, switched off unless its status says enabled.

    Without `ruleset` it is an On/Off flag that nobody gets yet. Returns the flag with its id; 400
    when the key is taken or the plan's limit reached (get_flag_limits). App API: POST
    feature-flags/.
    """
    body = {
        "name": name,
        "key": key,
        **({} if status is None else {"status": status}),
        **_SETTINGS,
        "ruleset": ruleset or _ON_OFF,
        **settings,
    }
    return await session.app.at_project.post(await _path(session), FeatureFlag, body)


@flags.reads
async def get_feature_flag(session: Session, flag_id: FlagId) -> FeatureFlag:
    """Fetch one feature flag with its variants, rollout groups and test users.

    404 when there is none. App API: GET feature-flags/{id}/.
    """
    return await session.app.at_project.get(await _path(session, flag_id), FeatureFlag)


@flags.destroys(idempotent=True)
async def update_feature_flag(
    session: Session,
    flag_id: FlagId,
    name: FlagName,
    key: FlagKey,
    status: Annotated[FlagStatus, Field(description="enabled serves variants, disabled none.")],
    ruleset: FlagRuleset,
    **settings: Unpack[FlagSettings],
) -> FeatureFlag:
    """Replace a feature flag as a whole: switch it, change its rollout or variants.

    Fetch it first and give all that is to stay: description, tags, context and serving method fall
    back to their defaults when left out; `ruleset` replaces variants, rollout and test users
    together. Returns the flag. App API: PUT feature-flags/{id}/.
    """
    body = {"name": name, "key": key, "status": status, "ruleset": ruleset, **_SETTINGS, **settings}
    return await session.app.at_project.put(await _path(session, flag_id), FeatureFlag, body)


@flags.destroys(idempotent=True)
async def delete_feature_flag(session: Session, flag_id: FlagId) -> None:
    """Delete a feature flag for good; archive_feature_flag can be undone.

    Code that asks for it gets its fallback. App API: DELETE feature-flags/{id}/.
    """
    await session.app.at_project.delete(await _path(session, flag_id))


@flags.writes(idempotent=True)
async def archive_feature_flag(session: Session, flag_id: FlagId) -> None:
    """Archive a feature flag: it serves nothing and leaves the list.

    restore_feature_flag brings it back. App API: POST feature-flags/{id}/archive/.
    """
    await session.app.at_project.raw("POST", await _path(session, flag_id, "archive"), {})


@flags.writes(idempotent=True)
async def restore_feature_flag(session: Session, flag_id: FlagId) -> FeatureFlag:
    """Restore an archived feature flag.

    Returns the flag with its status. App API: DELETE feature-flags/{id}/archive/.
    """
    path = await _path(session, flag_id, "archive")
    return await session.app.at_project.delete_returning(path, FeatureFlag)


@flags.writes
async def duplicate_feature_flag(session: Session, flag_id: FlagId) -> FeatureFlag:
    """Copy a feature flag under a key of its own.

    Returns the new flag, with the key that Mixpanel chose. App API: POST
    feature-flags/{id}/duplicate/.
    """
    return await session.app.at_project.post(
        await _path(session, flag_id, "duplicate"), FeatureFlag
    )


@flags.destroys(idempotent=True)
async def set_flag_test_users(
    session: Session,
    flag_id: FlagId,
    users: Annotated[
        dict[str, str],
        Field(description='Variant key to distinct id, e.g. {"On": "user-1"}; {} for none.'),
    ],
) -> None:
    """Replace a flag's test users: who gets which variant whatever the rollout.

    One person for each variant; who was set before is dropped. App API: PUT
    feature-flags/{id}/test-users/.
    """
    path = await _path(session, flag_id, "test-users")
    await session.app.at_project.raw("PUT", path, {}, {"users": users})


@flags.reads
async def get_flag_history(
    session: Session,
    flag_id: FlagId,
    page: Annotated[str, Field(description="Page to fetch, as Mixpanel names it.")] | None = None,
    page_size: Annotated[int, Field(description="Changes on a page.")] | None = None,
) -> FlagHistoryResponse:
    """Fetch who changed a feature flag, when and how.

    Returns a page of changes, each an array, and the count of all. App API: GET
    feature-flags/{id}/history/.
    """
    return await session.app.at_project.get(
        await _path(session, flag_id, "history"),
        FlagHistoryResponse,
        page=page,
        page_size=page_size,
    )


@flags.reads
async def get_flag_limits(session: Session) -> FlagLimitsResponse:
    """Fetch how many feature flags the plan allows and how many are in use.

    App API: GET feature-flags/limits/.
    """
    return await session.app.at_project.get("feature-flags/limits/", FlagLimitsResponse)


async def _path(session: Session, *parts: str) -> str:
    """A path below the flags, which lie under both project and workspace."""
    steps = ("workspaces", str(await resolve_workspace(session)), "feature-flags", *parts)
    return "/".join(steps) + "/"
