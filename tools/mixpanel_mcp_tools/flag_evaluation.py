"""Feature flags as an app gets them: which variant somebody gets, and what the flags say."""

from typing import Annotated, Any

from pydantic import Field

from mixpanel_mcp_core.account_kinds import check_service_account
from mixpanel_mcp_core.fields import TokenInstead
from mixpanel_mcp_core.lenient_json import written
from mixpanel_mcp_core.models.flag_evaluation import FlagContext, FlagDefinitions, ServedFlags
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.outcome import read
from mixpanel_mcp_core.session import Session

flag_evaluation = Toolset("flag_evaluation", "Feature flags as an app gets them")


@flag_evaluation.reads
async def evaluate_flags(
    session: Session,
    context: Annotated[FlagContext, Field(description='Who asks, e.g. {"distinct_id": "user-1"}.')],
    token: TokenInstead | None = None,
) -> ServedFlags:
    """Tell which variant of each enabled feature flag somebody gets, as their app would be told.

    Returns flags by key: variant_key, variant_value, experiment_id, is_experiment_active,
    is_qa_tester; a flag that they do not get is left out. Needs a service account or `token`.
    Errors: QUERY_FAILED for a context that is refused; CONFIG_ERROR. Ingestion API: GET /flags.
    """
    text = written(context).decode()
    return read(await _asked(session, "/flags", token, context=text), ServedFlags)


@flag_evaluation.reads
async def get_flag_definitions(
    session: Session, token: TokenInstead | None = None
) -> FlagDefinitions:
    """Fetch the enabled feature flags as SDKs evaluate them: variants, rollout, test users.

    Returns flags: id, name, key, status, context, ruleset, experiment_id. Others are told by
    list_feature_flags. Needs a service account or `token`. Errors: CONFIG_ERROR. Ingestion API:
    GET /flags/definitions.
    """
    return read(await _asked(session, "/flags/definitions", token), FlagDefinitions)


async def _asked(session: Session, path: str, token: str | None, **query: str) -> Any:
    if token is None:
        check_service_account(session, ", or give the project's `token`")
    return await session.ingest.get(path, token=token, **query)
